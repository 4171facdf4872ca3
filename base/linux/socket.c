/* SPDX-License-Identifier: MPL-2.0 */
#include "base/linux/socket.h"

#include <stddef.h>
#include <sys/socket.h>

int os_socket_open(int domain, int type, int protocol)
{
    return socket(domain, type | SOCK_CLOEXEC, protocol);
}

int os_socket_open_local(void)
{
    return os_socket_open(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

int os_socket_accept(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
