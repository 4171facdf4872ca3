/* SPDX-License-Identifier: MPL-2.0
 *
 * What RDS and KMS say, as scripted answers of the fake transport. The texts
 * live in the given arena.
 */
#ifndef TESTS_UNIT_PLUGIN_SNAPSHOT_RDS_ANSWERS_H
#define TESTS_UNIT_PLUGIN_SNAPSHOT_RDS_ANSWERS_H

#include "plugin/snapshot/copy/mark.h"
#include "tests/support/fake_transport.h"
#include "tests/support/harness.h"

#define SNAPSHOT(name) "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:" name
#define FOREIGN(name) "arn:aws:rds:eu-west-1:222222222222:cluster-snapshot:" name
#define KEY(id) "arn:aws:kms:eu-west-1:111111111111:key/" id

/* A cluster snapshot as Describe shows it; NULL is left out. */
struct shown {
    const char *name, *status, *arn, *source, *key, *time, *engine;
    const char *mark; /* value of the mark's tag */
    const char *tags; /* more <Tag> elements */
    int percent;
    bool is_plain; /* not encrypted, and so told */
};

static inline const char *element(struct arena *arena, const char *name, const char *text)
{
    return text ? str_format(arena, "<%s>%s</%s>", name, text, name).ptr : "";
}

static inline struct str shown_xml(struct arena *arena, const struct shown *shown)
{
    struct str mark =
        shown->mark ? str_format(arena, "<Tag><Key>" MARK_TAG "</Key><Value>%s</Value></Tag>", shown->mark) : STR("");
    const char *arn = shown->arn ? shown->arn : str_format(arena, SNAPSHOT("%s"), shown->name).ptr;
    return str_format(
        arena,
        "<DBClusterSnapshot>%s%s%s<PercentProgress>%d</PercentProgress>%s%s%s%s%s<TagList>%.*s%s</TagList>"
        "</DBClusterSnapshot>",
        element(arena, "DBClusterSnapshotIdentifier", shown->name), element(arena, "DBClusterSnapshotArn", arn),
        element(arena, "Status", shown->status), shown->percent,
        element(arena, "SourceDBClusterSnapshotArn", shown->source), element(arena, "KmsKeyId", shown->key),
        element(arena, "SnapshotCreateTime", shown->time), element(arena, "Engine", shown->engine),
        element(arena, "StorageEncrypted", shown->is_plain ? "false" : NULL), STR_ARG(mark),
        shown->tags ? shown->tags : "");
}

/* `items` of shown_xml. */
static inline struct fake_answer describes_all(struct arena *arena, struct str items)
{
    return (struct fake_answer){
        .status = 200,
        .body = str_format(arena,
                           "<DescribeDBClusterSnapshotsResponse><DescribeDBClusterSnapshotsResult><DBClusterSnapshots>"
                           "%.*s</DBClusterSnapshots></DescribeDBClusterSnapshotsResult>"
                           "</DescribeDBClusterSnapshotsResponse>",
                           STR_ARG(items)),
    };
}

static inline struct fake_answer describes(struct arena *arena, struct shown shown)
{
    return describes_all(arena, shown_xml(arena, &shown));
}

static inline struct fake_answer copies(struct arena *arena, struct shown shown)
{
    const struct str xml = shown_xml(arena, &shown);
    return (struct fake_answer){
        .status = 200,
        .body = str_format(arena,
                           "<CopyDBClusterSnapshotResponse><CopyDBClusterSnapshotResult>%.*s"
                           "</CopyDBClusterSnapshotResult></CopyDBClusterSnapshotResponse>",
                           STR_ARG(xml)),
    };
}

/* Answers of operations that tell nothing. */
static inline struct fake_answer done(struct arena *arena, const char *operation)
{
    return (struct fake_answer){ .status = 200, .body = str_format(arena, "<%sResponse/>", operation) };
}

static inline struct fake_answer shares(struct arena *arena, const char *values)
{
    return (struct fake_answer){
        .status = 200,
        .body =
            str_format(arena,
                       "<DescribeDBClusterSnapshotAttributesResponse><DescribeDBClusterSnapshotAttributesResult>"
                       "<DBClusterSnapshotAttributesResult><DBClusterSnapshotAttributes><DBClusterSnapshotAttribute>"
                       "<AttributeName>restore</AttributeName><AttributeValues>%s</AttributeValues>"
                       "</DBClusterSnapshotAttribute></DBClusterSnapshotAttributes>"
                       "</DBClusterSnapshotAttributesResult></DescribeDBClusterSnapshotAttributesResult>"
                       "</DescribeDBClusterSnapshotAttributesResponse>",
                       values),
    };
}

static inline struct fake_answer refuses(struct arena *arena, int status, const char *code, const char *message)
{
    return (struct fake_answer){
        .status = status,
        .body = str_format(arena,
                           "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error>"
                           "<RequestId>request-1</RequestId></ErrorResponse>",
                           code, message),
    };
}

static inline struct fake_answer knows_nothing(struct arena *arena)
{
    return refuses(arena, 404, "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found");
}

static inline struct fake_answer is_caller_of(struct arena *arena, const char *partition, const char *account)
{
    return (struct fake_answer){
        .status = 200,
        .body =
            str_format(arena,
                       "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:%s:iam::%s:user/me</Arn>"
                       "<UserId>U</UserId><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
                       partition, account, account),
    };
}

static inline struct fake_answer is_caller(struct arena *arena, const char *account)
{
    return is_caller_of(arena, "aws", account);
}

static inline struct fake_answer is_key(struct arena *arena, const char *arn, const char *manager, const char *state)
{
    return (struct fake_answer){
        .status = 200,
        .body = str_format(arena,
                           "{\"KeyMetadata\":{\"Arn\":\"%s\",\"KeyManager\":\"%s\",\"KeyState\":\"%s\","
                           "\"KeySpec\":\"SYMMETRIC_DEFAULT\"}}",
                           arn, manager, state),
    };
}

/* A key of 111111111111 whose policy will be asked for. */
static inline struct fake_answer own_key(struct arena *arena, const char *arn, const char *spec, const char *state)
{
    return (struct fake_answer){
        .status = 200,
        .body = str_format(arena,
                           "{\"KeyMetadata\":{\"Arn\":\"%s\",\"AWSAccountId\":\"111111111111\",\"KeyManager\":"
                           "\"CUSTOMER\",\"KeyState\":\"%s\",\"KeySpec\":\"%s\"}}",
                           arn, state, spec),
    };
}

/* A policy that lets the accounts do everything: "111111111111,222222222222". */
static inline struct fake_answer admits(struct arena *arena, const char *accounts)
{
    return (struct fake_answer){
        .status = 200,
        .body = str_format(arena,
                           "{\"Policy\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":"
                           "{\\\"AWS\\\":[%s]},\\\"Action\\\":\\\"*\\\",\\\"Resource\\\":\\\"*\\\"}}\"}",
                           accounts),
    };
}

/* A policy that admits the owner, and the reader to what AWS demands: not to what its examples list. */
static inline struct fake_answer admits_narrowly(void)
{
    return (struct fake_answer){
        .status = 200,
        .text = "{\"Policy\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":"
                "{\\\"AWS\\\":\\\"111111111111\\\"},\\\"Action\\\":\\\"*\\\",\\\"Resource\\\":\\\"*\\\"},"
                "{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"AWS\\\":\\\"222222222222\\\"},"
                "\\\"Action\\\":[\\\"kms:DescribeKey\\\",\\\"kms:CreateGrant\\\"],\\\"Resource\\\":\\\"*\\\"}]}\"}",
    };
}

static inline struct fake_answer has_no_grants(void)
{
    return (struct fake_answer){ .status = 200, .text = "{\"Grants\":[],\"Truncated\":false}" };
}

static inline struct fake_answer no_key(const char *code)
{
    return (struct fake_answer){
        .status = 400,
        .text = str_equal(str_from(code), STR("NotFoundException")) ? "{\"__type\":\"NotFoundException\"}"
                                                                    : "{\"__type\":\"AccessDeniedException\"}",
    };
}

/* DescribeAccountAttributes: so many manual cluster snapshots are used of so many. */
static inline struct fake_answer quota(struct arena *arena, int used, int max)
{
    return (struct fake_answer){
        .status = 200,
        .body = str_format(arena,
                           "<DescribeAccountAttributesResponse><DescribeAccountAttributesResult><AccountQuotas>"
                           "<AccountQuota><AccountQuotaName>ManualSnapshots</AccountQuotaName><Used>7</Used>"
                           "<Max>7</Max></AccountQuota>"
                           "<AccountQuota><AccountQuotaName>ManualClusterSnapshots</AccountQuotaName><Used>%d</Used>"
                           "<Max>%d</Max></AccountQuota></AccountQuotas></DescribeAccountAttributesResult>"
                           "</DescribeAccountAttributesResponse>",
                           used, max),
    };
}

/* DescribeEvents: one event with that message; NULL: none. */
static inline struct fake_answer event(struct arena *arena, const char *message)
{
    struct str shown = STR("");
    if (message)
        shown = str_format(arena, "<Event><Message>%s</Message><Date>2026-01-02T03:04:05Z</Date></Event>", message);
    return (struct fake_answer){
        .status = 200,
        .body = str_format(arena,
                           "<DescribeEventsResponse><DescribeEventsResult><Events>%.*s</Events></DescribeEventsResult>"
                           "</DescribeEventsResponse>",
                           STR_ARG(shown)),
    };
}

static inline struct fake_answer repeated(struct fake_answer answer, int repeats)
{
    answer.repeats = repeats;
    return answer;
}

/* The operations asked for so far: "DescribeKey CopyDBClusterSnapshot". */
static inline struct str operations(const struct fake_transport *transport, struct arena *arena)
{
    struct str text = STR("");
    for (size_t i = 0; i < transport->request_count && i < FAKE_REQUESTS_MAX; i++) {
        struct str target = fake_transport_header(transport, i, "X-Amz-Target");
        struct str rest = transport->requests[i].body, operation;
        ptrdiff_t dot = str_find_char(target, '.');
        if (dot >= 0)
            operation = str_slice(target, (size_t)dot + 1, target.len);
        else if (str_next(&rest, '&', &operation))
            operation = str_slice(operation, sizeof("Action=") - 1, operation.len);
        text = str_format(arena, "%.*s%s%.*s", STR_ARG(text), i ? " " : "", STR_ARG(operation));
    }
    return text;
}

#endif
