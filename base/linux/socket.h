/* SPDX-License-Identifier: MPL-2.0
 *
 * Sockets that no child inherits, not even one that another thread starts at the
 * same moment. -1 and errno on failure. A port without these flags sets them by
 * fcntl.
 */
#ifndef BASE_LINUX_SOCKET_H
#define BASE_LINUX_SOCKET_H

/* unix(7), "abstract": a socket whose name is no file leaves nothing behind,
 * however its process ends. 0 where there is none: the socket is a file then. */
enum { OS_HAS_ABSTRACT_SOCKETS = 1 };

int os_socket_open(int domain, int type, int protocol);
/* For connections on this machine (AF_UNIX); never blocks. */
int os_socket_open_local(void);
/* The next connection that waits, which never blocks either. */
int os_socket_accept(int listener);

#endif
