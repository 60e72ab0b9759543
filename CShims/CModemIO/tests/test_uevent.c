/* Hostile and malformed udev messages: the guard alone, then a real netlink socket in a network namespace of our own,
   so that nobody else's monitor sees them. */
#include "../src/internal.h"

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* ------------------------------------------------------------------ building messages */

struct message {
    uint8_t bytes[4096];
    size_t length;
};

struct header {
    char prefix[8];
    uint32_t magic, header_size, properties_offset, properties_length;
    uint32_t hash_of_subsystem, hash_of_devtype, bloom_high, bloom_low;
};

/* MurmurHash2 with seed 0: what libudev puts into the header for the kernel's filter. */
static uint32_t hash(const char *text)
{
    const uint32_t m = 0x5bd1e995;
    size_t length = strlen(text);
    const uint8_t *data = (const uint8_t *)text;
    uint32_t h = (uint32_t)length;
    for (; length >= 4; length -= 4, data += 4) {
        uint32_t k;
        memcpy(&k, data, sizeof k);
        k *= m;
        k ^= k >> 24;
        k *= m;
        h = (h * m) ^ k;
    }
    if (length == 3)
        h ^= (uint32_t)data[2] << 16;
    if (length >= 2)
        h ^= (uint32_t)data[1] << 8;
    if (length >= 1)
        h = (h ^ data[0]) * m;
    h ^= h >> 13;
    h *= m;
    return h ^ (h >> 15);
}

/* `properties`: lines separated by `|`. */
static struct message message_with(const char *properties)
{
    struct message message = {.length = sizeof(struct header)};
    for (const char *c = properties; *c; c++)
        message.bytes[message.length++] = *c == '|' ? 0 : (uint8_t)*c;
    message.bytes[message.length++] = 0;
    struct header header = {
        .prefix = "libudev",
        .magic = htonl(0xfeedcafe),
        .header_size = sizeof header,
        .properties_offset = sizeof header,
        .properties_length = (uint32_t)(message.length - sizeof header),
        .hash_of_subsystem = htonl(hash("tty")),
    };
    memcpy(message.bytes, &header, sizeof header);
    return message;
}

static bool sane(struct message message)
{
    return cmodemio_uevent_is_sane(message.bytes, message.length);
}

#define BASE "ACTION=add|DEVPATH=/devices/virtual/tty/tty0|SUBSYSTEM=tty|SEQNUM=1"

/* ------------------------------------------------------------------ the guard alone */

static void guard_lets_real_messages_pass(void)
{
    CHECK(sane(message_with(BASE "|DEVNAME=/dev/tty0|MAJOR=4|MINOR=0")));
    CHECK(sane(message_with(BASE)));
    CHECK(sane(message_with(BASE "|SUBSYSTEM=tty|DEVNAME=ttyUSB0")));
    CHECK(sane(
        message_with("ACTION=remove|DEVPATH=/devices/pci0000:00/usb1/1-2/1-2:1.2/ttyUSB2/tty/ttyUSB2|SUBSYSTEM=tty"
                     "|DEVNAME=/dev/ttyUSB2|DEVLINKS=/dev/serial/by-id/usb-x /dev/serial/by-path/y|TAGS=:systemd:")));
    CHECK(sane(message_with("ACTION=add|DEVPATH=/devices/pci0000:00/usb1/1-2|SUBSYSTEM=usb|DEVTYPE=usb_device"
                            "|DEVNAME=/dev/bus/usb/001/005")));
}

static void guard_refuses_what_libudev_must_not_see(void)
{
    static const char *const hostile[] = {
        BASE "|DEVNAME=/tmp/x",
        BASE "|DEVNAME=../tty0",
        BASE "|DEVNAME=",
        BASE "|DEVNAME=/dev/",
        BASE "|DEVNAME=/dev",
        BASE "|DEVNAME=/dev/../etc/passwd",
        BASE "|DEVNAME=/dev//tty0",
        BASE "|DEVNAME=/dev/tty0/",
        BASE "|DEVNAME=/dev/tty0|DEVNAME=/tmp/x",
        BASE "|NOEQUALS",
        BASE "|=value",
        BASE "||DEVNAME=/dev/tty0",
        "ACTION=add|DEVPATH=devices/x|SUBSYSTEM=tty",
        "ACTION=add|DEVPATH=/devices/../../etc|SUBSYSTEM=tty",
        "ACTION=add|DEVPATH=/module/x|SUBSYSTEM=tty",
        "ACTION=add|DEVPATH=/devices/x|SUBSYSTEM=block",
        "ACTION=add|DEVPATH=/devices/x|SUBSYSTEM=usb",
        "ACTION=add|DEVPATH=/devices/x|SUBSYSTEM=usb|DEVTYPE=usb_interface",
        "ACTION=add|DEVPATH=/devices/x|SUBSYSTEM=usb|DEVTYPE=usb_device|DEVTYPE=usb_interface",
        "ACTION=add|DEVPATH=/devices/x|SUBSYSTEM=usb|DEVTYPE=usb_device|DEVNAME=/tmp/x",
        "ACTION=add|DEVPATH=/devices/x",
        "ACTION=add|SUBSYSTEM=tty",
        "DEVPATH=/devices/x|SUBSYSTEM=tty",
        "ACTION=|DEVPATH=/devices/x|SUBSYSTEM=tty",
        "",
    };
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        if (!CHECK(!sane(message_with(hostile[i]))))
            printf("    %s\n", hostile[i]);
    }
}

static void guard_refuses_broken_headers(void)
{
    struct message good = message_with(BASE);
    CHECK(sane(good));
    for (size_t length = 0; length < good.length; length++) {
        struct message shorter = good;
        shorter.length = length;
        CHECK(!sane(shorter));
    }
    static const struct {
        size_t offset;
        uint32_t value;
    } changes[] = {
        {offsetof(struct header, magic), 0},
        {offsetof(struct header, prefix), 0},
        {offsetof(struct header, header_size), 0},
        {offsetof(struct header, properties_offset), 0},
        {offsetof(struct header, properties_offset), UINT32_MAX},
        {offsetof(struct header, properties_offset), 4096},
        {offsetof(struct header, properties_length), 0},
        {offsetof(struct header, properties_length), UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct message changed = good;
        memcpy(changed.bytes + changes[i].offset, &changes[i].value, sizeof changes[i].value);
        CHECK(!sane(changed));
    }
    struct message unterminated = good;
    unterminated.bytes[unterminated.length - 1] = 'x';
    CHECK(!sane(unterminated));
}

/* Every byte of a good message turned into every value: no crash (sanitizers watch), and what passes is still whole. */
static void guard_survives_every_single_byte_change(void)
{
    struct message good = message_with(BASE "|DEVNAME=/dev/tty0");
    unsigned passed = 0;
    for (size_t i = 0; i < good.length; i++) {
        for (unsigned value = 0; value < 256; value++) {
            struct message changed = good;
            changed.bytes[i] = (uint8_t)value;
            passed += sane(changed);
        }
    }
    CHECK(passed > 0 && passed < good.length * 256);
}

/* ------------------------------------------------------------------ over real netlink */

struct context {
    cmodemio_loop *loop;
    uint64_t wanted;
    unsigned added, removed, overflowed, woken;
    bool timed_out;
};

static void on_woken(void *context)
{
    struct context *test = context;
    test->woken++;
    cmodemio_monitor_counts counts = cmodemio_monitor_get_counts(test->loop);
    if (counts.accepted + counts.refused >= test->wanted)
        cmodemio_loop_stop(test->loop);
    else
        cmodemio_loop_wake(test->loop);
}

static void on_deadline(void *context)
{
    struct context *test = context;
    test->timed_out = true;
    cmodemio_loop_stop(test->loop);
}

static void on_added(void *context, const cmodemio_device *device)
{
    (void)device;
    ((struct context *)context)->added++;
}

static void on_removed(void *context, const char *syspath)
{
    (void)syspath;
    ((struct context *)context)->removed++;
}

static void on_overflowed(void *context)
{
    struct context *test = context;
    test->overflowed++;
    cmodemio_loop_stop(test->loop);
}

static bool start(struct context *test)
{
    cmodemio_loop_callbacks loop_callbacks = {test, on_woken, on_deadline};
    cmodemio_monitor_callbacks callbacks = {test, on_added, on_removed, on_overflowed, NULL, NULL};
    return CHECK(cmodemio_loop_create(loop_callbacks, &test->loop) == 0) &&
           CHECK(cmodemio_monitor_start(test->loop, callbacks) == 0);
}

static int udevd_socket(void)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    struct sockaddr_nl own = {.nl_family = AF_NETLINK};
    if (fd >= 0 && bind(fd, (struct sockaddr *)&own, sizeof own) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool cast(int fd, struct message message)
{
    struct sockaddr_nl everybody = {.nl_family = AF_NETLINK, .nl_groups = 2};
    return sendto(fd, message.bytes, message.length, 0, (struct sockaddr *)&everybody, sizeof everybody) ==
           (ssize_t)message.length;
}

/* Without udevd and devtmpfs, libudev takes it that nobody sends events, and listens to none. */
static bool libudev_listens(void)
{
    if (access("/run/udev/control", F_OK) == 0)
        return true;
    FILE *mounts = fopen("/proc/mounts", "re");
    char line[1024];
    bool found = false;
    while (mounts && !found && fgets(line, sizeof line, mounts))
        found = strstr(line, " /dev devtmpfs ") != NULL;
    if (mounts)
        fclose(mounts);
    return found;
}

static bool have_netlink;

static void a_forged_message_over_netlink_does_not_abort_the_process(void)
{
    if (!have_netlink) {
        skip("needs root (a network namespace of its own) and a devtmpfs or udevd");
        return;
    }
    static const char *const hostile[] = {
        BASE "|DEVNAME=/tmp/x",
        BASE "|DEVNAME=../tty0",
        BASE "|NOEQUALS",
        "ACTION=add|DEVPATH=devices/x|SUBSYSTEM=tty",
        "ACTION=add|DEVPATH=/devices/virtual/tty/tty0|SUBSYSTEM=block|DEVNAME=/tmp/x",
    };
    enum { COUNT = sizeof hostile / sizeof hostile[0] };
    struct context test = {.wanted = COUNT + 2};
    if (!start(&test))
        return;
    int udevd = udevd_socket();
    CHECK(udevd >= 0);
    CHECK(cast(udevd, message_with(BASE "|DEVNAME=/dev/tty0")));
    for (size_t i = 0; i < COUNT; i++)
        CHECK(cast(udevd, message_with(hostile[i])));
    CHECK(cast(udevd, message_with("ACTION=remove|DEVPATH=/devices/virtual/tty/tty0|SUBSYSTEM=tty|DEVNAME=/dev/tty0")));
    cmodemio_loop_set_deadline(test.loop, cmodemio_now_ns() + 10000000000);
    cmodemio_loop_wake(test.loop);
    CHECK(cmodemio_loop_run(test.loop) == 0);
    CHECK(!test.timed_out);
    cmodemio_monitor_counts counts = cmodemio_monitor_get_counts(test.loop);
    CHECK(counts.accepted == 2 && counts.refused == COUNT);
    CHECK(test.added == 0 && test.removed == 0 && test.overflowed == 0);
    close(udevd);
    cmodemio_loop_destroy(test.loop);
}

static void a_full_receive_buffer_is_told(void)
{
    if (!have_netlink) {
        skip("needs root (a network namespace of its own) and a devtmpfs or udevd");
        return;
    }
    struct context test = {.wanted = UINT64_MAX};
    if (!start(&test))
        return;
    int udevd = udevd_socket();
    CHECK(udevd >= 0);
    struct message message = message_with(BASE "|DEVNAME=/dev/tty0");
    for (int i = 0; i < 40000; i++)
        (void)cast(udevd, message);
    cmodemio_loop_set_deadline(test.loop, cmodemio_now_ns() + 20000000000);
    CHECK(cmodemio_loop_run(test.loop) == 0);
    CHECK(!test.timed_out && test.overflowed == 1);
    CHECK(cmodemio_monitor_enumerate(test.loop) == 0);
    close(udevd);
    cmodemio_loop_destroy(test.loop);
}

int main(void)
{
    have_netlink = unshare(CLONE_NEWNET) == 0 && libudev_listens();
    RUN(guard_lets_real_messages_pass);
    RUN(guard_refuses_what_libudev_must_not_see);
    RUN(guard_refuses_broken_headers);
    RUN(guard_survives_every_single_byte_change);
    RUN(a_forged_message_over_netlink_does_not_abort_the_process);
    RUN(a_full_receive_buffer_is_told);
    return finish("test_uevent");
}
