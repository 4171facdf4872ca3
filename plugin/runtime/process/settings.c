/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/home.h"
#include "plugin/runtime/limits.h"
#include "plugin/runtime/process/command.h"
#include "plugin/runtime/process/handshake.h"
#include "plugin/runtime/process/version.h"

void settings_say(struct str text)
{
    for (size_t sent = 0; sent < text.len;) {
        const ssize_t written = write(STDERR_FILENO, text.ptr + sent, text.len - sent);
        if (written <= 0)
            return; /* nobody to tell */
        sent += (size_t)written;
    }
}

/* ---- By hand ---------------------------------------------------------------- */

/* "rds-snapshot/snapshot" of "registry.terraform.io/rds-snapshot/snapshot". */
static const char *short_address(const struct tf_provider *provider)
{
    const char *slash = strchr(provider->address, '/');
    return slash ? slash + 1 : provider->address;
}

static struct str explanation(struct arena *arena, const struct tf_provider *provider,
                              const struct tf_command *commands)
{
    struct str list = command_list(arena, commands);
    return str_format(arena,
                      "terraform-provider-%s %s: %s.\n"
                      "\n"
                      "This program is a plugin. Terraform or OpenTofu starts it; by itself it %s.\n"
                      "To use it, name it in a configuration and run `terraform init`:\n"
                      "\n"
                      "    terraform {\n"
                      "      required_providers {\n"
                      "        %s = { source = \"%s\" }\n"
                      "      }\n"
                      "    }\n"
                      "\n"
                      "A copy that no registry has is found in the local plugin folder, as\n"
                      "\n"
                      "    ~/.terraform.d/plugins/%s/%s/%s/terraform-provider-%s_v%s\n"
                      "\n"
                      "or through dev_overrides in the CLI configuration.\n"
                      "\n"
                      "    --version   prints the version, the commit and the libraries; with -json as JSON\n"
                      "    --help      prints this text\n"
                      "    -debug      serves until interrupted; prints TF_REATTACH_PROVIDERS for the host\n"
                      "%s%.*s",
                      provider->name, PROJECT_VERSION, provider->purpose,
                      list.len ? "only runs the commands below" : "does nothing", provider->name,
                      short_address(provider), provider->address, PROJECT_VERSION, version_platform, provider->name,
                      PROJECT_VERSION, list.len ? "\nCommands, each with its own --help:\n\n" : "", STR_ARG(list));
}

static int print(struct str text)
{
    CLEANUP(err_clear) struct err err = { 0 };
    return handshake_print(str_trim(text), &err) ? 0 : 1;
}

void settings_explain_debug(const struct settings *settings)
{
    struct arena *arena = arena_new();
    settings_say(str_format(arena,
                            "%s serves until it is interrupted. Set this variable where you run terraform or tofu:\n",
                            settings->program));
    arena_free(arena);
}

void settings_complain(const struct settings *settings, const char *problem)
{
    struct arena *arena = arena_new();
    settings_say(str_format(arena, "%s: %s\n", settings->program, problem));
    arena_free(arena);
}

/* ---- Environment ------------------------------------------------------------ */

static struct str upper(struct arena *arena, const char *name)
{
    struct str out = str_copy(arena, str_from(name));
    char *bytes = (char *)out.ptr;
    for (size_t i = 0; i < out.len; i++) {
        if (bytes[i] >= 'a' && bytes[i] <= 'z')
            bytes[i] = (char)(bytes[i] - 'a' + 'A');
        else if (bytes[i] == '-')
            bytes[i] = '_';
    }
    return out;
}

/* The most particular variable that is set decides. */
static enum log_level read_log_level(struct arena *arena, const struct env *env, struct str name, bool debug)
{
    const char *const variables[] = {
        str_format(arena, "TF_LOG_PROVIDER_%.*s", STR_ARG(name)).ptr,
        "TF_LOG_PROVIDER",
        "TF_LOG",
    };
    struct str value;
    for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
        if (env_find(env, variables[i], &value))
            return log_level_from(value, LOG_TRACE); /* an unknown level means trace to hosts */
    return debug ? LOG_WARN : LOG_OFF;
}

static int64_t read_time_scale(struct arena *arena, const struct env *env, struct str name)
{
    const char *variable = str_format(arena, "TF_%.*s_TIME_SCALE", STR_ARG(name)).ptr;
    int64_t factor;
    if (!str_to_int64(env_get(env, variable, STR("")), &factor) || factor < 1 || factor > TIME_SCALE_MAX)
        return 1;
    return factor;
}

static bool read_debuggable(struct arena *arena, const struct env *env, struct str name)
{
    const char *variable = str_format(arena, "TF_%.*s_DEBUGGABLE", STR_ARG(name)).ptr;
    return str_equal(env_get(env, variable, STR("")), STR("1"));
}

/* ---- Both ------------------------------------------------------------------- */

static bool is_option(const char *argument, const char *name)
{
    return strcmp(argument + (argument[0] == '-' && argument[1] == '-'), name) == 0;
}

/* True when there is a command to run. */
static bool read_command(struct settings *out, struct arena *arena, const struct tf_command *command, int argc,
                         char *const *argv, int *out_exit_code)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (command_wants_help(argc, argv)) {
        *out_exit_code = print(command_help(arena, command, out->program));
        return false;
    }
    if (!command_read(command, arena, out->program, argc, argv, &out->command_options, &err)) {
        settings_complain(out, str_format(arena, "%s. %s", err_text(&err), err_remedy(&err)).ptr);
        *out_exit_code = TF_EXIT_USAGE;
        return false;
    }
    out->command = command;
    return true;
}

struct arguments {
    bool debug, version, json, help;
};

static bool take_argument(struct arguments *out, const char *argument)
{
    const struct {
        const char *name;
        bool *given;
    } options[] = {
        { "-debug",   &out->debug   },
        { "-version", &out->version },
        { "-json",    &out->json    },
        { "-help",    &out->help    },
        { "-h",       &out->help    },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        if (is_option(argument, options[i].name))
            return *options[i].given = true;
    return false;
}

static bool refuse(const struct settings *settings, int *out_exit_code, const char *problem)
{
    settings_complain(settings, problem);
    *out_exit_code = TF_EXIT_USAGE;
    return false;
}

/* True when the process should serve or run a command. */
static bool read_arguments(struct settings *out, struct arena *arena, const struct tf_provider *provider,
                           const struct tf_command *commands, int argc, char **argv, int *out_exit_code)
{
    const struct tf_command *command = command_find(commands, argc, argv);
    if (command)
        return read_command(out, arena, command, argc, argv, out_exit_code);
    struct arguments given = { 0 };
    for (int i = 1; i < argc; i++)
        if (!take_argument(&given, argv[i]))
            return refuse(out, out_exit_code, "unknown argument; see --help");
    if (given.json && !given.version)
        return refuse(out, out_exit_code, "-json belongs to --version; see --help");
    if (given.help || given.version) {
        *out_exit_code = print(given.help   ? explanation(arena, provider, commands)
                               : given.json ? version_json(arena, provider)
                                            : version_text(arena, provider));
        return false;
    }
    out->debug = given.debug;
    if (out->debug || handshake_has_cookie(&out->env))
        return true;
    settings_say(explanation(arena, provider, commands));
    *out_exit_code = 1;
    return false;
}

bool settings_read(struct settings *out, struct arena *arena, const struct tf_provider *provider,
                   const struct tf_command *commands, int argc, char **argv, int *out_exit_code)
{
    const struct file_reader reader = file_reader_real();
    struct settings settings = {
        .program = str_format(arena, "terraform-provider-%s", provider->name).ptr,
        .env = env_with_home(arena, env_process(), &reader, getuid()),
    };
    if (!read_arguments(&settings, arena, provider, commands, argc, argv, out_exit_code))
        return false;
    struct str name = upper(arena, provider->name);
    settings.log_level = read_log_level(arena, &settings.env, name, settings.debug);
    settings.scale.factor = read_time_scale(arena, &settings.env, name);
    settings.debuggable = settings.debug || read_debuggable(arena, &settings.env, name);
    settings.client_certificate = env_get(&settings.env, "PLUGIN_CLIENT_CERT", STR(""));
    *out = settings;
    return true;
}
