/* SPDX-License-Identifier: MPL-2.0
 *
 * The session of `aws login`: keys that the AWS CLI keeps in a file and renews whenever it is run. They are read at
 * each fetch and never renewed from here: that takes the CLI's private key, and what it leaves is the CLI's to write.
 */
#include "aws/credentials/profile/cli_file.h"
#include "aws/credentials/profile/way.h"
#include "aws/crypto.h"

struct login_source {
    struct arena *arena;
    const struct aws_credentials_doors *doors;
    struct cli_file file;
    const char *label;   /* login_session of the profile "work" (/home/x/.aws/config, line 2) */
    const char *renewal; /* for a person */
};

struct keys {
    struct str access_key_id, secret_access_key, session_token, expires_at;
};

struct content {
    struct keys keys;
};

static const struct wire_row keys_rows[] = {
    WIRE_BOTH(struct keys, access_key_id, "accessKeyId"),
    WIRE_BOTH(struct keys, secret_access_key, "secretAccessKey"),
    WIRE_BOTH(struct keys, session_token, "sessionToken"),
    WIRE_BOTH(struct keys, expires_at, "expiresAt"),
    WIRE_END,
};

static const struct wire_row content_rows[] = {
    WIRE_NESTED(struct content, keys, keys_rows, "accessToken"),
    WIRE_END,
};

static bool look(const struct login_source *source, struct arena *arena, struct keys *out, int64_t *out_expires_wall_ms,
                 struct err *err)
{
    const struct wire_json shape = { .rows = content_rows, .out_size = sizeof(struct content) };
    const struct cli_file *file = &source->file;
    struct content content = { 0 };
    const struct keys *keys = &content.keys;
    struct str text;
    if (!cli_file_read(file, source->doors->reader, arena, &text, err) ||
        !cli_file_parse(file, arena, text, &shape, &content, err) ||
        !cli_file_check(file, "accessToken.accessKeyId", keys->access_key_id, err) ||
        !cli_file_check(file, "accessToken.secretAccessKey", keys->secret_access_key, err) ||
        !cli_file_check(file, "accessToken.sessionToken", keys->session_token, err) ||
        !cli_file_time(file, "accessToken.expiresAt", keys->expires_at, out_expires_wall_ms, err))
        return false;
    *out = *keys;
    return true;
}

static bool look_until_whole(const struct login_source *source, const struct aws_credentials_call *call,
                             struct keys *out, int64_t *out_expires_wall_ms, struct err *err)
{
    for (int looks = 1;; looks++) {
        if (look(source, call->arena, out, out_expires_wall_ms, err))
            return true;
        if (err->kind != ERR_INVALID || !cli_file_pause(call, looks))
            return cli_file_ask_for_login(&source->file, err);
    }
}

static bool login_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                        struct err *err)
{
    const struct login_source *source = self;
    struct keys keys = { 0 };
    int64_t expires_wall_ms = 0;
    if (!look_until_whole(source, call, &keys, &expires_wall_ms, err))
        return false;
    if (expires_wall_ms <= clock_wall_ms(source->doors->clock)) {
        (void)cli_file_refuse_expired(&source->file, call->arena, expires_wall_ms, err);
        (void)cli_file_ask_for_login(&source->file, err);
        err_add_remedy(err, "Within the hours of the session, any other aws command with that profile renews the keys, "
                            "too.");
        return false;
    }
    *out = (struct aws_credentials){
        .access_key_id = keys.access_key_id,
        .secret_access_key = keys.secret_access_key,
        .session_token = keys.session_token,
        .expires_wall_ms = expires_wall_ms,
        .ends_wall_ms = expires_wall_ms,
        .renewal = source->renewal,
        .kind = "login",
        .source = source->label,
    };
    return true;
}

static void login_free(void *self)
{
    struct login_source *source = self;
    arena_free(source->arena);
    mem_free(source);
}

static struct cli_file find_file(struct arena *arena, const struct profile_opening *opening)
{
    const struct env *env = opening->doors->env;
    struct str session = STR("");
    struct str folder = STR("~/.aws/login/cache");
    unsigned char hash[CRYPTO_SHA256_BYTES];
    (void)aws_profile_get(opening->files, opening->profile, "login_session", &session);
    (void)env_find(env, "AWS_LOGIN_CACHE_DIRECTORY", &folder);
    crypto_sha256(str_trim(session), hash);
    struct cli_file file = cli_file_at(arena, env, folder, crypto_hex(arena, hash, sizeof(hash)));
    file.what = "login session";
    file.whose = aws_profile_label(arena, opening->profile);
    file.login = profile_command(arena, "aws login", opening->profile);
    return file;
}

bool profile_open_login(const struct profile_opening *opening, struct aws_credentials_source *out, struct err *err)
{
    struct login_source *source = mem_alloc(sizeof(*source));
    (void)err;
    source->arena = arena_new();
    source->doors = opening->doors;
    source->file = find_file(source->arena, opening);
    source->label = str_c(source->arena, str_from(profile_key_label(opening, "login_session")));
    source->renewal = str_format(source->arena, "run %s, or any aws command with that profile", source->file.login).ptr;
    *out = (struct aws_credentials_source){ .fetch = login_fetch, .free = login_free, .self = source };
    return true;
}
