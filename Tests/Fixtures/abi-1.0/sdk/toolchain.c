#include "conductor_sdk.h"

#if !defined(__clang__)
#error "build the SDK with the Swift toolchain's clang: its version is the fingerprint"
#endif

const char *conductor_sdk_toolchain(void)
{
    return "swift, clang " __clang_version__;
}
