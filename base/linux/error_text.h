/* SPDX-License-Identifier: MPL-2.0
 *
 * What the system says of an error number, in English, from any thread.
 * A port gives the same from strerror_l or a table of its own.
 */
#ifndef BASE_LINUX_ERROR_TEXT_H
#define BASE_LINUX_ERROR_TEXT_H

/* Static. Never NULL. */
const char *os_error_text(int number);

#endif
