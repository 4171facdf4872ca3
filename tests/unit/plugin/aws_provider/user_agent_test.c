/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"
#include "tests/unit/plugin/aws_provider/block_fixture.h"

static void the_user_agent_names_everybody(void **state)
{
    struct block_fixture *fixture = *state;
    struct tf_string products[] = { text("module/2 (a comment)"), { .state = TF_NULL } };
    fixture->block.user_agent = (struct tf_string_list){ TF_KNOWN, products, 2 };
    set_variable(fixture, "TF_APPEND_USER_AGENT= tool/3\r\nHost: evil ");
    configure(fixture);
    assert_str_equal(fixture->configuration->user_agent, "test/1 module/2 (a comment) tool/3  Host: evil");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(the_user_agent_names_everybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
