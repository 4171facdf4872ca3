/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>

#include "aws/arn.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = { (const char *)bytes, size };
    struct aws_arn arn;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)aws_is_account_id(text);
    if (!aws_arn_parse(text, &arn, &err)) {
        if (err.kind != ERR_INVALID || !str_is_utf8(str_from(err_text(&err))))
            abort();
        return 0;
    }
    /* The parts are the text, in order and to its end. */
    if (arn.partition.ptr != text.ptr + 4 || arn.resource.ptr + arn.resource.len != text.ptr + text.len)
        abort();
    return 0;
}
