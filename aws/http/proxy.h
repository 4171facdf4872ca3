/* SPDX-License-Identifier: MPL-2.0
 *
 * Which requests go past the proxy. libcurl's CURLOPT_NOPROXY knows no ports and
 * sends requests to the loopback through a proxy; these are the rules of Go's
 * golang.org/x/net/http/httpproxy, by which hashicorp/aws decides, but that no
 * credentials of this machine's own agents pass a proxy.
 */
#ifndef AWS_HTTP_PROXY_H
#define AWS_HTTP_PROXY_H

#include "base/str.h"

/* `no_proxy`, separated by commas: hosts and domains ("example.com" with all
 * below it, ".example.com" and "*.example.com" only those below), IP addresses,
 * each with or without a port; CIDR blocks; "*". Never proxied are the
 * loopback, and the addresses of the EC2 metadata service and of the container
 * agents (ECS, EKS). */
bool http_is_direct(struct str url, struct str no_proxy);

#endif
