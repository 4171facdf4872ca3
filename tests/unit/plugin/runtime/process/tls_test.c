/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/process/tls.h"

#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"

struct world {
    struct arena *arena;
    struct fake_clock fake;
    struct tls_identity identity;
    X509 *certificate;
};

static int set_up(void **state)
{
    struct world *world = mem_alloc(sizeof(*world));
    CLEANUP(err_clear) struct err err = { 0 };
    world->arena = arena_new();
    fake_clock_init(&world->fake, INT64_C(1767225600000)); /* 2026-01-01 */
    *state = world;
    if (!tls_identity_init(&world->identity, world->arena, &world->fake.clock, &err))
        return 1;
    BIO *pem = BIO_new_mem_buf(world->identity.certificate_pem.ptr, -1);
    world->certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL);
    BIO_free(pem);
    return world->certificate == NULL;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    X509_free(world->certificate);
    arena_free(world->arena);
    mem_free(world);
    return 0;
}

static void certificate_is_for_localhost_and_both_uses(void **state)
{
    struct world *world = *state;
    assert_int_equal(X509_check_host(world->certificate, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(world->certificate, "example.com", 0, 0, NULL), 0);
    assert_true(X509_get_extended_key_usage(world->certificate) & XKU_SSL_SERVER);
    assert_true(X509_get_extended_key_usage(world->certificate) & XKU_SSL_CLIENT);
    assert_true(X509_check_ca(world->certificate) == 1);
    assert_int_equal(X509_get_version(world->certificate), X509_VERSION_3);
}

static void key_is_a_p256_key_and_signs_itself(void **state)
{
    struct world *world = *state;
    BIO *pem = BIO_new_mem_buf(world->identity.key_pem.ptr, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL);
    char group[32] = "";
    size_t length = 0;
    int named = EVP_PKEY_get_group_name(key, group, sizeof(group), &length);
    int matches = X509_check_private_key(world->certificate, key);
    int signs = X509_verify(world->certificate, key);
    EVP_PKEY_free(key);
    BIO_free(pem);
    assert_int_equal(named, 1);
    assert_string_equal(group, "prime256v1");
    assert_int_equal(matches, 1);
    assert_int_equal(signs, 1);
}

static void certificate_is_valid_now_and_for_long(void **state)
{
    struct world *world = *state;
    time_t now = (time_t)(world->fake.wall_ms / 1000);
    time_t later = now + 29 * 365 * 86400L;
    time_t before = now - 40;
    assert_true(X509_cmp_time(X509_get0_notBefore(world->certificate), &now) < 0);
    assert_true(X509_cmp_time(X509_get0_notBefore(world->certificate), &before) > 0);
    assert_true(X509_cmp_time(X509_get0_notAfter(world->certificate), &later) > 0);
}

static void base64_has_no_padding_and_is_the_der(void **state)
{
    struct world *world = *state;
    struct str text = world->identity.certificate_base64;
    assert_int_equal(str_find_char(text, '='), -1);
    assert_int_equal(str_find_char(text, '\n'), -1);
    assert_true(text.len > 50);
    struct str padded = str_format(world->arena, "%.*s%.*s", STR_ARG(text), (int)((4 - text.len % 4) % 4), "===");
    unsigned char *der = arena_alloc(world->arena, padded.len);
    int length = EVP_DecodeBlock(der, (const unsigned char *)padded.ptr, (int)padded.len);
    assert_true(length > 0);
    unsigned char *expected = NULL;
    int expected_length = i2d_X509(world->certificate, &expected);
    int same = memcmp(der, expected, (size_t)expected_length);
    OPENSSL_free(expected);
    assert_int_equal(same, 0);
}

static void every_process_has_its_own(void **state)
{
    struct world *world = *state;
    struct tls_identity other;
    CLEANUP(err_clear) struct err err = { 0 };
    struct str one;
    struct str two;
    assert_true(tls_identity_init(&other, world->arena, &world->fake.clock, &err));
    assert_false(str_equal(other.certificate_base64, world->identity.certificate_base64));
    assert_true(tls_random_name(world->arena, &one, &err));
    assert_true(tls_random_name(world->arena, &two, &err));
    assert_false(str_equal(one, two));
}

static void key_is_wiped(void **state)
{
    struct world *world = *state;
    struct str key = world->identity.key_pem;
    assert_true(str_find(key, STR("PRIVATE KEY")) > 0);
    tls_identity_clear(&world->identity);
    assert_int_equal(str_find(key, STR("PRIVATE KEY")), -1);
    tls_identity_clear(&world->identity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(certificate_is_for_localhost_and_both_uses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(key_is_a_p256_key_and_signs_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(certificate_is_valid_now_and_for_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(base64_has_no_padding_and_is_the_der, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_process_has_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(key_is_wiped, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
