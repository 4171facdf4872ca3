/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/proxy.h"

#include <arpa/inet.h>
#include <string.h>

#include "aws/http/url.h"

DEFINE_CLEANUP(drop_arena, struct arena *, arena_free)

struct address {
    int family; /* AF_UNSPEC: no address */
    unsigned char bytes[sizeof(struct in6_addr)];
};

struct target {
    struct str host, port;
    struct address address; /* of the host */
};

/* An IPv4 address in IPv6 notation is an IPv4 address. */
static struct address parse_address(struct str text)
{
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    struct address four = { .family = AF_UNSPEC };
    struct address six = { .family = AF_INET6 };
    char terminated[INET6_ADDRSTRLEN] = "";
    if (str_is_empty(text) || text.len >= sizeof(terminated))
        return four;
    memcpy(terminated, text.ptr, text.len);
    const bool is_six = inet_pton(AF_INET6, terminated, six.bytes) == 1;
    const bool is_mapped = is_six && memcmp(six.bytes, mapped, sizeof(mapped)) == 0;
    if (is_mapped)
        memcpy(four.bytes, six.bytes + sizeof(mapped), sizeof(struct in_addr));
    if (is_mapped || inet_pton(AF_INET, terminated, four.bytes) == 1)
        four.family = AF_INET;
    return is_six && !is_mapped ? six : four;
}

static bool is_same(const struct address *a, const struct address *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static bool is_loopback(const struct target *target)
{
    static const struct address loopback = { AF_INET6, { [15] = 1 } };
    return str_equal_ignore_case(target->host, STR("localhost")) || is_same(&target->address, &loopback) ||
           (target->address.family == AF_INET && target->address.bytes[0] == 127);
}

/* Of this machine's or container's own AWS agents: EC2 metadata, ECS, EKS Pod Identity. They hand out credentials, and
 * a proxy would answer as another machine. */
static bool is_local_agent(const struct target *target)
{
    static const struct address agents[] = {
        { AF_INET,  { 169, 254, 169, 254 }                        },
        { AF_INET,  { 169, 254, 170, 2 }                          },
        { AF_INET,  { 169, 254, 170, 23 }                         },
        { AF_INET6, { 0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, 0x54 } },
        { AF_INET6, { 0xfd, 0x00, 0x0e, 0xc2, [15] = 0x23 }       },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(agents); i++)
        if (is_same(&target->address, &agents[i]))
            return true;
    return false;
}

/* "10.0.0.0/8", also in IPv6 notation: "::ffff:10.0.0.0/104" */
static bool is_in_block(const struct address *address, struct str block, size_t slash)
{
    const struct str text = str_slice(block, 0, slash);
    const struct address network = parse_address(text);
    const int64_t longest = network.family == AF_INET ? 32 : 128;
    int64_t bits;
    if (network.family == AF_UNSPEC || network.family != address->family ||
        !str_to_int64(str_slice(block, slash + 1, block.len), &bits))
        return false;
    if (network.family == AF_INET && str_find_char(text, ':') >= 0)
        bits -= 96;
    if (bits < 0 || bits > longest)
        return false;
    const size_t whole = (size_t)bits / 8;
    const unsigned mask = 0xff00u >> (bits % 8) & 0xff;
    return memcmp(address->bytes, network.bytes, whole) == 0 &&
           (!mask || ((address->bytes[whole] ^ network.bytes[whole]) & mask) == 0);
}

static bool is_in_domain(struct str host, struct str domain)
{
    if (str_starts_with(domain, STR("*.")))
        domain = str_slice(domain, 1, domain.len);
    const bool only_below = str_starts_with(domain, STR("."));
    const struct str name = str_slice(domain, only_below ? 1 : 0, domain.len);
    const size_t begin = host.len > name.len ? host.len - name.len : 0; /* of the name in the host */
    return begin ? host.ptr[begin - 1] == '.' && str_equal_ignore_case(str_slice(host, begin, host.len), name)
                 : !only_below && str_equal_ignore_case(host, name);
}

/* "host:443", "[::1]:443"; more than one colon without brackets is an IPv6 address. */
static struct str split_port(struct str entry, struct str *out_port)
{
    size_t colon = entry.len;
    while (colon && entry.ptr[colon - 1] != ':')
        colon--;
    const struct str host = str_slice(entry, 0, colon ? colon - 1 : 0);
    const bool has_brackets = str_starts_with(host, STR("[")) && str_ends_with(host, STR("]"));
    const bool has_port = colon && (has_brackets || str_find_char(host, ':') < 0);
    *out_port = has_port ? str_slice(entry, colon, entry.len) : STR("");
    return http_without_brackets(has_port ? host : entry);
}

static bool is_excepted_by(struct str entry, const struct target *target)
{
    const ptrdiff_t slash = str_find_char(entry, '/');
    if (str_equal(entry, STR("*")))
        return true;
    if (slash >= 0)
        return is_in_block(&target->address, entry, (size_t)slash);
    struct str port;
    const struct str host = split_port(entry, &port);
    const struct address address = parse_address(host);
    const bool is_host = address.family == AF_UNSPEC ? !str_is_empty(host) && is_in_domain(target->host, host)
                                                     : is_same(&address, &target->address);
    return is_host && (str_is_empty(port) || str_equal(port, target->port));
}

bool http_is_direct(struct str url, struct str no_proxy)
{
    CLEANUP(drop_arena) struct arena *arena = arena_new();
    struct target target;
    struct str rest = no_proxy;
    struct str entry;
    if (!http_host_and_port(arena, url, &target.host, &target.port))
        return false;
    target.address = parse_address(target.host);
    if (is_loopback(&target) || is_local_agent(&target))
        return true;
    while (str_next(&rest, ',', &entry))
        if (is_excepted_by(str_trim(entry), &target))
            return true;
    return false;
}
