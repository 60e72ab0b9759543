/* USB devices as wholes. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A number from a file of sysfs; -1 where there is none. */
static int number_in(const char *folder, const char *name)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return -1;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    char text[16] = "";
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    char *end = text;
    long number = count > 0 ? strtol(text, &end, 10) : -1;
    return end != text && number >= 0 && number <= 999 ? (int)number : -1;
}

int cmodemio_usb_reset(const char *syspath, const char *device_root)
{
    int bus = number_in(syspath, "busnum");
    int device = number_in(syspath, "devnum");
    if (bus < 0 || device < 0)
        return access(syspath, F_OK) == 0 ? -EINVAL : -ENODEV;
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%03d/%03d", device_root, bus, device) >= (int)sizeof path)
        return -ENAMETOOLONG;
    int node = open(path, O_WRONLY | O_CLOEXEC);
    if (node < 0)
        return -errno;
    int status = ioctl(node, USBDEVFS_RESET, 0) < 0 ? -errno : 0;
    close(node);
    return status;
}
