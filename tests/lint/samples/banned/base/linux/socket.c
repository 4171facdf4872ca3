/* SPDX-License-Identifier: MPL-2.0 */
#include <sys/socket.h>

int os_socket_accept(int listener)
{
    return accept4(listener, 0, 0, SOCK_CLOEXEC);
}
