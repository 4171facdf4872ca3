/* SPDX-License-Identifier: MPL-2.0
 *
 * A call that goes against the arrows: linking it with base alone must fail.
 */
#include "aws/arn.h"

bool calls_aws(void)
{
    return aws_is_arn(STR("arn:"));
}
