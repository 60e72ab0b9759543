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

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif
