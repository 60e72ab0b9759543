#include "internal.h"

#include <errno.h>
#include <libudev.h>
#include <limits.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS_PER_WAKE = 32,
    /* 24 modems at once are some 400 messages of 1 KiB; the kernel counts each with its overhead. */
    RECEIVE_BUFFER = 8 * 1024 * 1024,
    /* libudev's own bound of a message. */
    MESSAGE_SIZE = 8192,
    /* The multicast group of udevd; 1 is the kernel's. */
    UDEV_GROUP = 2,
};

/* What was announced. On `remove` the kernel's tree is gone already, and only the path can be trusted. */
struct known {
    struct known *next;
    bool seen;   /* by the enumeration that is going on */
    bool is_usb; /* a USB device, not a tty */
    char syspath[];
};

struct cmodemio_monitor {
    cmodemio_source source; /* first: the epoll set knows the monitor by it */
    cmodemio_loop *loop;
    cmodemio_monitor_callbacks callbacks;
    cmodemio_monitor_counts counts;
    struct udev *udev;
    struct udev_monitor *socket;
    int fd;
    bool is_enumerating;
    struct known *known;
    uint8_t message[MESSAGE_SIZE];
};

/* ------------------------------------------------------------------ what was announced */

static struct known *find_known(const struct cmodemio_monitor *monitor, const char *syspath)
{
    struct known *known = monitor->known;
    while (known && strcmp(known->syspath, syspath) != 0)
        known = known->next;
    return known;
}

static struct known *remember(struct cmodemio_monitor *monitor, const char *syspath)
{
    struct known *known = find_known(monitor, syspath);
    if (known)
        return known;
    size_t size = strlen(syspath) + 1;
    known = calloc(1, sizeof *known + size);
    if (!known)
        return NULL;
    memcpy(known->syspath, syspath, size);
    known->next = monitor->known;
    monitor->known = known;
    return known;
}

/* Takes it out of the list; the caller frees it. */
static struct known *forget(struct cmodemio_monitor *monitor, const struct known *gone)
{
    struct known **link = &monitor->known;
    while (*link && *link != gone)
        link = &(*link)->next;
    struct known *found = *link;
    if (found)
        *link = found->next;
    return found;
}

static void announce_removal(struct cmodemio_monitor *monitor, const struct known *gone)
{
    struct known *known = forget(monitor, gone);
    if (known && !known->is_usb)
        monitor->callbacks.removed(monitor->callbacks.context, known->syspath);
    else if (known && monitor->callbacks.usb_removed)
        monitor->callbacks.usb_removed(monitor->callbacks.context, known->syspath);
    free(known);
}

/* ------------------------------------------------------------------ describing a tty */

static const char *filled(const char *text)
{
    return text && *text ? text : NULL;
}

static const char *property(struct udev_device *device, const char *key)
{
    return filled(udev_device_get_property_value(device, key));
}

static const char *attribute(struct udev_device *device, const char *name)
{
    return device ? filled(udev_device_get_sysattr_value(device, name)) : NULL;
}

static const char *first_of(const char *preferred, const char *other)
{
    return preferred ? preferred : other;
}

/* Not ID_MM_PORT_IGNORE: it says that ModemManager leaves the port alone, which our own rule asks of it for each modem.
 */
static const char *port_type(struct udev_device *device)
{
    static const struct {
        const char *key;
        const char *type;
    } kinds[] = {
        {"ID_MM_PORT_TYPE_AT_PRIMARY", "at"}, {"ID_MM_PORT_TYPE_AT_SECONDARY", "at-secondary"},
        {"ID_MM_PORT_TYPE_AT_PPP", "ppp"},    {"ID_MM_PORT_TYPE_GPS", "gps"},
        {"ID_MM_PORT_TYPE_QCDM", "qcdm"},     {"ID_MM_PORT_TYPE_AUDIO", "audio"},
    };
    const char *own = property(device, "ID_CONDUCTOR_PORT");
    if (own)
        return own;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const char *value = property(device, kinds[i].key);
        if (value && strcmp(value, "0") != 0)
            return kinds[i].type;
    }
    return NULL;
}

static int interface_number(const char *hexadecimal)
{
    if (!hexadecimal)
        return -1;
    char *end = NULL;
    long number = strtol(hexadecimal, &end, 16);
    return end != hexadecimal && number >= 0 && number <= UCHAR_MAX ? (int)number : -1;
}

/* False where it is no USB tty, or one that has gone while we looked. */
static bool describe(struct udev_device *device, cmodemio_device *out)
{
    /* Not udev_device_get_devnode: that is the function which aborts. */
    const char *syspath = udev_device_get_syspath(device);
    const char *devnode = property(device, "DEVNAME");
    struct udev_device *usb = udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device");
    struct udev_device *interface = udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_interface");
    if (!syspath || !devnode || strncmp(devnode, "/dev/", 5) != 0 || !usb)
        return false;

    *out = (cmodemio_device){
        .syspath = syspath,
        .devnode = devnode,
        .driver =
            first_of(interface ? filled(udev_device_get_driver(interface)) : NULL, property(device, "ID_USB_DRIVER")),
        .usb_path = udev_device_get_syspath(usb),
        .vendor_id = first_of(attribute(usb, "idVendor"), property(device, "ID_VENDOR_ID")),
        .product_id = first_of(attribute(usb, "idProduct"), property(device, "ID_MODEL_ID")),
        .manufacturer = first_of(attribute(usb, "manufacturer"), property(device, "ID_VENDOR_FROM_DATABASE")),
        .product = first_of(attribute(usb, "product"), property(device, "ID_MODEL_FROM_DATABASE")),
        .serial = first_of(attribute(usb, "serial"), property(device, "ID_SERIAL_SHORT")),
        .id_path = property(device, "ID_PATH"),
        .port_type = port_type(device),
        .interface_number = interface_number(
            first_of(attribute(interface, "bInterfaceNumber"), property(device, "ID_USB_INTERFACE_NUM"))),
    };
    /* Once a tty is gone, the walk to its parents ends at the root hub. If it is still there now, it was all along. */
    return access(syspath, F_OK) == 0;
}

static bool is_usb_device(struct udev_device *device)
{
    const char *subsystem = udev_device_get_subsystem(device);
    return subsystem && strcmp(subsystem, "usb") == 0;
}

static void announce_usb(struct cmodemio_monitor *monitor, struct udev_device *device)
{
    const char *syspath = udev_device_get_syspath(device);
    const char *type = udev_device_get_devtype(device);
    if (!monitor->callbacks.usb_added || !syspath || !type || strcmp(type, "usb_device") != 0)
        return;
    cmodemio_usb_device description = {
        .syspath = syspath,
        .vendor_id = first_of(attribute(device, "idVendor"), property(device, "ID_VENDOR_ID")),
        .product_id = first_of(attribute(device, "idProduct"), property(device, "ID_MODEL_ID")),
        .product = first_of(attribute(device, "product"), property(device, "ID_MODEL_FROM_DATABASE")),
        .id_path = property(device, "ID_PATH"),
    };
    if (access(syspath, F_OK) != 0)
        return;
    struct known *known = remember(monitor, syspath);
    if (!known)
        return;
    known->seen = true;
    known->is_usb = true;
    monitor->callbacks.usb_added(monitor->callbacks.context, &description);
}

static void announce(struct cmodemio_monitor *monitor, struct udev_device *device)
{
    if (is_usb_device(device)) {
        announce_usb(monitor, device);
        return;
    }
    cmodemio_device description;
    if (!describe(device, &description))
        return;
    struct known *known = remember(monitor, description.syspath);
    if (!known)
        return;
    known->seen = true;
    monitor->callbacks.added(monitor->callbacks.context, &description);
}

/* ------------------------------------------------------------------ events */

static void handle_event(struct cmodemio_monitor *monitor, struct udev_device *device)
{
    const char *action = udev_device_get_action(device);
    const char *syspath = udev_device_get_syspath(device);
    if (!action || !syspath)
        return;
    if (strcmp(action, "remove") == 0) {
        const struct known *known = find_known(monitor, syspath);
        if (known)
            announce_removal(monitor, known);
    } else if (strcmp(action, "add") == 0 || strcmp(action, "change") == 0) {
        announce(monitor, device);
    }
}

static bool came_from_udevd(const struct msghdr *message)
{
    const struct sockaddr_nl *sender = message->msg_name;
    if (sender->nl_groups != UDEV_GROUP)
        return false;
    const struct cmsghdr *control = CMSG_FIRSTHDR(message);
    if (!control || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_CREDENTIALS)
        return false;
    struct ucred credentials;
    memcpy(&credentials, CMSG_DATA(control), sizeof credentials);
    return credentials.uid == 0;
}

/* Looks at the message that libudev would read next: 1 sane, 0 refused and thrown away, or -errno. */
static int inspect_next(struct cmodemio_monitor *monitor)
{
    union {
        struct cmsghdr alignment;
        char space[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct sockaddr_nl sender = {0};
    struct iovec part = {.iov_base = monitor->message, .iov_len = sizeof monitor->message};
    struct msghdr message = {
        .msg_name = &sender,
        .msg_namelen = sizeof sender,
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    ssize_t length = recvmsg(monitor->fd, &message, MSG_PEEK | MSG_DONTWAIT);
    if (length < 0)
        return -errno;
    if ((message.msg_flags & MSG_TRUNC) == 0 && came_from_udevd(&message) &&
        cmodemio_uevent_is_sane(monitor->message, (size_t)length)) {
        monitor->counts.accepted++;
        return 1;
    }
    monitor->counts.refused++;
    uint8_t nothing;
    (void)recv(monitor->fd, &nothing, sizeof nothing, MSG_DONTWAIT);
    return 0;
}

static void monitor_ready(cmodemio_source *source, uint32_t events)
{
    (void)events;
    struct cmodemio_monitor *monitor = (struct cmodemio_monitor *)source;
    for (int i = 0; i < EVENTS_PER_WAKE && !cmodemio_loop_is_stopping(monitor->loop); i++) {
        int verdict = inspect_next(monitor);
        if (verdict == -EINTR || verdict == 0)
            continue;
        if (verdict == -ENOBUFS) {
            monitor->callbacks.overflowed(monitor->callbacks.context);
            continue;
        }
        if (verdict < 0)
            return;
        struct udev_device *device = udev_monitor_receive_device(monitor->socket);
        if (!device)
            continue;
        handle_event(monitor, device);
        udev_device_unref(device);
    }
}

/* ------------------------------------------------------------------ the interface */

static int open_socket(struct cmodemio_monitor *monitor)
{
    errno = 0;
    monitor->udev = udev_new();
    if (!monitor->udev)
        return errno != 0 ? -errno : -ENOMEM;
    monitor->socket = udev_monitor_new_from_netlink(monitor->udev, "udev");
    if (!monitor->socket)
        return errno != 0 ? -errno : -ENOMEM;
    int result = udev_monitor_filter_add_match_subsystem_devtype(monitor->socket, "tty", NULL);
    if (result >= 0)
        result = udev_monitor_filter_add_match_subsystem_devtype(monitor->socket, "usb", "usb_device");
    if (result < 0)
        return result;
    /* Without the right to more, the default has to do: an overflow is noticed. */
    (void)udev_monitor_set_receive_buffer_size(monitor->socket, RECEIVE_BUFFER);
    result = udev_monitor_enable_receiving(monitor->socket);
    if (result < 0)
        return result;
    monitor->fd = udev_monitor_get_fd(monitor->socket);
    return monitor->fd < 0 ? monitor->fd : 0;
}

int cmodemio_monitor_start(cmodemio_loop *loop, cmodemio_monitor_callbacks callbacks)
{
    if (loop->monitor)
        return -EALREADY;
    struct cmodemio_monitor *monitor = calloc(1, sizeof *monitor);
    if (!monitor)
        return -ENOMEM;
    monitor->source.ready = monitor_ready;
    monitor->loop = loop;
    monitor->callbacks = callbacks;
    loop->monitor = monitor;
    int result = open_socket(monitor);
    if (result == 0)
        result = cmodemio_loop_watch(loop, monitor->fd, EPOLLIN, &monitor->source);
    if (result < 0)
        cmodemio_monitor_free(loop);
    return result;
}

static void announce_all(struct cmodemio_monitor *monitor, struct udev_enumerate *enumeration)
{
    bool udevd_runs = access("/run/udev/control", F_OK) == 0;
    struct udev_list_entry *entry;
    udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(enumeration))
    {
        struct udev_device *device = udev_device_new_from_syspath(monitor->udev, udev_list_entry_get_name(entry));
        if (!device)
            continue;
        /* One that udevd has not finished has no properties and no permissions yet: its `add` will come. */
        if (udev_device_get_is_initialized(device) > 0 || !udevd_runs)
            announce(monitor, device);
        udev_device_unref(device);
    }
}

static int enumerate(struct cmodemio_monitor *monitor, const char *subsystem)
{
    struct udev_enumerate *enumeration = udev_enumerate_new(monitor->udev);
    if (!enumeration)
        return -ENOMEM;
    int result = udev_enumerate_add_match_subsystem(enumeration, subsystem);
    if (result >= 0)
        result = udev_enumerate_scan_devices(enumeration);
    if (result >= 0)
        announce_all(monitor, enumeration);
    udev_enumerate_unref(enumeration);
    return result < 0 ? result : 0;
}

static void announce_the_missing(struct cmodemio_monitor *monitor)
{
    const struct known *known = monitor->known;
    while (known) {
        const struct known *next = known->next;
        if (!known->seen)
            announce_removal(monitor, known);
        known = next;
    }
}

int cmodemio_monitor_enumerate(cmodemio_loop *loop)
{
    struct cmodemio_monitor *monitor = loop->monitor;
    if (!monitor)
        return -ENOTCONN;
    if (monitor->is_enumerating)
        return -EBUSY;
    for (struct known *known = monitor->known; known; known = known->next)
        known->seen = false;
    monitor->is_enumerating = true;
    int result = monitor->callbacks.usb_added ? enumerate(monitor, "usb") : 0;
    if (result == 0)
        result = enumerate(monitor, "tty");
    if (result == 0)
        announce_the_missing(monitor);
    monitor->is_enumerating = false;
    return result;
}

cmodemio_monitor_counts cmodemio_monitor_get_counts(const cmodemio_loop *loop)
{
    return loop->monitor ? loop->monitor->counts : (cmodemio_monitor_counts){0};
}

void cmodemio_monitor_free(cmodemio_loop *loop)
{
    struct cmodemio_monitor *monitor = loop->monitor;
    if (!monitor)
        return;
    loop->monitor = NULL;
    udev_monitor_unref(monitor->socket);
    udev_unref(monitor->udev);
    while (monitor->known)
        free(forget(monitor, monitor->known));
    free(monitor);
}
