/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/profile/cli_file.h"

#include "aws/time.h"

enum { FILE_MAX_BYTES = 64 * 1024, FIRST_PAUSE_MS = 100 };

struct cli_file cli_file_at(struct arena *arena, const struct env *env, struct str folder, struct str hash)
{
    const struct str path = str_format(arena, "%.*s/%.*s.json", STR_ARG(folder), STR_ARG(hash));
    struct cli_file file = { .path = aws_expand_path(arena, env, path) };
    file.shown = str_c(arena, str_printable(arena, file.path));
    return file;
}

bool cli_file_read(const struct cli_file *file, const struct file_reader *reader, struct arena *arena, struct str *out,
                   struct err *err)
{
    if (file_read(reader, arena, file->path, FILE_MAX_BYTES, out, err))
        return true;
    if (err->kind != ERR_NOT_FOUND)
        return err_wrap(err, "reading the %s of %s", file->what, file->whose);
    return err_set(err, ERR_DENIED, "there is no %s for %s: %s is missing", file->what, file->whose, file->shown);
}

bool cli_file_parse(const struct cli_file *file, struct arena *arena, struct str text, const struct wire_json *shape,
                    void *out, struct err *err)
{
    CLEANUP(err_clear) struct err failure = { 0 }; /* it may quote the file */
    return wire_json_read(arena, text, shape, out, &failure) ||
           err_set(err, ERR_INVALID, "%s is not a token file as the AWS CLI writes it", file->shown);
}

bool cli_file_check(const struct cli_file *file, const char *name, struct str value, struct err *err)
{
    return !str_is_empty(value) || err_set(err, ERR_INVALID, "%s has no %s", file->shown, name);
}

bool cli_file_time(const struct cli_file *file, const char *name, struct str value, int64_t *out_wall_ms,
                   struct err *err)
{
    return cli_file_check(file, name, value, err) &&
           (aws_time_parse_zoned(value, out_wall_ms) ||
            err_set(err, ERR_INVALID, "the %s in %s is not a time as the AWS CLI writes it", name, file->shown));
}

/* Of the world's time: others write the file in it. */
bool cli_file_pause(const struct aws_credentials_call *call, int looks)
{
    CLEANUP(err_clear) struct err stopped = { 0 };
    if (looks >= CLI_FILE_LOOKS)
        return false;
    const int64_t pause_ms = (int64_t)FIRST_PAUSE_MS << (looks - 1);
    return waiter_pause(call->waiter, clock_after_real_ms(waiter_clock(call->waiter), pause_ms), &stopped);
}

bool cli_file_refuse_expired(const struct cli_file *file, struct arena *arena, int64_t expired_wall_ms, struct err *err)
{
    const struct str when = aws_time_text(arena, expired_wall_ms);
    return err_set(err, ERR_DENIED, "the %s of %s expired at %.*s (%s)", file->what, file->whose, STR_ARG(when),
                   file->shown);
}

bool cli_file_ask_for_login(const struct cli_file *file, struct err *err)
{
    if (err->kind == ERR_DENIED || err->kind == ERR_INVALID)
        err_set_remedy(err, "Run `%s`, then try again.", file->login);
    return false;
}
