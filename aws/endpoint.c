/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/endpoint.h"

enum { HOST_LABEL_MAX_BYTES = 63, SHOWN_BYTES = 80 };

/* A Region's name is PREFIX-word-digits, with one of its partition's prefixes
 * (regionRegex in botocore's data/partitions.json). */
static const struct partition_row {
    const char *prefixes; /* separated by spaces */
    struct aws_partition partition;
} rows[] = {
    { "us eu ap sa ca me af il mx", { "aws", "amazonaws.com", "api.aws" }                            },
    { "cn",                         { "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn" } },
    { "us-gov",                     { "aws-us-gov", "amazonaws.com", "api.aws" }                     },
    { "eusc-de",                    { "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu" }       },
    { "us-iso",                     { "aws-iso", "c2s.ic.gov", "api.aws.ic.gov" }                    },
    { "us-isob",                    { "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud" }               },
    { "eu-isoe",                    { "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" }      },
    { "us-isof",                    { "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov" }          },
};

/* Services whose plain host is the FIPS one in that partition (botocore's
 * endpoint-rule-set of rds and sts; kms has kms-fips there). */
static const struct {
    const char *partition, *service;
} plain_is_fips[] = {
    { "aws-us-gov", "rds" },
    { "aws-us-gov", "sts" },
};

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_letter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* "west-1": a word without a hyphen, and digits. */
static bool is_word_and_digits(struct str text)
{
    ptrdiff_t hyphen = str_find_char(text, '-');
    if (hyphen <= 0 || (size_t)hyphen + 1 == text.len)
        return false;
    for (size_t i = 0; i < (size_t)hyphen; i++)
        if (!is_letter(text.ptr[i]) && !is_digit(text.ptr[i]) && text.ptr[i] != '_')
            return false;
    for (size_t i = (size_t)hyphen + 1; i < text.len; i++)
        if (!is_digit(text.ptr[i]))
            return false;
    return true;
}

static bool row_has_region(const struct partition_row *row, struct str region)
{
    struct str rest = str_from(row->prefixes);
    struct str prefix;
    while (str_next(&rest, ' ', &prefix))
        if (str_starts_with(region, prefix) && region.len > prefix.len && region.ptr[prefix.len] == '-' &&
            is_word_and_digits(str_slice(region, prefix.len + 1, region.len)))
            return true;
    return false;
}

/* "aws-cn-global" and its like stand for a partition's services without a Region. */
static bool row_has_pseudo_region(const struct partition_row *row, struct str region)
{
    struct str name = str_from(row->partition.name);
    return str_starts_with(region, name) && str_equal(str_slice(region, name.len, region.len), STR("-global"));
}

const struct aws_partition *aws_partition_of_region(struct str region)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (row_has_region(&rows[i], region) || row_has_pseudo_region(&rows[i], region))
            return &rows[i].partition;
    return &rows[0].partition;
}

const struct aws_partition *aws_partition_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (str_equal(name, str_from(rows[i].partition.name)))
            return &rows[i].partition;
    return NULL;
}

/* RFC 1123, one label: anything else could send requests to another host. */
static bool is_host_label(struct str text)
{
    if (text.len > HOST_LABEL_MAX_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_inner = i > 0 && i + 1 < text.len;
        if (!is_letter(text.ptr[i]) && !is_digit(text.ptr[i]) && !(text.ptr[i] == '-' && is_inner))
            return false;
    }
    return text.len > 0;
}

static bool check_region(struct arena *arena, struct str region, struct err *err)
{
    if (str_is_empty(region)) {
        err_set(err, ERR_INVALID, "no Region is configured");
        err_set_remedy(err, "Set `region` in the provider block, or AWS_REGION, or `region` in the profile.");
        return false;
    }
    if (is_host_label(region))
        return true;
    struct str shown = str_printable(arena, str_slice(region, 0, SHOWN_BYTES));
    return err_set(err, ERR_INVALID, "\"%.*s\" is not the name of a Region", STR_ARG(shown));
}

static bool has_fips_name(const struct aws_partition *partition, struct str service)
{
    for (size_t i = 0; i < ARRAY_LENGTH(plain_is_fips); i++)
        if (str_equal(str_from(partition->name), str_from(plain_is_fips[i].partition)) &&
            str_equal(service, str_from(plain_is_fips[i].service)))
            return false;
    return true;
}

bool aws_endpoint_url(struct arena *arena, const struct aws_endpoint_options *options, struct str *out, struct err *err)
{
    if (!check_region(arena, options->region, err))
        return false;
    const struct aws_partition *partition = aws_partition_of_region(options->region);
    bool fips = options->fips && (options->dualstack || has_fips_name(partition, options->service));
    *out =
        str_format(arena, "https://%.*s%s.%.*s.%s", STR_ARG(options->service), fips ? "-fips" : "",
                   STR_ARG(options->region), options->dualstack ? partition->dualstack_suffix : partition->dns_suffix);
    return true;
}

static bool is_region_word(struct str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!(word.ptr[i] >= 'a' && word.ptr[i] <= 'z') && !(word.ptr[i] >= '0' && word.ptr[i] <= '9'))
            return false;
    return word.len > 0;
}

bool aws_is_region(struct str text)
{
    size_t words = 0;
    struct str rest = text;
    struct str word = { 0 };
    int64_t number;
    while (str_next(&rest, '-', &word)) {
        if (!is_region_word(word))
            return false;
        words++;
    }
    return words >= 3 && str_to_int64(word, &number);
}
