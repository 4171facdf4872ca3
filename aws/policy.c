/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/policy.h"

#include <jansson.h>

DEFINE_CLEANUP(drop_json, json_t *, json_decref)

/* The language version that every policy of today carries. */
static const char policy_version[] = "2012-10-17";

/* A jansson constructor answers NULL for text that is not UTF-8, and setting
 * NULL fails: so one check of each set finds what is wrong below it. */
static json_t *text(struct str value)
{
    return json_stringn(value.ptr ? value.ptr : "", value.len);
}

/* One: a string; several: a list. */
static json_t *text_or_list(const struct str *values, size_t count)
{
    if (count == 1)
        return text(values[0]);
    CLEANUP(drop_json) json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(list, text(values[i])) != 0)
            return NULL;
    return json_incref(list);
}

static json_t *actions_of(const struct aws_policy_statement *statement)
{
    CLEANUP(drop_json) json_t *list = json_array();
    for (size_t i = 0; statement->actions[i]; i++)
        if (json_array_append_new(list, json_string(statement->actions[i])) != 0)
            return NULL;
    return json_incref(json_array_size(list) == 1 ? json_array_get(list, 0) : list);
}

/* Conditions of one operator share its object. */
static json_t *conditions_of(const struct aws_policy_statement *statement)
{
    CLEANUP(drop_json) json_t *by_operator = json_object();
    for (size_t i = 0; i < statement->condition_count; i++) {
        const struct aws_policy_condition *condition = &statement->conditions[i];
        if (!json_object_get(by_operator, condition->operator))
            json_object_set_new(by_operator, condition->operator, json_object());
        json_t *values = text_or_list(condition->values, condition->value_count);
        if (json_object_set_new(json_object_get(by_operator, condition->operator), condition->key, values) != 0)
            return NULL;
    }
    return json_incref(by_operator);
}

static json_t *statement_json(const struct aws_policy_statement *statement)
{
    CLEANUP(drop_json) json_t *json = json_object();
    CLEANUP(drop_json) json_t *principal = json_object();
    json_t *who = text_or_list(statement->principals, statement->principal_count);
    if (json_object_set_new(principal, statement->principal_type, who) != 0 ||
        json_object_set_new(json, "Sid", json_string(statement->sid)) != 0 ||
        json_object_set_new(json, "Effect", json_string("Allow")) != 0 ||
        json_object_set(json, "Principal", principal) != 0 ||
        json_object_set_new(json, "Action", actions_of(statement)) != 0 ||
        json_object_set_new(json, "Resource", json_string("*")) != 0)
        return NULL;
    if (statement->condition_count && json_object_set_new(json, "Condition", conditions_of(statement)) != 0)
        return NULL;
    return json_incref(json);
}

static bool dump(struct arena *arena, const json_t *json, struct str *out, struct err *err)
{
    const size_t flags = JSON_COMPACT | JSON_PRESERVE_ORDER;
    size_t length = json_dumpb(json, NULL, 0, flags);
    if (!length)
        return err_set(err, ERR_INTERNAL, "the policy document cannot be written");
    char *bytes = arena_alloc(arena, length + 1);
    json_dumpb(json, bytes, length, flags);
    *out = (struct str){ bytes, length };
    return true;
}

bool aws_policy_write(struct arena *arena, const struct aws_policy_statement *statements, size_t count, struct str *out,
                      struct err *err)
{
    CLEANUP(drop_json) json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(list, statement_json(&statements[i])) != 0)
            return err_set(err, ERR_INVALID, "statement \"%s\" of the policy holds text that is not UTF-8",
                           statements[i].sid);
    CLEANUP(drop_json) json_t *policy = json_object();
    if (json_object_set_new(policy, "Version", json_string(policy_version)) != 0 ||
        json_object_set(policy, "Statement", list) != 0)
        return err_set(err, ERR_INTERNAL, "the policy document cannot be written");
    return dump(arena, policy, out, err);
}
