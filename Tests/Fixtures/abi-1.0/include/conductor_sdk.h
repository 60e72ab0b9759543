/* What the Swift SDK itself needs from C. Not part of the plugin contract. */
#ifndef CONDUCTOR_SDK_H
#define CONDUCTOR_SDK_H

#include "conductor_plugin.h"

/* The exact compiler this image was built with: a Swift plugin in the host's process must have been built with the
   host's own. Static storage. [any] Never fails. */
__attribute__((visibility("hidden"))) const char *CONDUCTOR_NONNULL conductor_sdk_toolchain(void);

#endif
