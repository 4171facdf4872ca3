/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/plugin/aws_provider/block_fixture.h"

static struct str endpoint_of(const struct block_fixture *fixture, enum aws_service service)
{
    return fixture->configuration->endpoints[service];
}

static void an_empty_block_is_known_and_has_no_region(void **state)
{
    struct block_fixture *fixture = *state;
    configure(fixture);
    assert_true(aws_configuration_is_known(fixture->configuration, NULL));
    assert_int_equal(aws_configuration_region(fixture->configuration).state, TF_NULL);
    assert_int_equal(aws_configuration_default_tags(fixture->configuration)->count, 0);
}

static void a_region_of_the_environment_must_look_like_one(void **state)
{
    struct block_fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    set_variable(fixture, "AWS_REGION=Frankfurt");
    assert_false(aws_configuration_new(fixture->call, &fixture->block, "test/1", &fixture->configuration, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "AWS_REGION is \"Frankfurt\""));
    assert_non_null(strstr(err_remedy(&err), "AWS_REGION"));
}

static void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");
    assert_true(file && fputs(content, file) >= 0 && fclose(file) == 0);
}

static void the_profile_says_what_nobody_else_does(void **state)
{
    struct block_fixture *fixture = *state;
    char path[] = "/tmp/configuration-test-XXXXXX";
    close(mkstemp(path));
    write_file(path, "[profile work]\n"
                     "region = ap-south-1\n"
                     "use_fips_endpoint = true\n"
                     "services = local\n"
                     "endpoint_url = http://127.0.0.1:1\n"
                     "[services local]\n"
                     "rds =\n"
                     "  endpoint_url = http://127.0.0.1:2\n");
    struct tf_string files[] = { text(path) };
    fixture->block.shared_config_files = (struct tf_string_list){ TF_KNOWN, files, 1 };
    fixture->block.profile = text("work");
    configure(fixture);
    unlink(path);
    assert_str_equal(aws_configuration_region(fixture->configuration).value, "ap-south-1");
    assert_true(fixture->configuration->use_fips);
    assert_str_equal(endpoint_of(fixture, AWS_RDS), "http://127.0.0.1:2");
    assert_str_equal(endpoint_of(fixture, AWS_KMS), "http://127.0.0.1:1");
}

static void the_region_is_the_first_that_is_set(void **state)
{
    static const struct {
        const char *argument, *variable, *default_variable;
        const char *region, *set_by; /* the beginning of what set it */
    } rows[] = {
        { "eu-west-1", "AWS_REGION=eu-west-2", "AWS_DEFAULT_REGION=eu-west-3", "eu-west-1",  "`region`"                          },
        { "",          "AWS_REGION=eu-west-2", "AWS_DEFAULT_REGION=eu-west-3", "eu-west-2",  "AWS_REGION"                        },
        { "",          "AWS_REGION=",          "AWS_DEFAULT_REGION=eu-west-3", "eu-west-3",  "AWS_DEFAULT_REGION"                },
        { "",          "AWS_REGION=",          "AWS_DEFAULT_REGION=",          "ap-south-1", "region of the profile \"default\"" },
    };
    struct block_fixture *fixture = *state;
    char path[] = "/tmp/configuration-test-XXXXXX";
    struct tf_string files[] = { text(path) };
    close(mkstemp(path));
    write_file(path, "[default]\nregion = ap-south-1\n");
    fixture->block.shared_config_files = (struct tf_string_list){ TF_KNOWN, files, 1 };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        fixture->block.region = text(rows[i].argument);
        fixture->variables[0] = rows[i].variable;
        fixture->variables[1] = rows[i].default_variable;
        configure(fixture);
        assert_str_equal(aws_configuration_region(fixture->configuration).value, rows[i].region);
        assert_true(str_starts_with(configuration_region_set_by(fixture->configuration), str_from(rows[i].set_by)));
        aws_configuration_free(fixture->configuration);
        fixture->configuration = NULL;
    }
    unlink(path);
}

/* argument, variable, profile -> FIPS, and dual-stack likewise */
static void a_variant_is_asked_for_by_the_argument_or_the_environment_or_the_profile(void **state)
{
    static const struct {
        struct tf_bool argument;
        const char *fips, *dualstack, *profile;
        bool expected;
    } rows[] = {
        { { TF_NULL, false },  "",                            "",                                 "",      false },
        { { TF_KNOWN, true },  "AWS_USE_FIPS_ENDPOINT=false", "AWS_USE_DUALSTACK_ENDPOINT=false", "false", true  },
        { { TF_KNOWN, false }, "AWS_USE_FIPS_ENDPOINT=true",  "AWS_USE_DUALSTACK_ENDPOINT=TRUE",  "",      true  },
        { { TF_NULL, false },  "AWS_USE_FIPS_ENDPOINT=false", "AWS_USE_DUALSTACK_ENDPOINT=False", "true",  false },
        { { TF_NULL, false },  "",                            "",                                 "True",  true  },
        { { TF_NULL, false },  "AWS_USE_FIPS_ENDPOINT=",      "AWS_USE_DUALSTACK_ENDPOINT=",      "true",  true  },
        { { TF_NULL, false },  "",                            "",                                 "yes",   false },
    };
    struct block_fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char path[] = "/tmp/configuration-test-XXXXXX";
        struct tf_string files[] = { text(path) };
        struct str content =
            str_format(fixture->call->arena, "[default]\nuse_fips_endpoint = %s\nuse_dualstack_endpoint = %s\n",
                       rows[i].profile, rows[i].profile);
        close(mkstemp(path));
        write_file(path, content.ptr);
        fixture->block.shared_config_files = (struct tf_string_list){ TF_KNOWN, files, 1 };
        fixture->block.use_fips_endpoint = fixture->block.use_dualstack_endpoint = rows[i].argument;
        fixture->variables[0] = rows[i].fips;
        fixture->variables[1] = rows[i].dualstack;
        configure(fixture);
        unlink(path);
        assert_int_equal(fixture->configuration->use_fips, rows[i].expected);
        assert_int_equal(fixture->configuration->use_dualstack, rows[i].expected);
        aws_configuration_free(fixture->configuration);
        fixture->configuration = NULL;
    }
}

static void a_variable_that_is_neither_true_nor_false_is_refused(void **state)
{
    static const char *const names[] = { "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
                                         "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" };
    struct block_fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        fixture->variables[0] = str_format(fixture->call->arena, "%s=yes", names[i]).ptr;
        assert_false(aws_configuration_new(fixture->call, &fixture->block, "test/1", &fixture->configuration, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_non_null(strstr(err_text(&err), names[i]));
        assert_non_null(strstr(err_text(&err), "\"yes\""));
        assert_true(err_remedy(&err)[0]);
    }
}

static void files_that_are_null_or_empty_are_none(void **state)
{
    struct block_fixture *fixture = *state;
    char path[] = "/tmp/configuration-test-XXXXXX";
    close(mkstemp(path));
    write_file(path, "[default]\nregion = ap-south-1\n");
    struct tf_string files[] = { { .state = TF_NULL }, text(""), text(path) };
    fixture->block.shared_config_files = (struct tf_string_list){ TF_KNOWN, files, 3 };
    configure(fixture);
    unlink(path);
    assert_str_equal(aws_configuration_region(fixture->configuration).value, "ap-south-1");
}

static void an_unknown_argument_that_decides_is_named(void **state)
{
    struct block_fixture *fixture = *state;
    const char *argument = NULL;
    fixture->block.region = text("eu-west-1");
    add_role(fixture, NULL)->role_arn = unknown_text();
    configure(fixture);
    assert_false(aws_configuration_is_known(fixture->configuration, &argument));
    assert_string_equal(argument, "assume_role");
    assert_str_equal(aws_configuration_region(fixture->configuration).value, "eu-west-1");
}

static void an_unknown_setting_of_ec2_metadata_decides_who_calls(void **state)
{
    struct block_fixture *fixture = *state;
    const char *argument = NULL;
    fixture->block.skip_metadata_api_check = unknown_text();
    configure(fixture);
    assert_false(aws_configuration_is_known(fixture->configuration, &argument));
    assert_string_equal(argument, "skip_metadata_api_check");
}

static void the_former_name_of_the_metadata_address_is_warned_of(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "AWS_METADATA_URL=http://169.254.169.254");
    configure(fixture);
    assert_said_at(fixture, "warning", NULL);
    assert_true(is_said(fixture, "Set AWS_EC2_METADATA_SERVICE_ENDPOINT instead"));
}

static void an_address_in_the_block_leaves_nothing_to_warn_of(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "AWS_METADATA_URL=http://169.254.169.254");
    fixture->block.ec2_metadata_service_endpoint = text("http://127.0.0.1:1");
    configure(fixture);
    assert_true(is_silent(fixture));
}

static void an_unknown_profile_leaves_the_region_unknown(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.profile = unknown_text();
    configure(fixture);
    assert_int_equal(aws_configuration_region(fixture->configuration).state, TF_UNKNOWN);
}

static void an_unknown_argument_that_decides_nothing_is_no_obstacle(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.max_retries.state = TF_UNKNOWN;
    fixture->block.s3_us_east_1_regional_endpoint = unknown_text();
    fixture->block.default_tags.state = TF_UNKNOWN;
    configure(fixture);
    assert_true(aws_configuration_is_known(fixture->configuration, NULL));
    assert_int_equal(aws_configuration_default_tags(fixture->configuration)->state, TF_UNKNOWN);
}

static void an_unknown_endpoint_of_a_service_that_is_not_called_is_no_obstacle(void **state)
{
    struct block_fixture *fixture = *state;
    struct endpoints *endpoints = add_endpoints(fixture);
    endpoints->s3 = unknown_text();
    endpoints->rds = text("http://127.0.0.1:1");
    configure(fixture);
    assert_true(aws_configuration_is_known(fixture->configuration, NULL));
    assert_str_equal(endpoint_of(fixture, AWS_RDS), "http://127.0.0.1:1");
}

static void an_unknown_endpoint_of_a_service_that_is_called_is_named(void **state)
{
    struct block_fixture *fixture = *state;
    const char *argument = NULL;
    add_endpoints(fixture)->kms = unknown_text();
    configure(fixture);
    assert_false(aws_configuration_is_known(fixture->configuration, &argument));
    assert_string_equal(argument, "endpoints");
}

static void an_unknown_endpoint_of_sso_is_named(void **state)
{
    struct block_fixture *fixture = *state;
    const char *argument = NULL;
    add_endpoints(fixture)->sso = unknown_text();
    configure(fixture);
    assert_false(aws_configuration_is_known(fixture->configuration, &argument));
    assert_string_equal(argument, "endpoints");
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

static void the_sources_are_told_what_the_block_says(void **state)
{
    static const struct {
        const char *skip;
        enum aws_metadata_switch expected;
    } rows[] = {
        { "",      AWS_METADATA_AS_ENVIRONMENT },
        { "true",  AWS_METADATA_OFF            },
        { "false", AWS_METADATA_ON             },
    };
    struct block_fixture *fixture = *state;
    fixture->block.ec2_metadata_service_endpoint = text("http://127.0.0.1:1");
    fixture->block.ec2_metadata_service_endpoint_mode = text("IPv6");
    fixture->block.use_fips_endpoint = fixture->block.use_dualstack_endpoint = (struct tf_bool){ TF_KNOWN, true };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        fixture->block.skip_metadata_api_check = text(rows[i].skip);
        configure(fixture);
        assert_true(configuration_connect(fixture->configuration, &err));
        const struct aws_credentials_doors *doors = &fixture->configuration->doors;
        assert_int_equal(doors->metadata_switch, rows[i].expected);
        assert_str_equal(doors->metadata_endpoint, "http://127.0.0.1:1");
        assert_str_equal(doors->metadata_mode, "IPv6");
        assert_str_equal(doors->user_agent, "test/1");
        assert_true(doors->use_fips && doors->use_dualstack);
        aws_configuration_free(fixture->configuration);
        fixture->configuration = NULL;
    }
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

static void the_user_agent_names_everybody(void **state)
{
    struct block_fixture *fixture = *state;
    struct tf_string products[] = { text("module/2 (a comment)"), { .state = TF_NULL } };
    fixture->block.user_agent = (struct tf_string_list){ TF_KNOWN, products, 2 };
    set_variable(fixture, "TF_APPEND_USER_AGENT= tool/3\r\nHost: evil ");
    configure(fixture);
    assert_str_equal(fixture->configuration->user_agent, "test/1 module/2 (a comment) tool/3  Host: evil");
}

static void default_tags_join_the_environments(void **state)
{
    struct block_fixture *fixture = *state;
    struct default_tags tags = { .tags.state = TF_KNOWN };
    tf_string_map_put(fixture->call->arena, &tags.tags, STR("team"), text("block"));
    fixture->block.default_tags = (struct tf_blocks_default_tags){ TF_KNOWN, &tags, 1 };
    set_variable(fixture, "TF_AWS_DEFAULT_TAGS_team=environment");
    set_variable(fixture, "TF_AWS_DEFAULT_TAGS_stage=test=1");
    set_variable(fixture, "TF_AWS_DEFAULT_TAGS_=nothing");
    configure(fixture);
    const struct tf_string_map *all = aws_configuration_default_tags(fixture->configuration);
    assert_int_equal(all->count, 2);
    assert_str_equal(tf_string_map_find(all, STR("team"))->value, "block");
    assert_str_equal(tf_string_map_find(all, STR("stage"))->value, "test=1");
}

static void a_default_tag_that_is_null_is_none(void **state)
{
    struct block_fixture *fixture = *state;
    struct default_tags tags = { .tags.state = TF_KNOWN };
    tf_string_map_put(fixture->call->arena, &tags.tags, STR("stage"), (struct tf_string){ 0 });
    tf_string_map_put(fixture->call->arena, &tags.tags, STR("team"), (struct tf_string){ 0 });
    fixture->block.default_tags = (struct tf_blocks_default_tags){ TF_KNOWN, &tags, 1 };
    set_variable(fixture, "TF_AWS_DEFAULT_TAGS_team=environment");
    configure(fixture);
    const struct tf_string_map *all = aws_configuration_default_tags(fixture->configuration);
    assert_int_equal(all->count, 1);
    assert_str_equal(tf_string_map_find(all, STR("team"))->value, "environment");
}

static void tags_are_ignored_by_key_and_by_prefix(void **state)
{
    struct block_fixture *fixture = *state;
    struct ignore_tags ignored = { .keys = set_of(fixture, "exact", NULL),
                                   .key_prefixes = set_of(fixture, "kubernetes.io/", NULL) };
    fixture->block.ignore_tags = (struct tf_blocks_ignore_tags){ TF_KNOWN, &ignored, 1 };
    set_variable(fixture, "TF_AWS_IGNORE_TAGS_KEYS=one, two,");
    configure(fixture);
    static const char *const yes[] = { "exact", "kubernetes.io/cluster", "one", "two" };
    static const char *const no[] = { "", "exactly", "kubernetes", "three" };
    for (size_t i = 0; i < ARRAY_LENGTH(yes); i++)
        assert_true(aws_configuration_ignores_tag(fixture->configuration, str_from(yes[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(no); i++)
        assert_false(aws_configuration_ignores_tag(fixture->configuration, str_from(no[i])));
}

static void half_a_pair_of_the_environment_is_warned_of(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "AWS_SECRET_ACCESS_KEY=secret");
    configure(fixture);
    assert_said_at(fixture, "warning", NULL);
    assert_true(is_said(fixture, "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not"));
}

static void half_a_pair_that_is_not_asked_for_is_not_warned_of(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "AWS_SECRET_ACCESS_KEY=secret");
    fixture->block.profile = text("work");
    configure(fixture);
    assert_true(is_silent(fixture));
}

static void a_profile_goes_before_the_environments_keys_and_says_so(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.profile = text("work");
    set_variable(fixture, "AWS_ACCESS_KEY_ID=AKIA");
    set_variable(fixture, "AWS_SECRET_ACCESS_KEY=secret");
    set_variable(fixture, "AWS_SESSION_TOKEN=token");
    configure(fixture);
    assert_said_at(fixture, "warning", "profile");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(an_empty_block_is_known_and_has_no_region),
        BLOCK_TEST(the_region_is_the_first_that_is_set),
        BLOCK_TEST(a_region_of_the_environment_must_look_like_one),
        BLOCK_TEST(the_profile_says_what_nobody_else_does),
        BLOCK_TEST(a_variant_is_asked_for_by_the_argument_or_the_environment_or_the_profile),
        BLOCK_TEST(a_variable_that_is_neither_true_nor_false_is_refused),
        BLOCK_TEST(files_that_are_null_or_empty_are_none),
        BLOCK_TEST(an_unknown_argument_that_decides_is_named),
        BLOCK_TEST(an_unknown_setting_of_ec2_metadata_decides_who_calls),
        BLOCK_TEST(half_a_pair_of_the_environment_is_warned_of),
        BLOCK_TEST(half_a_pair_that_is_not_asked_for_is_not_warned_of),
        BLOCK_TEST(the_former_name_of_the_metadata_address_is_warned_of),
        BLOCK_TEST(an_address_in_the_block_leaves_nothing_to_warn_of),
        BLOCK_TEST(an_unknown_profile_leaves_the_region_unknown),
        BLOCK_TEST(an_unknown_argument_that_decides_nothing_is_no_obstacle),
        BLOCK_TEST(an_unknown_endpoint_of_a_service_that_is_not_called_is_no_obstacle),
        BLOCK_TEST(an_unknown_endpoint_of_a_service_that_is_called_is_named),
        BLOCK_TEST(an_unknown_endpoint_of_sso_is_named),
        BLOCK_TEST(the_blocks_endpoint_of_sso_is_kept_for_its_source),
        BLOCK_TEST(the_sources_are_told_what_the_block_says),
        BLOCK_TEST(endpoints_come_from_the_block_first),
        BLOCK_TEST(configured_endpoints_can_be_ignored_except_the_blocks),
        BLOCK_TEST(former_names_of_the_sts_endpoint_are_read),
        BLOCK_TEST(the_blocks_endpoint_goes_before_its_former_names),
        BLOCK_TEST(several_endpoints_blocks_add_up),
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
        BLOCK_TEST(the_user_agent_names_everybody),
        BLOCK_TEST(default_tags_join_the_environments),
        BLOCK_TEST(a_default_tag_that_is_null_is_none),
        BLOCK_TEST(tags_are_ignored_by_key_and_by_prefix),
        BLOCK_TEST(a_profile_goes_before_the_environments_keys_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
