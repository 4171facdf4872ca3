/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/plugin/aws_provider/block_fixture.h"

static struct str endpoint_of(const struct block_fixture *fixture, enum aws_service service)
{
    return fixture->configuration->endpoints[service];
}

static void the_blocks_endpoint_of_sso_is_kept_for_its_source(void **state)
{
    struct block_fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    add_endpoints(fixture)->sso = text("http://127.0.0.1:1");
    set_variable(fixture, "AWS_ENDPOINT_URL_SSO=http://127.0.0.1:2");
    set_variable(fixture, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true");
    configure(fixture);
    assert_true(configuration_connect(fixture->configuration, &err));
    assert_str_equal(fixture->configuration->doors.sso_endpoint, "http://127.0.0.1:1");
}

static void endpoints_come_from_the_block_first(void **state)
{
    struct block_fixture *fixture = *state;
    add_endpoints(fixture)->rds = text("http://127.0.0.1:1");
    set_variable(fixture, "AWS_ENDPOINT_URL_RDS=http://127.0.0.1:2");
    set_variable(fixture, "AWS_ENDPOINT_URL=http://127.0.0.1:3");
    configure(fixture);
    assert_str_equal(endpoint_of(fixture, AWS_RDS), "http://127.0.0.1:1");
    assert_str_equal(endpoint_of(fixture, AWS_KMS), "http://127.0.0.1:3");
}

static void configured_endpoints_can_be_ignored_except_the_blocks(void **state)
{
    struct block_fixture *fixture = *state;
    add_endpoints(fixture)->rds = text("http://127.0.0.1:1");
    set_variable(fixture, "AWS_ENDPOINT_URL=http://127.0.0.1:3");
    set_variable(fixture, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true");
    configure(fixture);
    assert_str_equal(endpoint_of(fixture, AWS_RDS), "http://127.0.0.1:1");
    assert_str_equal(endpoint_of(fixture, AWS_STS), "");
}

static void former_names_of_the_sts_endpoint_are_read(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "TF_AWS_STS_ENDPOINT=http://127.0.0.1:1");
    configure(fixture);
    assert_str_equal(endpoint_of(fixture, AWS_STS), "http://127.0.0.1:1");
    assert_str_equal(endpoint_of(fixture, AWS_RDS), "");
}

static void the_blocks_endpoint_goes_before_its_former_names(void **state)
{
    struct block_fixture *fixture = *state;
    add_endpoints(fixture)->sts = text("http://127.0.0.1:1");
    set_variable(fixture, "TF_AWS_STS_ENDPOINT=http://127.0.0.1:2");
    configure(fixture);
    assert_str_equal(endpoint_of(fixture, AWS_STS), "http://127.0.0.1:1");
}

static void several_endpoints_blocks_add_up(void **state)
{
    struct block_fixture *fixture = *state;
    struct endpoints blocks[2] = { 0 };
    blocks[0].rds = text("http://127.0.0.1:1");
    blocks[1].kms = text("http://127.0.0.1:2");
    fixture->block.endpoints = (struct tf_blocks_endpoints){ TF_KNOWN, blocks, 2 };
    configure(fixture);
    assert_str_equal(endpoint_of(fixture, AWS_RDS), "http://127.0.0.1:1");
    assert_str_equal(endpoint_of(fixture, AWS_KMS), "http://127.0.0.1:2");
}

static void what_is_trusted_reaches_the_transport(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.insecure = (struct tf_bool){ TF_KNOWN, true };
    set_variable(fixture, "AWS_CA_BUNDLE=/etc/corporate.pem");
    configure(fixture);
    assert_true(fixture->configuration->http_options.insecure);
    assert_str_equal(fixture->configuration->http_options.ca_bundle_file, "/etc/corporate.pem");
    assert_string_equal(fixture->configuration->http_options.ca_bundle_name, "AWS_CA_BUNDLE");
}

static void an_http_proxy_serves_https_too_and_says_so(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.http_proxy = text("http://user:hush-hush@proxy:3128");
    configure(fixture);
    assert_str_equal(fixture->configuration->http_options.https_proxy, "http://user:hush-hush@proxy:3128");
    assert_said_at(fixture, "warning", NULL); /* Terraform prints the line that a warning points at */
    assert_false(is_said(fixture, "hush-hush"));
}

static void an_empty_https_proxy_means_none(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.http_proxy = text("http://proxy:3128");
    fixture->block.https_proxy = text("");
    set_variable(fixture, "HTTPS_PROXY=http://other:3128");
    configure(fixture);
    assert_str_equal(fixture->configuration->http_options.https_proxy, "");
    assert_true(is_silent(fixture));
}

static void proxies_come_from_the_environment_in_both_cases(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "http_proxy=http://lower:1");
    set_variable(fixture, "HTTPS_PROXY=http://upper:1");
    set_variable(fixture, "no_proxy=localhost");
    configure(fixture);
    const struct http_curl_options *options = &fixture->configuration->http_options;
    assert_str_equal(options->http_proxy, "http://lower:1");
    assert_str_equal(options->https_proxy, "http://upper:1");
    assert_str_equal(options->no_proxy, "localhost");
}

static void of_the_two_cases_of_a_proxy_the_capitals_go_first(void **state)
{
    struct block_fixture *fixture = *state;
    static const char *const entries[] = { "http_proxy=http://lower:1",  "HTTP_PROXY=http://upper:1",
                                           "https_proxy=http://lower:2", "HTTPS_PROXY=http://upper:2",
                                           "no_proxy=lower.example",     "NO_PROXY=upper.example" };
    for (size_t i = 0; i < ARRAY_LENGTH(entries); i++)
        set_variable(fixture, entries[i]);
    configure(fixture);
    const struct http_curl_options *options = &fixture->configuration->http_options;
    assert_str_equal(options->http_proxy, "http://upper:1");
    assert_str_equal(options->https_proxy, "http://upper:2");
    assert_str_equal(options->no_proxy, "upper.example");
}

static void an_empty_no_proxy_leaves_it_to_the_environment(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.no_proxy = text("");
    set_variable(fixture, "NO_PROXY=internal.example");
    configure(fixture);
    assert_str_equal(fixture->configuration->http_options.no_proxy, "internal.example");
}

static void assert_not_configured(struct block_fixture *fixture, const char *name)
{
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(aws_configuration_new(fixture->call, &fixture->block, "test/1", &fixture->configuration, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    if (!strstr(err_text(&err), name) || strstr(err_text(&err), "hush") || !err_remedy(&err)[0])
        fail_msg("not about %s: %s. %s", name, err_text(&err), err_remedy(&err));
    assert_false(is_said(fixture, "hush"));
}

static void an_address_that_cannot_be_used_is_refused_by_what_sets_it(void **state)
{
    struct block_fixture *fixture = *state;
    static const char *const entries[][2] = {
        { "HTTP_PROXY=http://u:hush/1@h:1",         "HTTP_PROXY"           },
        { "http_proxy=http://u:hush@h:x",           "http_proxy"           },
        { "https_proxy=ftp://u:hush@h",             "https_proxy"          },
        { "AWS_ENDPOINT_URL_IAM=http://u:hush@h:1", "AWS_ENDPOINT_URL_IAM" },
        { "AWS_ENDPOINT_URL=http://h/?hush",        "AWS_ENDPOINT_URL"     },
        { "AWS_STS_ENDPOINT=ftp://u:hush@h",        "AWS_STS_ENDPOINT"     },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(entries); i++) {
        fixture->variables[0] = entries[i][0];
        assert_not_configured(fixture, entries[i][1]);
    }
    fixture->variables[0] = NULL;
    add_endpoints(fixture)->kms = text("https://u:hush@h");
    assert_not_configured(fixture, "`kms` of `endpoints`");
    add_endpoints(fixture)->sso = text("https://u:hush@h");
    assert_not_configured(fixture, "`sso` of `endpoints`");
}

static void the_ca_bundle_is_the_arguments_before_the_environments(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "AWS_CA_BUNDLE=/environment.pem");
    fixture->block.custom_ca_bundle = text("/argument.pem");
    configure(fixture);
    assert_str_equal(fixture->configuration->http_options.ca_bundle_file, "/argument.pem");
    assert_string_equal(fixture->configuration->http_options.ca_bundle_name, "`custom_ca_bundle`");
}

static void the_ca_bundle_may_be_in_the_profile(void **state)
{
    struct block_fixture *fixture = *state;
    char path[] = "/tmp/configuration-test-XXXXXX";
    struct tf_string files[] = { text(path) };
    close(mkstemp(path));
    write_file(path, "[default]\nca_bundle = ~/profile.pem\n");
    fixture->block.shared_config_files = (struct tf_string_list){ TF_KNOWN, files, 1 };
    set_variable(fixture, "HOME=/home/me");
    configure(fixture);
    assert_str_equal(fixture->configuration->http_options.ca_bundle_file, "/home/me/profile.pem");
    assert_non_null(
        strstr(fixture->configuration->http_options.ca_bundle_name, "ca_bundle of the profile \"default\""));
    aws_configuration_free(fixture->configuration);
    set_variable(fixture, "AWS_CA_BUNDLE=/environment.pem");
    configure(fixture);
    unlink(path);
    assert_str_equal(fixture->configuration->http_options.ca_bundle_file, "/environment.pem");
    assert_string_equal(fixture->configuration->http_options.ca_bundle_name, "AWS_CA_BUNDLE");
}

static void paths_of_arguments_are_expanded(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "HOME=/home/me");
    fixture->block.custom_ca_bundle = text("~/corporate.pem");
    configure(fixture);
    assert_str_equal(fixture->configuration->http_options.ca_bundle_file, "/home/me/corporate.pem");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(endpoints_come_from_the_block_first),
        BLOCK_TEST(configured_endpoints_can_be_ignored_except_the_blocks),
        BLOCK_TEST(former_names_of_the_sts_endpoint_are_read),
        BLOCK_TEST(the_blocks_endpoint_goes_before_its_former_names),
        BLOCK_TEST(several_endpoints_blocks_add_up),
        BLOCK_TEST(the_blocks_endpoint_of_sso_is_kept_for_its_source),
        BLOCK_TEST(what_is_trusted_reaches_the_transport),
        BLOCK_TEST(of_the_two_cases_of_a_proxy_the_capitals_go_first),
        BLOCK_TEST(an_http_proxy_serves_https_too_and_says_so),
        BLOCK_TEST(an_empty_https_proxy_means_none),
        BLOCK_TEST(proxies_come_from_the_environment_in_both_cases),
        BLOCK_TEST(an_empty_no_proxy_leaves_it_to_the_environment),
        BLOCK_TEST(an_address_that_cannot_be_used_is_refused_by_what_sets_it),
        BLOCK_TEST(the_ca_bundle_is_the_arguments_before_the_environments),
        BLOCK_TEST(the_ca_bundle_may_be_in_the_profile),
        BLOCK_TEST(paths_of_arguments_are_expanded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
