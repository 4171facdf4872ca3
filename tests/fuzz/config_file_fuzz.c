/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>

#include "aws/credentials/config/endpoint.h"
#include "aws/credentials/config/profile.h"
#include "aws/credentials/config/services.h"
#include "aws/credentials/config/sso_session.h"
#include "tests/fuzz/target.h"
#include "tests/support/fake_files.h"

/* The input is both files; every kind of look-up is made. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const entries[] = { "HOME=/h", NULL };
    struct str text = { (const char *)bytes, size };
    struct fake_file table[] = {
        { "/h/.aws/config", text, ERR_NONE },
        { "/h/.aws/credentials", text, ERR_NONE },
        { 0 }
    };
    const struct env env = { entries };
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options options = { .env = &env, .reader = &reader };
    struct aws_profile_files *files = NULL;
    struct aws_profile_keys keys;
    struct str value;
    struct aws_set_endpoint endpoint;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_profile_files_new(&options, &files, &err))
        return 0;
    struct arena *arena = arena_new();
    if (aws_profile_find_keys(files, STR("default"), &keys) && !aws_profile_exists(files, STR("default")))
        abort();
    if (aws_profile_check(files, arena, STR("p"), &err) != aws_profile_exists(files, STR("p")))
        abort();
    (void)aws_profile_get(files, STR("p"), "region", &value);
    (void)aws_profile_services_get(files, STR("s"), "rds", "endpoint_url", &value);
    if (aws_profile_sso_get(files, STR("s"), "sso_region", &value) &&
        !aws_profile_sso_find(files, arena, STR("s"), &value, &err))
        abort();
    (void)aws_profile_find_endpoint(arena, files, &env, STR("p"), "rds", &endpoint);
    arena_free(arena);
    aws_profile_files_free(files);
    return 0;
}
