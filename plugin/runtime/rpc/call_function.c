/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/json.h"
#include "plugin/runtime/model/msgpack.h"
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

static const struct tf_function *find(const struct tf_provider *provider, const char *name)
{
    for (const struct tf_function *const *at = provider->functions; at && *at; at++)
        if (str_equal(str_from((*at)->name), str_from(name)))
            return *at;
    return NULL;
}

/* Null may come as an empty value: OpenTofu does that. */
static bool decode_argument(struct arena *arena, const struct tf_attribute *row, const Tfplugin6__DynamicValue *value,
                            void *member, struct err *err)
{
    if (value->msgpack.len)
        return member_from_msgpack(arena, row, (struct str){ (const char *)value->msgpack.data, value->msgpack.len },
                                   member, err);
    if (value->json.len)
        return member_from_json(arena, row, (struct str){ (const char *)value->json.data, value->json.len }, member,
                                err);
    return true;
}

/* What the schema has promised to the function: only rows that say so may be null. */
static bool check_argument(const struct tf_attribute *row, const void *member, struct err *err)
{
    if (member_is_known(row, member) && (member_state(member) != TF_NULL || (row->flags & TF_OPTIONAL)))
        return true;
    err_set(err, ERR_INVALID, "a value is required");
    err_set_path(err, row->name);
    return false;
}

static bool decode_arguments(struct tf_call *call, const struct tf_function *function,
                             const Tfplugin6__CallFunction__Request *in, void *parameters, struct err *err)
{
    const struct tf_attribute *rows = function->parameters.attributes;
    size_t count = model_rows(&function->parameters);
    if (in->n_arguments != count)
        return err_set(err, ERR_INVALID, "%s takes %zu arguments, %zu are given", function->name, count,
                       in->n_arguments);
    for (size_t i = 0; i < count; i++) {
        void *member = member_of(&rows[i], parameters);
        if (!decode_argument(call->arena, &rows[i], in->arguments[i], member, err) ||
            !check_argument(&rows[i], member, err))
            return false;
    }
    return true;
}

static struct str encode_result(struct arena *arena, const struct tf_model *model, const void *result)
{
    const struct tf_attribute *first = model->attributes;
    return model_rows(model) == 1 ? member_to_msgpack(arena, first, member_in(first, result))
                                  : model_to_msgpack(arena, model, result);
}

static Tfplugin6__FunctionError *error_of(struct tf_call *call, const struct tf_function *function,
                                          const struct err *err)
{
    Tfplugin6__FunctionError *out = ARENA_NEW(call->arena, Tfplugin6__FunctionError);
    tfplugin6__function_error__init(out);
    struct str text = str_from(err_text(err));
    if (err_remedy(err)[0])
        text = str_format(call->arena, "%s\n\n%s", err_text(err), err_remedy(err));
    out->text = (char *)str_c(call->arena, str_printable(call->arena, text));
    struct path path = path_parse(call->arena, function ? &function->parameters : NULL, err_path(err));
    if (path.count) {
        const struct tf_attribute *row = model_find(&function->parameters, path.steps[0].text);
        out->argument_case = TFPLUGIN6__FUNCTION_ERROR__ARGUMENT_FUNCTION_ARGUMENT;
        out->function_argument = row - function->parameters.attributes;
    }
    return out;
}

static bool call_function(struct tf_call *call, const struct tf_function *function,
                          const Tfplugin6__CallFunction__Request *in, struct str *out, struct err *err)
{
    if (!function)
        return err_set(err, ERR_NOT_FOUND, "this provider has no function \"%s\"", in->name);
    void *parameters = model_new(call->arena, &function->parameters);
    void *result = model_new(call->arena, &function->result);
    if (!decode_arguments(call, function, in, parameters, err) || !function->run(call, parameters, result, err))
        return false;
    model_unknown_to_null(&function->result, result);
    *out = encode_result(call->arena, &function->result, result);
    return true;
}

static void run(struct tf_call *call, const void *request, void *response)
{
    const Tfplugin6__CallFunction__Request *in = request;
    Tfplugin6__CallFunction__Response *out = response;
    const struct tf_function *function = find(call->private->provider, in->name);
    CLEANUP(err_clear) struct err err = { 0 };
    struct str result;
    call->provider = NULL; /* pure, whatever the host has configured */
    if (call_function(call, function, in, &result, &err))
        out->result = rpc_value_of(call, result);
    else
        out->error = error_of(call, function, &err);
}

const struct rpc rpc_call_function = {
    .name = "CallFunction",
    .request = &tfplugin6__call_function__request__descriptor,
    .response = &tfplugin6__call_function__response__descriptor,
    .run = run,
};
