/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/proxy.h"

#include "tests/support/harness.h"

struct row {
    const char *url, *no_proxy;
    bool direct;
};

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (http_is_direct(str_from(rows[i].url), str_from(rows[i].no_proxy)) != rows[i].direct)
            fail_msg("%s with \"%s\"", rows[i].url, rows[i].no_proxy);
}

static void the_loopback_is_never_proxied(void **state)
{
    static const struct row rows[] = {
        { "http://localhost:4566",               "", true  },
        { "https://LOCALHOST",                   "", true  },
        { "http://127.0.0.1:4566",               "", true  },
        { "http://127.9.8.7/path",               "", true  },
        { "http://[::1]:4566",                   "", true  },
        { "http://[::ffff:127.0.0.1]",           "", true  },
        { "http://localhost.example",            "", false },
        { "http://128.0.0.1",                    "", false },
        { "http://[::2]",                        "", false },
        { "https://rds.eu-west-1.amazonaws.com", "", false },
    };
    (void)state;
    check(rows, ARRAY_LENGTH(rows));
}

static void what_hands_out_credentials_on_this_machine_is_never_proxied(void **state)
{
    static const struct row rows[] = {
        { "http://169.254.169.254/latest/api/token", "", true  }, /* EC2 */
        { "http://169.254.169.254:80",               "", true  },
        { "http://[::ffff:169.254.169.254]",         "", true  },
        { "http://[fd00:ec2::254]/latest",           "", true  },
        { "http://[FD00:0EC2:0::254]",               "", true  },
        { "http://169.254.170.2/v2/credentials",     "", true  }, /* ECS */
        { "http://169.254.170.23/v1/credentials",    "", true  }, /* EKS Pod Identity */
        { "http://[fd00:ec2::23]/v1/credentials",    "", true  },
        { "http://169.254.169.253",                  "", false },
        { "http://169.254.170.3",                    "", false },
        { "http://[fd00:ec2::253]",                  "", false },
        { "http://169.254.169.254.example",          "", false },
    };
    (void)state;
    check(rows, ARRAY_LENGTH(rows));
}

static void a_domain_covers_itself_and_what_is_below(void **state)
{
    static const struct row rows[] = {
        { "https://example.com",     "example.com",            true  },
        { "https://a.b.EXAMPLE.com", "Example.COM",            true  },
        { "https://notexample.com",  "example.com",            false },
        { "https://example.com",     ".example.com",           false },
        { "https://a.example.com",   ".example.com",           true  },
        { "https://example.com",     "*.example.com",          false },
        { "https://a.example.com",   "*.example.com",          true  },
        { "https://a.example.com",   "x.none, example.com ,y", true  },
        { "https://a.example.com",   "x.none example.com",     false },
        { "https://anything",        "*",                      true  },
        { "https://anything",        "",                       false },
        { "https://anything",        ",,:,:80,[],/,*.,.",      false },
        { "no address",              "*",                      false },
    };
    (void)state;
    check(rows, ARRAY_LENGTH(rows));
}

static void a_port_narrows_an_entry(void **state)
{
    static const struct row rows[] = {
        { "https://example.com",     "example.com:443",  true  },
        { "http://example.com",      "example.com:443",  false },
        { "http://example.com",      "example.com:80",   true  },
        { "http://example.com:8080", "example.com:8080", true  },
        { "http://a.example.com:81", ".example.com:81",  true  },
        { "http://10.1.2.3:81",      "10.1.2.3:81",      true  },
        { "http://10.1.2.3:82",      "10.1.2.3:81",      false },
        { "http://[2001:db8::1]:81", "[2001:db8::1]:81", true  },
        { "http://[2001:db8::1]:82", "[2001:db8::1]:81", false },
    };
    (void)state;
    check(rows, ARRAY_LENGTH(rows));
}

static void addresses_are_compared_as_addresses(void **state)
{
    static const struct row rows[] = {
        { "http://10.1.2.3",      "10.1.2.3",      true  },
        { "http://[2001:db8::1]", "2001:db8:0::1", true  },
        { "http://[2001:db8::1]", "[2001:db8::1]", true  },
        { "http://[2001:db8::1]", "2001:db8::2",   false },
        { "http://10.1.2.3",      "10.0.0.0/8",    true  },
        { "http://11.1.2.3",      "10.0.0.0/8",    false },
        { "http://172.31.0.1",    "172.16.0.0/12", true  },
        { "http://172.32.0.1",    "172.16.0.0/12", false },
        { "http://10.1.2.3",      "0.0.0.0/0",     true  },
        { "http://10.1.2.3",      "10.1.2.3/32",   true  },
        { "http://10.1.2.4",      "10.1.2.3/32",   false },
        { "http://10.1.2.3",      "10.0.0.0/33",   false },
        { "http://10.1.2.3",      "10.0.0.0/x",    false },
        { "http://10.1.2.3",      "::/0",          false },
        { "http://[2001:db8::1]", "2001:db8::/32", true  },
        { "http://[2001:db9::1]", "2001:db8::/32", false },
        { "http://a.example",     "10.0.0.0/8",    false },
    };
    (void)state;
    check(rows, ARRAY_LENGTH(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loopback_is_never_proxied),
        cmocka_unit_test(what_hands_out_credentials_on_this_machine_is_never_proxied),
        cmocka_unit_test(a_domain_covers_itself_and_what_is_below),
        cmocka_unit_test(a_port_narrows_an_entry),
        cmocka_unit_test(addresses_are_compared_as_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
