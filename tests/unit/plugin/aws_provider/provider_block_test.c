/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/provider_block.h"

#include "plugin/aws_provider/checks.h"
#include "plugin/runtime/model/object.h"
#include "tests/support/model_check.h"
#include "tests/unit/plugin/aws_provider/block_fixture.h"

#define ROLE "arn:aws:iam::111122223333:role/migration"

static void the_model_is_sound(void **state)
{
    (void)state;
    model_check_rows("provider", &aws_provider_block_model);
    model_check_round_trip("provider", &aws_provider_block_model, 1);
    model_check_hostile_input("provider", &aws_provider_block_model, 1);
}

static void an_empty_block_is_accepted(void **state)
{
    struct block_fixture *fixture = *state;
    validate(fixture);
    assert_true(is_silent(fixture));
}

/* Even where two of them would contradict each other. */
static void unknown_values_are_never_an_error(void **state)
{
    struct block_fixture *fixture = *state;
    struct aws_provider_block *block = &fixture->block;
    block->access_key = block->region = block->ec2_metadata_service_endpoint = unknown_text();
    block->allowed_account_ids.state = TF_UNKNOWN;
    block->forbidden_account_ids = set_of(fixture, "111122223333", NULL);
    block->forbidden_account_ids.items[0] = unknown_text();
    add_role(fixture, NULL)->role_arn = unknown_text();
    add_endpoints(fixture)->rds = unknown_text();
    block->secret_key = text("anything");
    validate(fixture);
    assert_true(is_silent(fixture));
}

/* Terraform prints the line that an error points at: it points at no line that may hold a secret. */
static void assert_refused_unseen(struct block_fixture *fixture, const char *name, const char *secret)
{
    assert_refused_at(fixture, NULL);
    assert_true(is_said(fixture, name));
    assert_false(is_said(fixture, secret));
}

static void bad_values_are_refused_at_their_path(void **state)
{
    struct block_fixture *fixture = *state;
    static const struct {
        const char *path;
        size_t offset;
        const char *bad[6];
    } rows[] = {
        { "region",
         offsetof(struct aws_provider_block,                region),
         { "eu-central1", "EU-CENTRAL-1", "eu", "eu-central-1a", "eu--central-1", "-eu-central-1" } },
        { "sts_region", offsetof(struct aws_provider_block, sts_region), { "nowhere", "us east 1" } },
        { "retry_mode", offsetof(struct aws_provider_block, retry_mode), { "hasty" }                },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        for (size_t at = 0; at < ARRAY_LENGTH(rows[i].bad) && rows[i].bad[at]; at++) {
            struct tf_string *member = (struct tf_string *)((char *)&fixture->block + rows[i].offset);
            *member = text(rows[i].bad[at]);
            fake_call_again(fixture->fake);
            validate(fixture);
            assert_refused_at(fixture, rows[i].path);
            *member = (struct tf_string){ 0 };
        }
}

static void proxies_are_addresses(void **state)
{
    struct block_fixture *fixture = *state;
    static const char *const bad[] = { "http://a b:1",     "http://a\n",         "http://u:hush@",
                                       "ftp://u:hush@h:1", "http://u:hu/sh@h:1", "http://u:hush@h:x" };
    static const char *const good[] = { "", "proxy:3128", "http://u:hush@h:1", "socks5h://h:1", "https://[::1]:1/" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        fixture->block.http_proxy = fixture->block.https_proxy = (struct tf_string){ 0 };
        *(i % 2 ? &fixture->block.http_proxy : &fixture->block.https_proxy) = text(bad[i]);
        fake_call_again(fixture->fake);
        validate(fixture);
        assert_refused_unseen(fixture, i % 2 ? "`http_proxy`" : "`https_proxy`", "hu");
    }
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        fixture->block.http_proxy = fixture->block.https_proxy = text(good[i]);
        fake_call_again(fixture->fake);
        validate(fixture);
        assert_true(is_silent(fixture));
    }
}

static void another_region_passes_with_skip_region_validation(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.region = text("moon");
    fixture->block.skip_region_validation = tf_known_bool(true);
    validate(fixture);
    assert_true(is_silent(fixture));
}

static void the_global_endpoint_is_a_region_of_sts_alone(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.sts_region = text("aws-global");
    validate(fixture);
    assert_true(is_silent(fixture));
    fixture->block.region = text("aws-global");
    validate(fixture);
    assert_refused_at(fixture, "region");
}

static void set_texts(const struct tf_model *model, void *object, struct tf_string value)
{
    for (const struct tf_attribute *row = model->attributes; row->name; row++)
        if (row->kind == TF_STRING && !str_equal(str_from(row->name), STR("external_id")))
            *(struct tf_string *)((char *)object + row->offset) = value;
}

/* As modules pass on an optional variable. */
static void an_empty_text_is_none(void **state)
{
    struct block_fixture *fixture = *state;
    struct assume_role_with_web_identity web = { 0 };
    struct assume_role *role = add_role(fixture, NULL);
    set_texts(&aws_provider_block_model, &fixture->block, text(""));
    set_texts(model_find(&aws_provider_block_model, STR("assume_role"))->element, role, text(""));
    role->role_arn = text(ROLE);
    set_texts(model_find(&aws_provider_block_model, STR("assume_role_with_web_identity"))->element, &web, text(""));
    fixture->block.assume_role_with_web_identity =
        (struct tf_blocks_assume_role_with_web_identity){ TF_KNOWN, &web, 1 };
    validate(fixture);
    assert_string_equal(fake_call_said(fixture->fake), "");
}

static void an_empty_external_id_is_refused(void **state)
{
    struct block_fixture *fixture = *state;
    add_role(fixture, ROLE)->external_id = text("");
    validate(fixture);
    assert_refused_unseen(fixture, "`assume_role[0].external_id`", "hush");
}

static void account_ids_have_12_digits(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.allowed_account_ids = set_of(fixture, "111122223333", "11112222333");
    validate(fixture);
    assert_refused_at(fixture, "allowed_account_ids");
}

static struct tf_string_set with_none(struct block_fixture *fixture, const char *text_of_other)
{
    struct tf_string_set ids = set_of(fixture, text_of_other, text_of_other[0] ? "" : NULL);
    for (size_t i = 0; i < ids.count; i++)
        if (str_is_empty(ids.items[i].value) && text_of_other[0])
            ids.items[i] = (struct tf_string){ 0 };
    return ids;
}

static void account_ids_that_are_null_or_empty_are_left_out(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.allowed_account_ids = with_none(fixture, "111122223333");
    validate(fixture);
    assert_true(is_silent(fixture));
}

/* Nothing is guarded then. */
static void a_guard_that_names_no_account_is_said(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.allowed_account_ids = with_none(fixture, "");
    fixture->block.forbidden_account_ids = set_of(fixture, "444455556666", NULL);
    validate(fixture);
    assert_said_at(fixture, "warning", "allowed_account_ids");
}

static void allowed_and_forbidden_exclude_each_other(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.allowed_account_ids = set_of(fixture, "111122223333", NULL);
    fixture->block.forbidden_account_ids = set_of(fixture, "444455556666", NULL);
    validate(fixture);
    assert_refused_at(fixture, "forbidden_account_ids");
}

static void guards_need_the_account_id(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.allowed_account_ids = set_of(fixture, "111122223333", NULL);
    fixture->block.skip_requesting_account_id = tf_known_bool(true);
    validate(fixture);
    assert_true(is_silent(fixture)); /* it is asked for all the same */
    fixture->block.skip_credentials_validation = tf_known_bool(true);
    validate(fixture);
    assert_refused_at(fixture, "skip_requesting_account_id");
}

static void half_a_pair_of_keys_is_refused_without_showing_it(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.secret_key = text("hush-hush");
    validate(fixture);
    assert_refused_unseen(fixture, "`secret_key`", "hush-hush");
}

static void an_access_key_needs_its_secret(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.access_key = text("AKIA");
    fixture->block.secret_key = text("");
    validate(fixture);
    assert_refused_at(fixture, "access_key");
}

static void a_token_needs_keys(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.token = text("hush-hush");
    validate(fixture);
    assert_refused_unseen(fixture, "`token`", "hush-hush");
}

static void a_chain_of_roles_is_checked_role_by_role(void **state)
{
    struct block_fixture *fixture = *state;
    add_role(fixture, ROLE);
    add_role(fixture, "arn:aws:iam::111122223333:user/me");
    validate(fixture);
    assert_refused_at(fixture, "assume_role[1].role_arn");
}

static void an_arn_that_only_looks_like_a_role_s_is_refused(void **state)
{
    static const char *const refused[] = {
        "arn:aws:iam:::role/devops",          "arn:aws:iam::1111:role/devops",     "arn:aws:iam::111122223333:role/",
        "arn:aws:iam::111122223333:role/a b", "arn:aws:iam::111122223333:role/a ", "arn:aws:iam::111122223333:role/a\n",
        " arn:aws:iam::111122223333:role/a",
    };
    struct block_fixture *fixture = *state;
    struct assume_role *role = add_role(fixture, ROLE);
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        role->role_arn = text(refused[i]);
        fake_call_again(fixture->fake);
        validate(fixture);
        assert_refused_at(fixture, "assume_role[0].role_arn");
    }
}

static void a_single_role_without_an_arn_is_said(void **state)
{
    struct block_fixture *fixture = *state;
    struct assume_role *role = add_role(fixture, NULL);
    role->duration = text("15m");
    validate(fixture);
    assert_said_at(fixture, "warning", "assume_role[0]");
    assert_true(is_said(fixture, "dynamic"));
    fake_call_again(fixture->fake);
    role->role_arn = text("");
    validate(fixture);
    assert_said_at(fixture, "warning", "assume_role[0]");
}

static void each_of_several_roles_must_be_named(void **state)
{
    struct block_fixture *fixture = *state;
    add_role(fixture, ROLE);
    add_role(fixture, "");
    validate(fixture);
    assert_refused_at(fixture, "assume_role[1]");
    assert_true(is_said(fixture, "dynamic"));
}

static void sessions_last_from_15_minutes_to_12_hours(void **state)
{
    struct block_fixture *fixture = *state;
    static const struct {
        const char *duration;
        bool good;
    } rows[] = {
        { "15m",    true  },
        { "12h",    true  },
        { "14m59s", false },
        { "12h1s",  false },
        { "3600",   false }
    };
    struct assume_role *role = add_role(fixture, ROLE);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        role->duration = text(rows[i].duration);
        fake_call_again(fixture->fake);
        validate(fixture);
        if (rows[i].good)
            assert_true(is_silent(fixture));
        else
            assert_refused_at(fixture, "assume_role[0].duration");
    }
}

static void external_ids_are_checked_and_not_shown(void **state)
{
    struct block_fixture *fixture = *state;
    add_role(fixture, ROLE)->external_id = text("hush hush");
    validate(fixture);
    assert_refused_unseen(fixture, "`assume_role[0].external_id`", "hush hush");
}

static void session_names_are_checked(void **state)
{
    struct block_fixture *fixture = *state;
    add_role(fixture, ROLE)->session_name = text("two words");
    validate(fixture);
    assert_refused_at(fixture, "assume_role[0].session_name");
}

static void policy_arns_are_checked(void **state)
{
    struct block_fixture *fixture = *state;
    add_role(fixture, ROLE)->policy_arns = set_of(fixture, "arn:aws:iam::aws:policy/ReadOnlyAccess", "ReadOnlyAccess");
    validate(fixture);
    assert_refused_at(fixture, "assume_role[0].policy_arns");
}

static void endpoints_are_urls(void **state)
{
    struct block_fixture *fixture = *state;
    static const char *const bad[] = { "localhost:4566", "ftp://host",   "http://",       "https:///path",
                                       "http://:80",     "http://h?x=1", "http://h#frag", "http://u:p@host",
                                       "http://ho st/",  "://x" };
    static const char *const good[] = { "http://127.0.0.1:4566", "https://rds.example/path", "" };
    struct endpoints *endpoints = add_endpoints(fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        endpoints->rds = text(bad[i]);
        fake_call_again(fixture->fake);
        validate(fixture);
        assert_refused_unseen(fixture, "`endpoints[0].rds`", "u:p");
    }
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        endpoints->rds = text(good[i]);
        fake_call_again(fixture->fake);
        validate(fixture);
        assert_true(is_silent(fixture));
    }
}

static void endpoints_of_services_that_are_not_called_are_no_matter(void **state)
{
    struct block_fixture *fixture = *state;
    struct endpoints *endpoints = add_endpoints(fixture);
    endpoints->s3 = text("http://127.0.0.1:1");
    endpoints->dynamodb = text("not even a URL");
    validate(fixture);
    assert_true(is_silent(fixture));
}

static void endpoints_go_together_with_fips_and_dualstack(void **state)
{
    struct block_fixture *fixture = *state;
    add_endpoints(fixture)->rds = text("http://127.0.0.1:1");
    fixture->block.use_fips_endpoint = fixture->block.use_dualstack_endpoint = tf_known_bool(true);
    validate(fixture);
    assert_true(is_silent(fixture));
}

static void the_settings_of_ec2_metadata_are_checked(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.ec2_metadata_service_endpoint = text("http://[fd00:ec2::254]");
    fixture->block.ec2_metadata_service_endpoint_mode = text("ipv6");
    fixture->block.skip_metadata_api_check = text("True");
    validate(fixture);
    assert_true(is_silent(fixture));
    fixture->block.skip_metadata_api_check = text("yes");
    validate(fixture);
    assert_refused_at(fixture, "skip_metadata_api_check");
}

static void the_address_and_the_mode_of_ec2_metadata_are_checked(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.ec2_metadata_service_endpoint = text("169.254.169.254");
    fixture->block.ec2_metadata_service_endpoint_mode = text("dual");
    validate(fixture);
    assert_true(is_said(fixture, "`ec2_metadata_service_endpoint`: the endpoint cannot be used"));
    assert_true(is_said(fixture, "`ec2_metadata_service_endpoint_mode` is \"dual\""));
}

static void web_identity_takes_one_token(void **state)
{
    struct block_fixture *fixture = *state;
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE),
                                                  .web_identity_token = text("hush-hush"),
                                                  .web_identity_token_file = text("/token") };
    fixture->block.assume_role_with_web_identity =
        (struct tf_blocks_assume_role_with_web_identity){ TF_KNOWN, &role, 1 };
    validate(fixture);
    assert_refused_unseen(fixture, "`web_identity_token`", "hush-hush");
}

static void default_tags_are_checked_by_key(void **state)
{
    struct block_fixture *fixture = *state;
    struct default_tags tags = { .tags.state = TF_KNOWN };
    tf_string_map_put(fixture->call->arena, &tags.tags, STR("aws:mine"), text("x"));
    fixture->block.default_tags = (struct tf_blocks_default_tags){ TF_KNOWN, &tags, 1 };
    validate(fixture);
    assert_refused_at(fixture, "default_tags[0].tags[\"aws:mine\"]");
}

static struct str umlauts(struct block_fixture *fixture, size_t count)
{
    struct str text = STR("");
    while (count--)
        text = str_format(fixture->call->arena, "%.*s\xc3\xbc", STR_ARG(text));
    return text;
}

static void the_length_of_default_tags_is_in_characters(void **state)
{
    struct block_fixture *fixture = *state;
    struct default_tags tags = { .tags.state = TF_KNOWN };
    tf_string_map_put(fixture->call->arena, &tags.tags, umlauts(fixture, 128), tf_known_string(umlauts(fixture, 256)));
    fixture->block.default_tags = (struct tf_blocks_default_tags){ TF_KNOWN, &tags, 1 };
    validate(fixture);
    assert_true(is_silent(fixture));
    tags.tags.items[0].value = tf_known_string(umlauts(fixture, 257));
    validate(fixture);
    assert_true(is_said(fixture, "Invalid tag value"));
}

static void a_default_tag_that_is_null_is_left_out(void **state)
{
    struct block_fixture *fixture = *state;
    struct default_tags tags = { .tags.state = TF_KNOWN };
    tf_string_map_put(fixture->call->arena, &tags.tags, STR("aws:mine"), (struct tf_string){ 0 });
    fixture->block.default_tags = (struct tf_blocks_default_tags){ TF_KNOWN, &tags, 1 };
    validate(fixture);
    assert_true(is_silent(fixture));
}

static void a_user_agent_cannot_break_the_header(void **state)
{
    struct block_fixture *fixture = *state;
    struct tf_string products[] = { text("fine/1"), text("bad\r\nHost: evil") };
    fixture->block.user_agent = (struct tf_string_list){ TF_KNOWN, products, 2 };
    validate(fixture);
    assert_refused_at(fixture, "user_agent[1]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(the_model_is_sound),
        BLOCK_TEST(an_empty_block_is_accepted),
        BLOCK_TEST(unknown_values_are_never_an_error),
        BLOCK_TEST(bad_values_are_refused_at_their_path),
        BLOCK_TEST(proxies_are_addresses),
        BLOCK_TEST(another_region_passes_with_skip_region_validation),
        BLOCK_TEST(the_global_endpoint_is_a_region_of_sts_alone),
        BLOCK_TEST(an_empty_text_is_none),
        BLOCK_TEST(an_empty_external_id_is_refused),
        BLOCK_TEST(account_ids_have_12_digits),
        BLOCK_TEST(account_ids_that_are_null_or_empty_are_left_out),
        BLOCK_TEST(a_guard_that_names_no_account_is_said),
        BLOCK_TEST(allowed_and_forbidden_exclude_each_other),
        BLOCK_TEST(guards_need_the_account_id),
        BLOCK_TEST(half_a_pair_of_keys_is_refused_without_showing_it),
        BLOCK_TEST(an_access_key_needs_its_secret),
        BLOCK_TEST(a_token_needs_keys),
        BLOCK_TEST(a_chain_of_roles_is_checked_role_by_role),
        BLOCK_TEST(an_arn_that_only_looks_like_a_role_s_is_refused),
        BLOCK_TEST(a_single_role_without_an_arn_is_said),
        BLOCK_TEST(each_of_several_roles_must_be_named),
        BLOCK_TEST(sessions_last_from_15_minutes_to_12_hours),
        BLOCK_TEST(external_ids_are_checked_and_not_shown),
        BLOCK_TEST(session_names_are_checked),
        BLOCK_TEST(policy_arns_are_checked),
        BLOCK_TEST(endpoints_are_urls),
        BLOCK_TEST(endpoints_of_services_that_are_not_called_are_no_matter),
        BLOCK_TEST(endpoints_go_together_with_fips_and_dualstack),
        BLOCK_TEST(the_settings_of_ec2_metadata_are_checked),
        BLOCK_TEST(the_address_and_the_mode_of_ec2_metadata_are_checked),
        BLOCK_TEST(web_identity_takes_one_token),
        BLOCK_TEST(default_tags_are_checked_by_key),
        BLOCK_TEST(the_length_of_default_tags_is_in_characters),
        BLOCK_TEST(a_default_tag_that_is_null_is_left_out),
        BLOCK_TEST(a_user_agent_cannot_break_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
