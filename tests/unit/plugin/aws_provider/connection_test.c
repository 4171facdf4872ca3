/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/aws_provider/identity_fixture.h"

static void a_ca_bundle_that_is_missing_is_named_with_its_remedy(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.custom_ca_bundle = text("/nowhere/corporate.pem");
    start(fixture)->transport = NULL; /* the real one */
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "`custom_ca_bundle`: /nowhere/corporate.pem"));
    assert_non_null(strstr(err_remedy(&err), "PEM"));
}

int main(void)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_init(&err))
        return 1;
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(a_ca_bundle_that_is_missing_is_named_with_its_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
