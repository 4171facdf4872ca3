/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/endpoint.h"

#include "aws/endpoint_table.h"

enum { HOST_LABEL_MAX_BYTES = 63, SHOWN_BYTES = 80 };

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

static bool has_word(const char *words, struct str wanted)
{
    struct str rest = str_from(words);
    struct str word;
    while (str_next(&rest, ' ', &word))
        if (str_equal(word, wanted) && !str_is_empty(word))
            return true;
    return false;
}

static bool has_prefix_of(const struct aws_endpoint_partition *row, struct str region)
{
    struct str rest = str_from(row->prefixes);
    struct str prefix;
    while (str_next(&rest, ' ', &prefix))
        if (str_starts_with(region, prefix) && region.len > prefix.len && region.ptr[prefix.len] == '-' &&
            is_word_and_digits(str_slice(region, prefix.len + 1, region.len)))
            return true;
    return false;
}

/* A known name goes before the form of a name. */
static const struct aws_endpoint_partition *find_partition(const struct aws_endpoint_partition *rows, struct str region)
{
    for (const struct aws_endpoint_partition *row = rows; row->partition.name; row++)
        if (has_word(row->regions, region))
            return row;
    for (const struct aws_endpoint_partition *row = rows; row->partition.name; row++)
        if (has_prefix_of(row, region))
            return row;
    return rows;
}

const struct aws_partition *aws_partition_of_region(struct str region)
{
    return &find_partition(aws_endpoint_table.partitions, region)->partition;
}

const struct aws_partition *aws_partition_find(struct str name)
{
    for (const struct aws_endpoint_partition *row = aws_endpoint_table.partitions; row->partition.name; row++)
        if (str_equal(name, str_from(row->partition.name)))
            return &row->partition;
    return NULL;
}

bool aws_is_known_region(struct str text)
{
    return has_word(find_partition(aws_endpoint_table.partitions, text)->regions, text);
}

/* RFC 1123, one label: anything else could send requests to another host. Digits alone are no name of a Region. */
static bool is_host_label(struct str text)
{
    bool has_other_than_digits = false;
    if (text.len > HOST_LABEL_MAX_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_inner = i > 0 && i + 1 < text.len;
        if (!is_letter(text.ptr[i]) && !is_digit(text.ptr[i]) && !(text.ptr[i] == '-' && is_inner))
            return false;
        has_other_than_digits |= !is_digit(text.ptr[i]);
    }
    return has_other_than_digits;
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

/* Falling back to another host would undo what was asked for. */
static bool refuse_variant(const struct aws_endpoint_options *options, const struct aws_endpoint_partition *row,
                           const char *kind, const char *argument, const char *variable, struct err *err)
{
    err_set(err, ERR_INVALID, "`%s` asks for a %s endpoint of %.*s in %.*s, but the partition %s has none", argument,
            kind, STR_ARG(options->service), STR_ARG(options->region), row->partition.name);
    err_set_remedy(err,
                   "Remove `%s` from the provider block and the profile, and %s from the environment, or set the URLs "
                   "of the services in `endpoints`.",
                   argument, variable);
    return false;
}

static bool check_variant(const struct aws_endpoint_options *options, const struct aws_endpoint_partition *row,
                          struct err *err)
{
    if (options->fips && !row->has_fips)
        return refuse_variant(options, row, "FIPS", "use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT", err);
    if (options->dualstack && !row->has_dualstack)
        return refuse_variant(options, row, "dual-stack", "use_dualstack_endpoint", "AWS_USE_DUALSTACK_ENDPOINT", err);
    return true;
}

static bool fits(const char *of_rule, struct str text)
{
    return !of_rule || str_equal(str_from(of_rule), text);
}

static const struct aws_endpoint_rule *find_rule(const struct aws_endpoint_table *table,
                                                 const struct aws_endpoint_options *options)
{
    const struct str partition = str_from(find_partition(table->partitions, options->region)->partition.name);
    for (const struct aws_endpoint_rule *rule = table->rules; rule->service; rule++)
        if (str_equal(str_from(rule->service), options->service) && rule->fips == options->fips &&
            rule->dualstack == options->dualstack && fits(rule->partition, partition) &&
            fits(rule->region, options->region))
            return rule;
    return NULL;
}

/* "rds.{region}.{dns}" */
static struct str fill_in(struct arena *arena, const char *host, const struct aws_partition *partition,
                          struct str region)
{
    struct str rest = str_from(host);
    struct str piece;
    struct str url = STR("https://");
    while (str_next(&rest, '{', &piece)) {
        const ptrdiff_t end = str_find_char(piece, '}');
        const struct str name = str_slice(piece, 0, end < 0 ? 0 : (size_t)end);
        const struct str after = str_slice(piece, (size_t)(end + 1), piece.len);
        const struct str value = str_equal(name, STR("region"))      ? region
                                 : str_equal(name, STR("dns"))       ? str_from(partition->dns_suffix)
                                 : str_equal(name, STR("dualstack")) ? str_from(partition->dualstack_suffix)
                                                                     : STR("");
        url = str_format(arena, "%.*s%.*s%.*s", STR_ARG(url), STR_ARG(value), STR_ARG(after));
    }
    return url;
}

bool aws_endpoint_url_by(const struct aws_endpoint_table *table, struct arena *arena,
                         const struct aws_endpoint_options *options, struct str *out, struct err *err)
{
    if (!check_region(arena, options->region, err))
        return false;
    const struct aws_endpoint_partition *row = find_partition(table->partitions, options->region);
    if (!check_variant(options, row, err))
        return false;
    const struct aws_endpoint_rule *rule = find_rule(table, options);
    if (!rule)
        return err_set(err, ERR_INTERNAL, "no host name is known for %.*s", STR_ARG(options->service));
    *out = fill_in(arena, rule->host, &row->partition, options->region);
    return true;
}

bool aws_endpoint_url(struct arena *arena, const struct aws_endpoint_options *options, struct str *out, struct err *err)
{
    return aws_endpoint_url_by(&aws_endpoint_table, arena, options, out, err);
}

struct str aws_endpoint_signing_region(const struct aws_endpoint_options *options)
{
    const struct aws_endpoint_rule *rule = find_rule(&aws_endpoint_table, options);
    return rule && rule->signing_region ? str_from(rule->signing_region) : options->region;
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
