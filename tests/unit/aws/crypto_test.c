/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/crypto.h"

#include <string.h>

#include "tests/support/harness.h"

static int open_arena(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    *state = arena_new();
    return crypto_init(&err) ? 0 : -1;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static void sha1_gives_the_published_values(void **state)
{
    unsigned char hash[CRYPTO_SHA1_BYTES];
    crypto_sha1(STR(""), hash);
    assert_str_equal(crypto_hex(*state, hash, sizeof(hash)), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    crypto_sha1(STR("abc"), hash); /* FIPS 180-2, A.1 */
    assert_str_equal(crypto_hex(*state, hash, sizeof(hash)), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

static void sha256_gives_the_published_values(void **state)
{
    unsigned char hash[CRYPTO_SHA256_BYTES];
    crypto_sha256(STR(""), hash);
    assert_str_equal(crypto_hex(*state, hash, sizeof(hash)),
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    crypto_sha256(STR("abc"), hash); /* FIPS 180-2, B.1 */
    assert_str_equal(crypto_hex(*state, hash, sizeof(hash)),
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void hmac_gives_the_published_value(void **state)
{
    unsigned char hash[CRYPTO_SHA256_BYTES];
    crypto_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), hash); /* RFC 4231, case 2 */
    assert_str_equal(crypto_hex(*state, hash, sizeof(hash)),
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void hmac_of_nothing_under_no_key_is_defined(void **state)
{
    unsigned char hash[CRYPTO_SHA256_BYTES];
    crypto_hmac_sha256(STR(""), STR(""), hash);
    assert_str_equal(crypto_hex(*state, hash, sizeof(hash)),
                     "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void uuids_have_their_version_and_differ(void **state)
{
    struct str one = crypto_uuid(*state);
    struct str other = crypto_uuid(*state);
    assert_int_equal(one.len, 36);
    assert_int_equal(one.ptr[14], '4');
    assert_non_null(strchr("89ab", one.ptr[19]));
    assert_false(str_equal(one, other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha1_gives_the_published_values),
        cmocka_unit_test(sha256_gives_the_published_values),
        cmocka_unit_test(hmac_gives_the_published_value),
        cmocka_unit_test(hmac_of_nothing_under_no_key_is_defined),
        cmocka_unit_test(uuids_have_their_version_and_differ),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
