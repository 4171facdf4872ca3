/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/url.h"

#include <string.h>

#include "tests/support/harness.h"

/* `expected`: in the error; NULL: none. */
static void assert_problem(bool (*check)(struct str, struct err *), const char *address, const char *expected)
{
    CLEANUP(err_clear) struct err err = { 0 };
    bool accepted = check(str_from(address), &err);
    if (accepted != !expected || (expected && !strstr(err_text(&err), expected)))
        fail_msg("%s: not \"%s\" but \"%s\"", address, expected ? expected : "nothing", err_text(&err));
    assert_true(accepted || (err.kind == ERR_INVALID && err_remedy(&err)[0]));
    assert_null(strstr(err_text(&err), "hush"));
}

static void an_endpoint_is_an_http_url_without_user_query_or_fragment(void **state)
{
    static const char *const rows[][2] = {
        { "https://rds.eu-west-1.amazonaws.com", NULL                                                                                 },
        { "http://127.0.0.1:4566/base/path",     NULL                                                                                 },
        { "http://[::1]:4566",                   NULL                                                                                 },
        { "https://u:hush@h",                    "user or a password"                                                                 },
        { "https://u@h",                         "user or a password"                                                                 },
        { "https://h/path@x",                    "user or a password"                                                                 },
        { "ftp://h",                             "https://"                                                                           },
        { "u:hush",                              "https://"                                                                           },
        { "https://u:hush",                      "port"                                                                               },
        { "https://[hush",                       "IPv6"                                                                               },
        { "h:4566",                              "the endpoint cannot be used: it does not begin with https:// or http:// and a host" },
        { "https://hush,x",                      "host name"                                                                          },
        { "http:/h",                             "https://"                                                                           },
        { "http:///h",                           "https://"                                                                           },
        { "http://",                             "https://"                                                                           },
        { "",                                    "https://"                                                                           },
        { "http://:80",                          "no host"                                                                            },
        { "http://h:port",                       "port"                                                                               },
        { "http://h:70000",                      "port"                                                                               },
        { "http://[::g]",                        "IPv6"                                                                               },
        { "http://a,b",                          "host name"                                                                          },
        { "http://h/a b",                        "blank"                                                                              },
        { "http://h/\x7f",                       "control"                                                                            },
        { "http://h?a=hush",                     "query"                                                                              },
        { "http://h/#a",                         "fragment"                                                                           },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_problem(http_endpoint_check, rows[i][0], rows[i][1]);
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(http_endpoint_check((struct str){ "http://h\0.evil", 14 }, &err));
}

static void a_proxy_may_have_a_user_and_no_scheme(void **state)
{
    static const char *const rows[][2] = {
        { "proxy:3128",                 NULL        },
        { "u:p@proxy:3128",             NULL        },
        { "http://u:p%2F@proxy:3128/",  NULL        },
        { "https://proxy",              NULL        },
        { "socks5h://u:p@[::1]:1080",   NULL        },
        { "http://u:hush@x@proxy:3128", "host name" },
        { "http://u:hush/x@proxy:3128", "port"      },
        { "http://u:1/x@proxy:3128",    "path"      },
        { "http://u:hush#x@proxy:3128", "port"      },
        { "ftp://u:hush@proxy:21",      "scheme"    },
        { "http://u:hush@",             "no host"   },
        { "http://proxy:3128/?q",       "query"     },
        { "http://u:hush @proxy",       "blank"     },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_problem(http_proxy_check, rows[i][0], rows[i][1]);
}

static void a_proxy_is_shown_without_its_user(void **state)
{
    static const char *const rows[][2] = {
        { "http://u:p@proxy:3128", "http://proxy:3128" },
        { "u:p@proxy:3128",        "http://proxy:3128" },
        { "socks5://proxy",        "socks5://proxy"    },
        { "http://u:p@[::1]:1/",   "http://[::1]:1"    },
        { "http://u:p@x@proxy",    ""                  },
        { "",                      ""                  },
    };
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_str_equal(http_proxy_shown(arena, str_from(rows[i][0])), rows[i][1]);
    arena_free(arena);
}

/* An http proxy without a port: libcurl would ask port 1080. */
static void a_proxy_without_a_port_has_its_schemes(void **state)
{
    static const char *const rows[][2] = {
        { "http://proxy",          "http://proxy:80/"        },
        { "proxy",                 "http://proxy:80/"        },
        { "u:p%2F@proxy",          "http://u:p%2F@proxy:80/" },
        { "https://proxy",         "https://proxy:443/"      },
        { "http://u:p@[::1]:3128", "http://u:p@[::1]:3128/"  },
        { "socks5h://u:p@proxy",   "socks5h://u:p@proxy/"    },
        { "http://u:p@x@proxy",    "http://u:p@x@proxy"      },
        { "",                      ""                        },
    };
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_str_equal(http_proxy_with_port(arena, str_from(rows[i][0])), rows[i][1]);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endpoint_is_an_http_url_without_user_query_or_fragment),
        cmocka_unit_test(a_proxy_may_have_a_user_and_no_scheme),
        cmocka_unit_test(a_proxy_is_shown_without_its_user),
        cmocka_unit_test(a_proxy_without_a_port_has_its_schemes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
