/* Real libudev over a simulated sysfs (umockdev): what is there, what comes, what goes, what comes back renamed. */
#include "rig.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <umockdev.h>

enum { PORTS = 4, SEEN_MAX = 32 };

#define HUB "/sys/devices/pci0000:00/0000:00:14.0/usb1"
#define STICK HUB "/1-2"

struct seen {
    char syspath[256], devnode[64], driver[32], usb_path[256], vendor[8], product_id[8], manufacturer[32], product[32];
    char serial[32], id_path[64], port_type[16];
    int interface_number;
};

struct watch {
    struct rig *rig;
    UMockdevTestbed *testbed;
    struct seen added[SEEN_MAX];
    char removed[SEEN_MAX][256];
    unsigned adds, removes, overflows;
    unsigned wanted_adds, wanted_removes;
    char usb[SEEN_MAX][320]; /* "vendor:product name path", or "gone path" */
    unsigned usb_events, wanted_usb_events;
};

static void copy(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from ? from : "(null)");
}

static void on_added(void *context, const cmodemio_device *device)
{
    struct watch *watch = context;
    if (watch->adds < SEEN_MAX) {
        struct seen *seen = &watch->added[watch->adds];
        copy(seen->syspath, sizeof seen->syspath, device->syspath);
        copy(seen->devnode, sizeof seen->devnode, device->devnode);
        copy(seen->driver, sizeof seen->driver, device->driver);
        copy(seen->usb_path, sizeof seen->usb_path, device->usb_path);
        copy(seen->vendor, sizeof seen->vendor, device->vendor_id);
        copy(seen->product_id, sizeof seen->product_id, device->product_id);
        copy(seen->manufacturer, sizeof seen->manufacturer, device->manufacturer);
        copy(seen->product, sizeof seen->product, device->product);
        copy(seen->serial, sizeof seen->serial, device->serial);
        copy(seen->id_path, sizeof seen->id_path, device->id_path);
        copy(seen->port_type, sizeof seen->port_type, device->port_type);
        seen->interface_number = device->interface_number;
    }
    watch->adds++;
    rig_look(watch->rig);
}

static void on_removed(void *context, const char *syspath)
{
    struct watch *watch = context;
    if (watch->removes < SEEN_MAX)
        copy(watch->removed[watch->removes], sizeof watch->removed[0], syspath);
    watch->removes++;
    rig_look(watch->rig);
}

static void on_usb_added(void *context, const cmodemio_usb_device *device)
{
    struct watch *watch = context;
    if (watch->usb_events < SEEN_MAX)
        (void)snprintf(watch->usb[watch->usb_events], sizeof watch->usb[0], "%s:%s %s %s",
                       device->vendor_id ? device->vendor_id : "?", device->product_id ? device->product_id : "?",
                       device->product ? device->product : "?", device->syspath);
    watch->usb_events++;
    rig_look(watch->rig);
}

static void on_usb_removed(void *context, const char *syspath)
{
    struct watch *watch = context;
    if (watch->usb_events < SEEN_MAX)
        (void)snprintf(watch->usb[watch->usb_events], sizeof watch->usb[0], "gone %s", syspath);
    watch->usb_events++;
    rig_look(watch->rig);
}

static bool usb_came(struct rig *rig)
{
    const struct watch *watch = rig->extra;
    return watch->usb_events >= watch->wanted_usb_events;
}

static void on_overflowed(void *context)
{
    struct watch *watch = context;
    watch->overflows++;
}

static bool all_came(struct rig *rig)
{
    const struct watch *watch = rig->extra;
    return watch->adds >= watch->wanted_adds && watch->removes >= watch->wanted_removes;
}

static bool wait_for(struct watch *watch, unsigned adds, unsigned removes)
{
    watch->wanted_adds = adds;
    watch->wanted_removes = removes;
    return rig_run(watch->rig, all_came) && watch->adds == adds && watch->removes == removes;
}

static struct watch *watch_new(void)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        abort();
    watch->testbed = umockdev_testbed_new();
    watch->rig = rig_new();
    watch->rig->extra = watch;
    umockdev_testbed_add_from_string(watch->testbed,
                                     "P: /devices/pci0000:00/0000:00:14.0/usb1\nN: bus/usb/001/001\n"
                                     "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/001\n"
                                     "A: idVendor=1d6b\\n\nA: idProduct=0002\\n\nA: serial=0000:00:14.0\\n\n"
                                     "L: driver=../../../../../../bus/usb/drivers/usb\n",
                                     NULL);
    return watch;
}

static void start(struct watch *watch)
{
    cmodemio_monitor_callbacks callbacks = {watch, on_added, on_removed, on_overflowed, NULL, NULL};
    CHECK(cmodemio_monitor_start(watch->rig->loop, callbacks) == 0);
}

static void watch_free(struct watch *watch)
{
    CHECK(watch->overflows == 0);
    CHECK(cmodemio_monitor_get_counts(watch->rig->loop).refused == 0);
    rig_free(watch->rig);
    g_object_unref(watch->testbed);
    free(watch);
}

static void add_string(struct watch *watch, const char *text)
{
    GError *error = NULL;
    if (!CHECK(umockdev_testbed_add_from_string(watch->testbed, text, &error)))
        printf("    %s\n", error ? error->message : "?");
    g_clear_error(&error);
}

static void plug_usb_device(struct watch *watch)
{
    add_string(watch, "P: /devices/pci0000:00/0000:00:14.0/usb1/1-2\nN: bus/usb/001/005\n"
                      "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/005\n"
                      "A: idVendor=1e0e\\n\nA: idProduct=9001\\n\nA: serial=0123456789ABCDEF\\n\n"
                      "A: manufacturer=SimTech\\n\nA: product=SimTech SIM7600\\n\n");
}

/* One port; its properties beside the common ones, each as a line `E: KEY=VALUE\n`. */
static void plug_port(struct watch *watch, int interface, int number, const char *properties)
{
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "P: /devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.%d\n"
                   "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nE: DRIVER=option\n"
                   "A: bInterfaceNumber=%02x\\n\nL: driver=../../../../../../../bus/usb/drivers/option\n\n"
                   "P: /devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.%d/ttyUSB%d\n"
                   "E: SUBSYSTEM=usb-serial\nE: DRIVER=option1\n\n",
                   interface, (unsigned)interface, interface, number);
    add_string(watch, text);
    (void)snprintf(text, sizeof text,
                   "P: /devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.%d/ttyUSB%d/tty/ttyUSB%d\n"
                   "E: SUBSYSTEM=tty\nE: DEVNAME=/dev/ttyUSB%d\nE: MAJOR=188\nE: MINOR=%d\n"
                   "E: ID_PATH=pci-0000:00:14.0-usb-0:2:1.%d\nE: ID_BUS=usb\n%s\n",
                   interface, number, number, number, number, interface, properties);
    add_string(watch, text);
}

static void tty_path(char *path, size_t size, int interface, int number)
{
    (void)snprintf(path, size, STICK "/1-2:1.%d/ttyUSB%d/tty/ttyUSB%d", interface, number, number);
}

/* As the kernel does it: the folders go first, and the event finds the root hub for a parent. */
static void yank_port(struct watch *watch, int interface, int number)
{
    char path[PATH_MAX];
    tty_path(path, sizeof path, interface, number);
    umockdev_testbed_uevent(watch->testbed, path, "remove");
    umockdev_testbed_remove_device(watch->testbed, path);
    (void)snprintf(path, sizeof path, STICK "/1-2:1.%d/ttyUSB%d", interface, number);
    umockdev_testbed_remove_device(watch->testbed, path);
    (void)snprintf(path, sizeof path, STICK "/1-2:1.%d", interface);
    umockdev_testbed_remove_device(watch->testbed, path);
}

static void enumeration_finds_usb_ttys_with_all_that_is_known(void)
{
    struct watch *watch = watch_new();
    plug_usb_device(watch);
    plug_port(watch, 2, 2, "E: ID_MM_PORT_TYPE_AT_PRIMARY=1\n");
    add_string(watch, "P: /devices/platform/serial8250/tty/ttyS0\n"
                      "E: SUBSYSTEM=tty\nE: DEVNAME=/dev/ttyS0\nE: MAJOR=4\nE: MINOR=64\n");
    CHECK(cmodemio_monitor_enumerate(watch->rig->loop) == -ENOTCONN);
    start(watch);
    cmodemio_monitor_callbacks callbacks = {watch, on_added, on_removed, on_overflowed, NULL, NULL};
    CHECK(cmodemio_monitor_start(watch->rig->loop, callbacks) == -EALREADY);
    CHECK(cmodemio_monitor_enumerate(watch->rig->loop) == 0);
    CHECK(watch->adds == 1);
    const struct seen *seen = &watch->added[0];
    CHECK(strcmp(seen->syspath, STICK "/1-2:1.2/ttyUSB2/tty/ttyUSB2") == 0);
    CHECK(strcmp(seen->devnode, "/dev/ttyUSB2") == 0);
    CHECK(strcmp(seen->driver, "option") == 0);
    CHECK(strcmp(seen->usb_path, STICK) == 0);
    CHECK(strcmp(seen->vendor, "1e0e") == 0 && strcmp(seen->product_id, "9001") == 0);
    CHECK(strcmp(seen->manufacturer, "SimTech") == 0 && strcmp(seen->product, "SimTech SIM7600") == 0);
    CHECK(strcmp(seen->serial, "0123456789ABCDEF") == 0);
    CHECK(strcmp(seen->id_path, "pci-0000:00:14.0-usb-0:2:1.2") == 0);
    CHECK(strcmp(seen->port_type, "at") == 0);
    CHECK(seen->interface_number == 2);
    watch_free(watch);
}

static void port_types_come_from_the_rules(void)
{
    static const struct {
        const char *properties, *type;
    } cases[] = {
        {"", "(null)"},
        {"E: ID_MM_PORT_TYPE_AT_PRIMARY=1\n", "at"},
        {"E: ID_MM_PORT_TYPE_AT_SECONDARY=1\n", "at-secondary"},
        {"E: ID_MM_PORT_TYPE_GPS=1\n", "gps"},
        {"E: ID_MM_PORT_TYPE_QCDM=1\n", "qcdm"},
        {"E: ID_MM_PORT_TYPE_AUDIO=1\n", "audio"},
        {"E: ID_MM_PORT_TYPE_AT_PPP=1\n", "ppp"},
        /* Our own rule for ModemManager sets it on every port of a modem. */
        {"E: ID_MM_PORT_IGNORE=1\n", "(null)"},
        {"E: ID_MM_PORT_IGNORE=1\nE: ID_MM_PORT_TYPE_QCDM=1\n", "qcdm"},
        {"E: ID_CONDUCTOR_PORT=at\nE: ID_MM_PORT_TYPE_QCDM=1\n", "at"},
    };
    struct watch *watch = watch_new();
    start(watch);
    plug_usb_device(watch);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        plug_port(watch, (int)i, (int)i, cases[i].properties);
        CHECK(wait_for(watch, i + 1, 0));
        if (!CHECK(strcmp(watch->added[i].port_type, cases[i].type) == 0))
            printf("    %s%s\n", cases[i].properties, watch->added[i].port_type);
    }
    watch_free(watch);
}

static void ports_come_and_go_and_come_back_renumbered(void)
{
    struct watch *watch = watch_new();
    start(watch);
    CHECK(cmodemio_monitor_enumerate(watch->rig->loop) == 0);
    CHECK(watch->adds == 0);

    /* Not in the order of their interfaces, as on a real bus. */
    static const int order[PORTS] = {2, 0, 3, 1};
    plug_usb_device(watch);
    for (int i = 0; i < PORTS; i++)
        plug_port(watch, order[i], order[i], "");
    CHECK(wait_for(watch, PORTS, 0));
    for (int i = 0; i < PORTS; i++)
        CHECK(watch->added[i].interface_number == order[i]);

    for (int i = 0; i < PORTS; i++)
        yank_port(watch, order[i], order[i]);
    umockdev_testbed_remove_device(watch->testbed, STICK);
    CHECK(wait_for(watch, PORTS, PORTS));
    for (int i = 0; i < PORTS; i++)
        CHECK(strcmp(watch->removed[i], watch->added[i].syspath) == 0);

    plug_usb_device(watch);
    for (int i = 0; i < PORTS; i++)
        plug_port(watch, i, i + 1, "");
    CHECK(wait_for(watch, 2 * PORTS, PORTS));
    for (int i = 0; i < PORTS; i++) {
        const struct seen *seen = &watch->added[PORTS + i];
        char devnode[32];
        (void)snprintf(devnode, sizeof devnode, "/dev/ttyUSB%d", i + 1);
        CHECK(strcmp(seen->devnode, devnode) == 0 && seen->interface_number == i);
        CHECK(strcmp(seen->serial, "0123456789ABCDEF") == 0);
    }
    watch_free(watch);
}

/* Fact 3: the tree is gone when the event is read. */
static void an_event_read_after_the_device_is_gone_is_not_taken_for_the_root_hub(void)
{
    struct watch *watch = watch_new();
    start(watch);
    plug_usb_device(watch);
    plug_port(watch, 0, 0, "");
    CHECK(wait_for(watch, 1, 0));
    plug_port(watch, 1, 1, "");
    yank_port(watch, 1, 1);
    yank_port(watch, 0, 0);
    umockdev_testbed_remove_device(watch->testbed, STICK);
    CHECK(wait_for(watch, 1, 1));
    CHECK(strcmp(watch->removed[0], watch->added[0].syspath) == 0);
    watch_free(watch);
}

static void a_new_enumeration_tells_what_went_unseen(void)
{
    struct watch *watch = watch_new();
    plug_usb_device(watch);
    plug_port(watch, 0, 0, "");
    plug_port(watch, 1, 1, "");
    start(watch);
    CHECK(cmodemio_monitor_enumerate(watch->rig->loop) == 0);
    CHECK(watch->adds == 2 && watch->removes == 0);
    char path[PATH_MAX];
    tty_path(path, sizeof path, 0, 0);
    umockdev_testbed_remove_device(watch->testbed, path);
    CHECK(cmodemio_monitor_enumerate(watch->rig->loop) == 0);
    CHECK(watch->adds == 3 && watch->removes == 1);
    CHECK(strcmp(watch->removed[0], path) == 0);
    watch_free(watch);
}

static void events_of_other_ttys_are_not_told(void)
{
    struct watch *watch = watch_new();
    start(watch);
    static const char *const other = "/sys/devices/platform/serial8250/tty/ttyS0";
    add_string(watch, "P: /devices/platform/serial8250/tty/ttyS0\n"
                      "E: SUBSYSTEM=tty\nE: DEVNAME=/dev/ttyS0\nE: MAJOR=4\nE: MINOR=64\n");
    umockdev_testbed_uevent(watch->testbed, other, "change");
    umockdev_testbed_uevent(watch->testbed, other, "remove");
    plug_usb_device(watch);
    plug_port(watch, 0, 0, "");
    CHECK(wait_for(watch, 1, 0));
    CHECK(watch->added[0].interface_number == 0);
    watch_free(watch);
}

/* A stick that shows as a disc has no tty at all: the device itself is told of. */
static void usb_devices_come_and_go_whether_or_not_they_have_a_tty(void)
{
    struct watch *watch = watch_new();
    cmodemio_monitor_callbacks callbacks = {watch, on_added, on_removed, on_overflowed, on_usb_added, on_usb_removed};
    CHECK(cmodemio_monitor_start(watch->rig->loop, callbacks) == 0);
    CHECK(cmodemio_monitor_enumerate(watch->rig->loop) == 0);
    CHECK(watch->usb_events == 1 && strcmp(watch->usb[0], "1d6b:0002 ? " HUB) == 0);

    plug_usb_device(watch);
    watch->wanted_usb_events = 2;
    CHECK(rig_run(watch->rig, usb_came));
    CHECK(strcmp(watch->usb[1], "1e0e:9001 SimTech SIM7600 " STICK) == 0);
    plug_port(watch, 2, 2, "");
    CHECK(wait_for(watch, 1, 0));
    CHECK(watch->usb_events == 2); /* its interfaces are no devices */

    yank_port(watch, 2, 2);
    umockdev_testbed_uevent(watch->testbed, STICK, "remove");
    umockdev_testbed_remove_device(watch->testbed, STICK);
    watch->wanted_usb_events = 3;
    CHECK(rig_run(watch->rig, usb_came));
    CHECK(strcmp(watch->usb[2], "gone " STICK) == 0);
    CHECK(wait_for(watch, 1, 1));
    watch_free(watch);
}

static bool has_answer(struct rig *rig)
{
    return ((struct tap *)rig->extra)->received >= 6;
}

static void an_announced_port_can_be_opened_and_talked_to(void)
{
    struct watch *watch = watch_new();
    start(watch);
    struct pty pty = pty_new();
    char node[PATH_MAX];
    gchar *root = umockdev_testbed_get_root_dir(watch->testbed);
    (void)snprintf(node, sizeof node, "%s/dev", root);
    (void)mkdir(node, 0755);
    (void)snprintf(node, sizeof node, "%s/dev/ttyUSB3", root);
    g_free(root);
    CHECK(symlink(pty.path, node) == 0);
    plug_usb_device(watch);
    plug_port(watch, 2, 3, "");
    CHECK(wait_for(watch, 1, 0));

    struct tap tap = {0};
    CHECK(tap_open(&tap, watch->rig, watch->added[0].devnode) == 0);
    watch->rig->extra = &tap;
    CHECK(tap_write(&tap, "AT\r") == 0);
    char question[3];
    CHECK(read(pty.master, question, 3) == 3 && memcmp(question, "AT\r", 3) == 0);
    CHECK(write(pty.master, "\r\nOK\r\n", 6) == 6);
    CHECK(rig_run(watch->rig, has_answer));
    CHECK(memcmp(tap.bytes, "\r\nOK\r\n", 6) == 0);
    cmodemio_port_close(tap.port);
    close(pty.master);
    watch_free(watch);
}

int main(void)
{
    RUN(enumeration_finds_usb_ttys_with_all_that_is_known);
    RUN(port_types_come_from_the_rules);
    RUN(ports_come_and_go_and_come_back_renumbered);
    RUN(an_event_read_after_the_device_is_gone_is_not_taken_for_the_root_hub);
    RUN(a_new_enumeration_tells_what_went_unseen);
    RUN(events_of_other_ttys_are_not_told);
    RUN(usb_devices_come_and_go_whether_or_not_they_have_a_tty);
    RUN(an_announced_port_can_be_opened_and_talked_to);
    return finish("test_udev");
}
