/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/version.h"

#if defined(__x86_64__)
const char *const version_platform = "linux_amd64";
#elif defined(__aarch64__)
const char *const version_platform = "linux_arm64";
#else
const char *const version_platform = "linux";
#endif

static const struct tf_build unknown = { .commit = "unknown", .libraries = (const struct tf_library[]){ { 0 } } };

static const struct tf_build *build_of(const struct tf_provider *provider)
{
    return provider->build ? provider->build : &unknown;
}

struct str version_text(struct arena *arena, const struct tf_provider *provider)
{
    const struct tf_build *build = build_of(provider);
    struct str libraries = STR("");
    for (const struct tf_library *at = build->libraries; at->name; at++)
        str_join(arena, &libraries, "", "  %s %s\n", at->name, at->version);
    return str_format(arena,
                      "terraform-provider-%s %s\n"
                      "on %s, plugin protocol %s\n"
                      "commit %s\n"
                      "%s%.*s",
                      provider->name, PROJECT_VERSION, version_platform, PROTOCOL_VERSION, build->commit,
                      build->libraries->name ? "libraries:\n" : "", STR_ARG(libraries));
}

/* None of these texts has a character that JSON writes in another way. */
struct str version_json(struct arena *arena, const struct tf_provider *provider)
{
    const struct tf_build *build = build_of(provider);
    struct str libraries = STR("");
    for (const struct tf_library *at = build->libraries; at->name; at++)
        str_join(arena, &libraries, ",", "\n    \"%s\": \"%s\"", at->name, at->version);
    return str_format(arena,
                      "{\n"
                      "  \"name\": \"terraform-provider-%s\",\n"
                      "  \"version\": \"%s\",\n"
                      "  \"platform\": \"%s\",\n"
                      "  \"protocol\": \"%s\",\n"
                      "  \"commit\": \"%s\",\n"
                      "  \"libraries\": {%.*s\n  }\n"
                      "}\n",
                      provider->name, PROJECT_VERSION, version_platform, PROTOCOL_VERSION, build->commit,
                      STR_ARG(libraries));
}
