/* libudev aborts the process on some messages that only root can forge. A gateway that runs for years looks first.
 *
 * The format is libudev's own, unchanged since 2009 and shared by every udevd and statically linked client:
 * "libudev\0", a magic number in network order, sizes and offsets in host order, four hashes for the kernel's filter,
 * then the properties as KEY=VALUE, each ended by a zero byte. */
#include "internal.h"

#include <arpa/inet.h>
#include <string.h>

struct header {
    char prefix[8];
    uint32_t magic;
    uint32_t header_size;
    uint32_t properties_offset;
    uint32_t properties_length;
    uint32_t hashes[4];
};

static const uint32_t expected_magic = 0xfeedcafe;

static const char *value_of(const char *property, const char *key)
{
    size_t length = strlen(key);
    return strncmp(property, key, length) == 0 && property[length] == '=' ? property + length + 1 : NULL;
}

/* Below its root, and without steps that lead out of it. */
static bool is_path_below(const char *path, const char *root)
{
    size_t length = strlen(root);
    if (strncmp(path, root, length) != 0 || path[length] == '\0' || path[length] == '/')
        return false;
    return !strstr(path, "/../") && !strstr(path, "/./") && !strstr(path, "//") && strncmp(path, "../", 3) != 0 &&
           path[strlen(path) - 1] != '/';
}

struct findings {
    bool has_action;
    bool has_path;
    bool is_tty;
    bool is_usb;
    bool is_usb_device;
};

static bool property_is_sane(const char *property, struct findings *findings)
{
    const char *equals = strchr(property, '=');
    const char *value;
    if (!equals || equals == property)
        return false;
    if ((value = value_of(property, "ACTION"))) {
        findings->has_action = true;
        return *value != '\0';
    }
    if ((value = value_of(property, "DEVPATH"))) {
        findings->has_path = true;
        return is_path_below(value, "/devices/");
    }
    /* The kernel's form lacks the folder; libudev adds it. An absolute path elsewhere is what it aborts on. */
    if ((value = value_of(property, "DEVNAME")))
        return is_path_below(value, *value == '/' ? "/dev/" : "");
    if ((value = value_of(property, "SUBSYSTEM"))) {
        findings->is_tty = strcmp(value, "tty") == 0;
        findings->is_usb = strcmp(value, "usb") == 0;
        return findings->is_tty || findings->is_usb;
    }
    if ((value = value_of(property, "DEVTYPE")))
        findings->is_usb_device = strcmp(value, "usb_device") == 0;
    return true;
}

bool cmodemio_uevent_is_sane(const uint8_t *bytes, size_t length)
{
    struct header header;
    if (length < sizeof header)
        return false;
    memcpy(&header, bytes, sizeof header);
    if (memcmp(header.prefix, "libudev", sizeof header.prefix) != 0 || ntohl(header.magic) != expected_magic)
        return false;
    if (header.header_size < sizeof header || header.properties_offset < sizeof header ||
        header.properties_offset >= length || header.properties_length == 0 ||
        header.properties_length > length - header.properties_offset)
        return false;

    /* libudev reads to the end of the datagram, so that is what has to be sane and terminated. */
    const char *property = (const char *)bytes + header.properties_offset;
    const char *end = (const char *)bytes + length;
    if (end[-1] != '\0')
        return false;
    struct findings findings = {0};
    while (property < end) {
        if (!property_is_sane(property, &findings))
            return false;
        property += strlen(property) + 1;
    }
    /* What the monitor does not want would make libudev fetch the next message, which nobody has looked at. */
    bool is_wanted = findings.is_tty || (findings.is_usb && findings.is_usb_device);
    return findings.has_action && findings.has_path && is_wanted;
}
