#include "ccrypto.h"

#include <openssl/evp.h>

int ccrypto_sha256(const void *octets, size_t length, uint8_t *digest)
{
    unsigned int written = 0;
    if (EVP_Digest(octets, length, digest, &written, EVP_sha256(), NULL) != 1 || written != CCRYPTO_SHA256_LENGTH)
        return -1;
    return 0;
}
