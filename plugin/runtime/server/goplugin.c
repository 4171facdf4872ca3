/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/server/goplugin.h"

#include "proto/go_plugin.pb-c.h"

static const struct {
    const char *path;
    enum goplugin_method method;
} methods[] = {
    { "/plugin.GRPCController/Shutdown", GOPLUGIN_SHUTDOWN },
    { "/plugin.GRPCStdio/StreamStdio",   GOPLUGIN_STDIO    },
    { "/plugin.GRPCBroker/StartStream",  GOPLUGIN_BROKER   },
    { "/grpc.health.v1.Health/Check",    GOPLUGIN_HEALTH   },
};

enum goplugin_method goplugin_find(struct str path)
{
    for (size_t i = 0; i < ARRAY_LENGTH(methods); i++)
        if (str_equal(path, str_from(methods[i].path)))
            return methods[i].method;
    return GOPLUGIN_NONE;
}

bool goplugin_is_stream(enum goplugin_method method)
{
    return method == GOPLUGIN_STDIO || method == GOPLUGIN_BROKER;
}

struct str goplugin_reply(struct arena *arena, enum goplugin_method method)
{
    Plugin__HealthCheckResponse health = PLUGIN__HEALTH_CHECK_RESPONSE__INIT;
    if (method != GOPLUGIN_HEALTH)
        return STR(""); /* an Empty has no bytes */
    health.status = PLUGIN__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    uint8_t *bytes = arena_alloc(arena, plugin__health_check_response__get_packed_size(&health));
    return (struct str){ (const char *)bytes, plugin__health_check_response__pack(&health, bytes) };
}
