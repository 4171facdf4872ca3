/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>
#include <string.h>

#include "aws/credentials/profile/sso_token.h"
#include "aws/credentials/profile/way.h"
#include "tests/fuzz/target.h"
#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"

#define SSO_FILE "/h/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json" /* of "corp" */
#define LOGIN_FILE "/h/.aws/login/cache/043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89.json" /* "s" */

static const char config[] = "[profile p]\nlogin_session = s\n";

static void must_be_an_error(const struct err *err)
{
    if (err->kind != ERR_INVALID && err->kind != ERR_DENIED && err->kind != ERR_IO)
        abort();
}

/* What it gives can go into a header; what it has written can be read, and needs no second renewal. */
static void renew(struct credentials_world *world, const struct fake_writer *writer)
{
    const struct sso_token_options options = {
        .doors = &world->doors, .name = STR("corp"), .oidc_url = STR("https://o"), .whose = "p", .login = "l"
    };
    struct sso_token_file *file = sso_token_file_new(&options);
    struct sso_token token;
    struct sso_token again;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!sso_token_file_get(file, &world->call, &token, &err)) {
        must_be_an_error(&err);
    } else {
        for (size_t i = 0; i < token.access_token.len; i++)
            if (token.access_token.ptr[i] <= ' ' || token.access_token.ptr[i] > '~')
                abort();
        if (str_is_empty(token.access_token) || token.expires_wall_ms <= world->clock.wall_ms)
            abort();
        if (writer->written && (!sso_token_file_get(file, &world->call, &again, &err) ||
                                memcmp(again.mark, token.mark, sizeof(token.mark)) != 0))
            abort();
    }
    sso_token_file_free(file);
}

static void read_login(struct credentials_world *world)
{
    const struct aws_profile_files_options options = { .env = world->doors.env, .reader = world->doors.reader };
    struct aws_profile_files *files = NULL;
    struct aws_credentials_source source = { 0 };
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_profile_files_new(&options, &files, &err))
        abort();
    const struct profile_opening opening = {
        .doors = &world->doors, .files = files, .profile = STR("p"), .selected = STR("p"), .arena = world->arena
    };
    if (!profile_open_login(&opening, &source, &err))
        abort();
    if (!source.fetch(source.self, &world->call, &got, &err))
        must_be_an_error(&err);
    aws_credentials_source_clear(&source);
    aws_profile_files_free(files);
}

/* The input is the file of either, and what the OIDC service answers. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const entries[] = { "HOME=/h", NULL };
    static const struct env env = { entries };
    const struct str text = { (const char *)bytes, size };
    const struct fake_answer answer = { .status = 200, .text = "", .body = text, .repeats = REPEATS_FOR_EVER };
    struct fake_file table[] = {
        { "/h/.aws/config", { config, sizeof(config) - 1 }, ERR_NONE },
        { SSO_FILE, text, ERR_NONE },
        { LOGIN_FILE, text, ERR_NONE },
        { 0 }
    };
    struct credentials_world *world = credentials_world_new();
    const struct file_reader reader = fake_files_reader(table);
    struct fake_writer writer;
    fake_writer_init(&writer, table, world->arena);
    world->doors.env = &env;
    world->doors.reader = &reader;
    world->doors.writer = &writer.writer;
    fake_transport_script(&world->transport, &answer, 1);
    renew(world, &writer);
    read_login(world);
    credentials_world_free(world);
    return 0;
}
