/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/policy/document.h"

#include <jansson.h>

DEFINE_CLEANUP(drop_json, json_t *, json_decref)

/* The language version that every policy of today carries. */
static const char policy_version[] = "2012-10-17";

/* ---- Writing -------------------------------------------------------------- */

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

static json_t *principal_of(const struct aws_policy_statement *statement)
{
    CLEANUP(drop_json) json_t *principal = json_object();
    json_t *who = text_or_list(statement->principals, statement->principal_count);
    return json_object_set_new(principal, statement->principal_type, who) == 0 ? json_incref(principal) : NULL;
}

static json_t *resources_of(const struct aws_policy_statement *statement)
{
    return statement->resource_count ? text_or_list(statement->resources, statement->resource_count) : json_string("*");
}

static json_t *statement_json(const struct aws_policy_statement *statement)
{
    CLEANUP(drop_json) json_t *json = json_object();
    if ((statement->sid && json_object_set_new(json, "Sid", json_string(statement->sid)) != 0) ||
        json_object_set_new(json, "Effect", json_string("Allow")) != 0 ||
        (statement->principal_count && json_object_set_new(json, "Principal", principal_of(statement)) != 0) ||
        json_object_set_new(json, "Action", actions_of(statement)) != 0 ||
        json_object_set_new(json, "Resource", resources_of(statement)) != 0)
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

static json_t *new_statement(const struct aws_policy_statement *statement, struct err *err)
{
    json_t *json = statement_json(statement);
    if (!json)
        err_set(err, ERR_INVALID, "statement \"%s\" of the policy holds text that is not UTF-8",
                statement->sid ? statement->sid : "");
    return json;
}

bool aws_policy_write(struct arena *arena, const struct aws_policy_statement *statements, size_t count, struct str *out,
                      struct err *err)
{
    CLEANUP(drop_json) json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(list, new_statement(&statements[i], err)) != 0)
            return false;
    CLEANUP(drop_json) json_t *policy = json_object();
    if (json_object_set_new(policy, "Version", json_string(policy_version)) != 0 ||
        json_object_set(policy, "Statement", list) != 0)
        return err_set(err, ERR_INTERNAL, "the policy document cannot be written");
    return dump(arena, policy, out, err);
}

bool aws_policy_write_statements(struct arena *arena, const struct aws_policy_statement *statements, size_t count,
                                 struct str *out, struct err *err)
{
    struct str all = STR("");
    for (size_t i = 0; i < count; i++) {
        CLEANUP(drop_json) json_t *json = new_statement(&statements[i], err);
        struct str one;
        if (!json || !dump(arena, json, &one, err))
            return false;
        str_join(arena, &all, ",", "%.*s", STR_ARG(one));
    }
    *out = all;
    return true;
}

/* ---- Reading -------------------------------------------------------------- */

static struct str copied(struct arena *arena, const json_t *string)
{
    return str_copy(arena, (struct str){ json_string_value(string), json_string_length(string) });
}

/* IAM takes numbers and booleans for their texts. */
static bool read_value(struct arena *arena, const json_t *json, struct str *out)
{
    if (json_is_string(json))
        *out = copied(arena, json);
    else if (json_is_boolean(json))
        *out = json_is_true(json) ? STR("true") : STR("false");
    else if (json_is_integer(json))
        *out = str_format(arena, "%lld", (long long)json_integer_value(json));
    else
        return false;
    return true;
}

/* One value, or a list of them. */
static bool read_values(struct arena *arena, const json_t *json, struct str **out, size_t *out_count)
{
    size_t count = json_is_array(json) ? json_array_size(json) : 1;
    struct str *values = arena_array(arena, count, sizeof(*values));
    for (size_t i = 0; i < count; i++)
        if (!read_value(arena, json_is_array(json) ? json_array_get(json, i) : json, &values[i]))
            return false;
    *out = values;
    *out_count = count;
    return count > 0;
}

static bool read_element(struct arena *arena, const json_t *statement, const char *plain, const char *negated,
                         struct aws_policy_element *out)
{
    const json_t *json = json_object_get(statement, plain);
    const json_t *not = json_object_get(statement, negated);
    if (!json && !not)
        return true;
    out->form = json ? AWS_POLICY_PLAIN : AWS_POLICY_NEGATED;
    return !(json && not) && read_values(arena, json ? json : not, &out->values, &out->count);
}

/* Those of all types: each type has one, or a list. */
static size_t count_principals(json_t *object)
{
    size_t count = 0;
    const char *name;
    json_t *values;
    json_object_foreach(object, name, values) count += json_is_array(values) ? json_array_size(values) : 1;
    return count;
}

/* Behind those that are there; the array has room for all of the statement. */
static bool add_principals(struct arena *arena, const char *type, const json_t *names, struct aws_policy_rule *rule)
{
    struct str *values;
    size_t count;
    if (!read_values(arena, names, &values, &count))
        return false;
    const struct str shared_type = str_copy(arena, str_from(type));
    for (size_t i = 0; i < count; i++)
        rule->principals[rule->principal_count++] =
            (struct aws_policy_principal){ .type = shared_type, .name = values[i] };
    return true;
}

static bool read_principal(struct arena *arena, json_t *statement, struct aws_policy_rule *rule)
{
    json_t *plain = json_object_get(statement, "Principal");
    json_t *not = json_object_get(statement, "NotPrincipal");
    json_t *json = plain ? plain : not;
    const char *type;
    json_t *names;
    if (!json)
        return true;
    rule->principal_form = plain ? AWS_POLICY_PLAIN : AWS_POLICY_NEGATED;
    rule->principals = arena_array(arena, count_principals(json) + 1, sizeof(*rule->principals));
    if (json_is_string(json))
        return !(plain && not) && str_equal(str_from(json_string_value(json)), STR("*")) &&
               add_principals(arena, "", json, rule);
    json_object_foreach(json, type, names) if (!add_principals(arena, type, names, rule)) return false;
    return !(plain && not) && rule->principal_count > 0;
}

static size_t count_tests(json_t *condition)
{
    size_t count = 0;
    const char *operator;
    json_t *keys;
    json_object_foreach(condition, operator, keys) count += json_object_size(keys);
    return count;
}

static bool read_condition(struct arena *arena, json_t *condition, struct aws_policy_rule *rule)
{
    const char *operator, * key;
    json_t *keys, *values;
    if (condition && !json_is_object(condition))
        return false;
    rule->tests = arena_array(arena, count_tests(condition), sizeof(*rule->tests));
    json_object_foreach(condition, operator, keys)
    {
        if (!json_is_object(keys))
            return false;
        const struct str shared_operator = str_copy(arena, str_from(operator));
        json_object_foreach(keys, key, values)
        {
            struct aws_policy_test *test = &rule->tests[rule->test_count++];
            test->operator= shared_operator;
            test->key = str_copy(arena, str_from(key));
            if (!read_values(arena, values, &test->values, &test->count))
                return false;
        }
    }
    return true;
}

static const char *strange_name(struct arena *arena, json_t *statement)
{
    static const char *const known[] = { "Sid",       "Effect",   "Principal",   "NotPrincipal", "Action",
                                         "NotAction", "Resource", "NotResource", "Condition" };
    const char *name;
    json_t *value;
    json_object_foreach(statement, name, value)
    {
        size_t i = 0;
        while (i < ARRAY_LENGTH(known) && !str_equal(str_from(name), str_from(known[i])))
            i++;
        if (i == ARRAY_LENGTH(known))
            return str_c(arena, str_from(name));
    }
    return NULL;
}

static void read_rule(struct arena *arena, json_t *statement, struct aws_policy_rule *rule)
{
    const json_t *sid = json_object_get(statement, "Sid");
    const char *effect = json_string_value(json_object_get(statement, "Effect"));
    rule->sid = json_is_string(sid) ? copied(arena, sid) : STR("");
    rule->is_deny = str_equal(str_from(effect), STR("Deny"));
    if (!json_is_object(statement))
        rule->strange = "Statement";
    else if (!rule->is_deny && !str_equal(str_from(effect), STR("Allow")))
        rule->strange = "Effect";
    else if (!read_principal(arena, statement, rule))
        rule->strange = "Principal";
    else if (!read_element(arena, statement, "Action", "NotAction", &rule->action) || !rule->action.form)
        rule->strange = "Action";
    else if (!read_element(arena, statement, "Resource", "NotResource", &rule->resource) || !rule->resource.form)
        rule->strange = "Resource";
    else if (!read_condition(arena, json_object_get(statement, "Condition"), rule))
        rule->strange = "Condition";
    else
        rule->strange = strange_name(arena, statement);
}

bool aws_policy_read(struct arena *arena, struct str text, struct aws_policy *out, struct err *err)
{
    if (text.len > AWS_POLICY_MAX_BYTES)
        return err_set(err, ERR_INVALID, "a policy of %zu bytes; at most %d are read", text.len, AWS_POLICY_MAX_BYTES);
    /* Of a name that comes twice nobody knows which one AWS heeds. */
    json_error_t problem;
    CLEANUP(drop_json) json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &problem);
    json_t *statements = json_object_get(root, "Statement");
    if (!json_is_array(statements) && !json_is_object(statements))
        return err_set(err, ERR_INVALID, "the policy is not a JSON object with statements");
    size_t count = json_is_array(statements) ? json_array_size(statements) : 1;
    struct aws_policy_rule *rules = arena_array(arena, count, sizeof(*rules));
    for (size_t i = 0; i < count; i++)
        read_rule(arena, json_is_array(statements) ? json_array_get(statements, i) : statements, &rules[i]);
    *out = (struct aws_policy){ .rules = rules, .count = count };
    return true;
}
