/* SPDX-License-Identifier: MPL-2.0 */
#include <openssl/evp.h> /* refused */
