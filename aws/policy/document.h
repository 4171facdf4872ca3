/* SPDX-License-Identifier: MPL-2.0
 *
 * IAM policy documents, those of keys and those of callers. Writing is
 * byte-stable: the same statements give the same text, keys in the order of
 * AWS's examples, no insignificant space. Reading takes a document apart as it
 * is (IAM user guide, "Policy grammar") and judges nothing: what it means for a
 * request is in decision.h.
 */
#ifndef AWS_POLICY_DOCUMENT_H
#define AWS_POLICY_DOCUMENT_H

#include "base/str.h"

struct aws_policy_condition {
    const char *operator; /* "StringEquals" */
    const char *key;      /* "kms:ViaService" */
    const struct str *values;
    size_t value_count; /* one: written as a string; several: as a list */
};

struct aws_policy_statement {
    const char *sid;            /* NULL: none */
    const char *principal_type; /* "AWS", "Service" */
    const struct str *principals;
    size_t principal_count;     /* 0: no Principal, as in a caller's own policy */
    const char *const *actions; /* ended by NULL */
    const struct str *resources;
    size_t resource_count; /* 0: "*", which in a key's policy is that key */
    struct aws_policy_condition conditions[3];
    size_t condition_count;
};

/* Every statement allows. */
MUST_USE bool aws_policy_write(struct arena *arena, const struct aws_policy_statement *statements, size_t count,
                               struct str *out, struct err *err);
/* The statements alone, with a comma between two: for pasting into a document. */
MUST_USE bool aws_policy_write_statements(struct arena *arena, const struct aws_policy_statement *statements,
                                          size_t count, struct str *out, struct err *err);

enum { AWS_POLICY_MAX_BYTES = 128 * 1024 }; /* a key's has at most 32 KiB (KMS quotas) */

/* An element that comes plain or negated: Action and NotAction. */
enum aws_policy_form { AWS_POLICY_ABSENT, AWS_POLICY_PLAIN, AWS_POLICY_NEGATED };

struct aws_policy_element {
    enum aws_policy_form form;
    struct str *values;
    size_t count;
};

struct aws_policy_principal {
    struct str type; /* "AWS"; empty for a bare "*" */
    struct str name;
};

struct aws_policy_test {
    struct str operator, key;
    struct str *values; /* true and 1 are texts too */
    size_t count;
};

struct aws_policy_rule {
    struct str sid; /* empty: none */
    bool is_deny;
    enum aws_policy_form principal_form;
    struct aws_policy_principal *principals;
    size_t principal_count;
    struct aws_policy_element action, resource;
    struct aws_policy_test *tests;
    size_t test_count;
    /* The element that is not as the grammar has it: what the statement means
     * cannot be told, not even whether it denies. NULL: all is well. */
    const char *strange;
};

struct aws_policy {
    struct aws_policy_rule *rules;
    size_t count;
};

/* Errors: ERR_INVALID for what is no policy document at all. */
MUST_USE bool aws_policy_read(struct arena *arena, struct str text, struct aws_policy *out, struct err *err);

#endif
