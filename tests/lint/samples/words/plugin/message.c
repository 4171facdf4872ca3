/* SPDX-License-Identifier: MPL-2.0
 *
 * A comment may say told. */
const char *const message = "the snapshot stands already"; /* refused */
const char *const wrapped = "the key was not to be "
                            "reached"; /* refused */
const char *const unit = "a text of %zu bytes, for which a letter stands for a byte";
const char *const data = "copies the new bytes"; /* refused */
const char *const lines = "two lines:\ntold"; /* refused */
int told;
