/* CCrypto: the part of libcrypto (OpenSSL 3) that the gateway uses. All functions: [any] thread. */
#ifndef CCRYPTO_H
#define CCRYPTO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

#define CCRYPTO_SHA256_LENGTH 32

/* SHA-256 (FIPS 180-4) of `length` octets. 0, or -1 when libcrypto refuses. */
int ccrypto_sha256(const void *octets, size_t length, uint8_t *digest);

/* HMAC-SHA-256 (RFC 2104) of `length` octets under a key. 0, or -1 when libcrypto refuses. */
int ccrypto_hmac_sha256(const void *key, size_t key_length, const void *octets, size_t length, uint8_t *mac);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif
