#include "ccrypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <limits.h>

int ccrypto_sha256(const void *octets, size_t length, uint8_t *digest)
{
    unsigned int written = 0;
    if (EVP_Digest(octets, length, digest, &written, EVP_sha256(), NULL) != 1 || written != CCRYPTO_SHA256_LENGTH)
        return -1;
    return 0;
}

int ccrypto_hmac_sha256(const void *key, size_t key_length, const void *octets, size_t length, uint8_t *mac)
{
    unsigned int written = 0;
    if (key_length > INT_MAX)
        return -1;
    if (!HMAC(EVP_sha256(), key, (int)key_length, octets, length, mac, &written) || written != CCRYPTO_SHA256_LENGTH)
        return -1;
    return 0;
}
