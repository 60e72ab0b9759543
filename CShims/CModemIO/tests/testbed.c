/* A USB bus of its own for one process that listens to libudev: modems with several ports come and go as lines on
 * standard input say. Not a suite: other tests build it, and run it and the process under umockdev's preload.
 *
 *   plug                                  the USB device
 *   port INTERFACE NUMBER TTY [KEY=VALUE] its port ttyUSBNUMBER, which leads to TTY: a path, or `silent` for a terminal
 *                                         that never answers, `taken` for one that this program holds, `forbidden` for
 *                                         one that its group alone may open
 *   pull INTERFACE NUMBER                 that port: hang-up where it is ours, event, and nothing left in /sys
 *   unplug                                the USB device
 *
 * Its first line is the folder for UMOCKDEV_DIR; each command is answered with the CLOCK_MONOTONIC in milliseconds at
 * which it began. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <umockdev.h>
#include <unistd.h>

enum { NUMBERS = 32, LINE_SIZE = 512 };

#define STICK "/devices/pci0000:00/0000:00:14.0/usb1/1-2"

struct terminal {
    int master, slave;
};

static UMockdevTestbed *testbed;
static gchar *root;
static struct terminal terminals[NUMBERS]; /* by number; where it is ours */

static bool add(const char *text)
{
    GError *error = NULL;
    bool fine = umockdev_testbed_add_from_string(testbed, text, &error);
    if (!fine)
        (void)fprintf(stderr, "testbed: %s\n", error ? error->message : "not added");
    g_clear_error(&error);
    return fine;
}

static bool add_hub(void)
{
    return add("P: /devices/pci0000:00/0000:00:14.0/usb1\nN: bus/usb/001/001\n"
               "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/001\n"
               "A: idVendor=1d6b\\n\nA: idProduct=0002\\n\nA: serial=0000:00:14.0\\n\n"
               "L: driver=../../../../../../bus/usb/drivers/usb\n");
}

static bool plug(void)
{
    return add("P: " STICK "\nN: bus/usb/001/005\n"
               "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/005\n"
               "A: idVendor=1e0e\\n\nA: idProduct=9001\\n\nA: serial=0123456789ABCDEF\\n\n"
               "A: manufacturer=SimTech\\n\nA: product=SimTech SIM7600\\n\n");
}

/* A terminal of ours that never answers; `kind` says what else is wrong with it. */
static bool open_terminal(struct terminal *terminal, const char *kind, char *path, size_t size)
{
    terminal->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal->master < 0 || grantpt(terminal->master) != 0 || unlockpt(terminal->master) != 0 ||
        ptsname_r(terminal->master, path, size) != 0)
        return false;
    if (strcmp(kind, "forbidden") == 0)
        return chmod(path, S_IRGRP | S_IWGRP) == 0;
    if (strcmp(kind, "taken") != 0)
        return true;
    terminal->slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    /* Past the preload, which has its own idea of ioctl. Root sees the lock, everybody else is kept out. */
    return terminal->slave >= 0 && flock(terminal->slave, LOCK_EX | LOCK_NB) == 0 &&
           syscall(SYS_ioctl, terminal->slave, TIOCEXCL) == 0;
}

static void close_terminal(struct terminal *terminal)
{
    if (terminal->slave > 0)
        close(terminal->slave);
    if (terminal->master > 0)
        close(terminal->master);
    *terminal = (struct terminal){0};
}

/* The name comes first: an `add` finds its node. */
static bool link_node(int number, const char *target)
{
    char node[PATH_MAX];
    (void)snprintf(node, sizeof node, "%s/dev", root);
    if (mkdir(node, 0755) != 0 && errno != EEXIST)
        return false;
    (void)snprintf(node, sizeof node, "%s/dev/ttyUSB%d", root, number);
    (void)unlink(node);
    return symlink(target, node) == 0;
}

static bool add_port(int interface, int number, const char *tty, const char *property)
{
    char path[128];
    char text[2048];
    if (*tty != '/') {
        if (!open_terminal(&terminals[number], tty, path, sizeof path))
            return false;
        tty = path;
    }
    if (!link_node(number, tty))
        return false;
    (void)snprintf(text, sizeof text,
                   "P: " STICK "/1-2:1.%d\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nE: DRIVER=option\n"
                   "A: bInterfaceNumber=%02x\\n\nL: driver=../../../../../../../bus/usb/drivers/option\n\n"
                   "P: " STICK "/1-2:1.%d/ttyUSB%d\nE: SUBSYSTEM=usb-serial\nE: DRIVER=option1\n\n",
                   interface, (unsigned)interface, interface, number);
    if (!add(text))
        return false;
    (void)snprintf(text, sizeof text,
                   "P: " STICK "/1-2:1.%d/ttyUSB%d/tty/ttyUSB%d\n"
                   "E: SUBSYSTEM=tty\nE: DEVNAME=/dev/ttyUSB%d\nE: MAJOR=188\nE: MINOR=%d\n"
                   "E: ID_PATH=pci-0000:00:14.0-usb-0:2:1.%d\nE: ID_BUS=usb\n%s%s\n",
                   interface, number, number, number, number, interface, *property ? "E: " : "", property);
    return add(text);
}

/* As the kernel does it: the terminal hangs up, the event comes when the folders are about to go. */
static bool pull_port(int interface, int number)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/dev/ttyUSB%d", root, number);
    (void)unlink(path);
    close_terminal(&terminals[number]);
    (void)snprintf(path, sizeof path, "/sys" STICK "/1-2:1.%d/ttyUSB%d/tty/ttyUSB%d", interface, number, number);
    umockdev_testbed_uevent(testbed, path, "remove");
    umockdev_testbed_remove_device(testbed, path);
    (void)snprintf(path, sizeof path, "/sys" STICK "/1-2:1.%d/ttyUSB%d", interface, number);
    umockdev_testbed_remove_device(testbed, path);
    (void)snprintf(path, sizeof path, "/sys" STICK "/1-2:1.%d", interface);
    umockdev_testbed_remove_device(testbed, path);
    return true;
}

static bool obey(const char *line)
{
    char word[16];
    char tty[256] = "";
    char property[128] = "";
    int interface = 0;
    int number = 0;
    /* NOLINTNEXTLINE(cert-err34-c): the count is checked, and the numbers too. */
    int fields = sscanf(line, "%15s %d %d %255s %127s", word, &interface, &number, tty, property);
    if (fields < 1 || interface < 0 || interface > UCHAR_MAX || number < 0 || number >= NUMBERS)
        return false;
    if (strcmp(word, "plug") == 0)
        return plug();
    if (strcmp(word, "port") == 0 && fields >= 4)
        return add_port(interface, number, tty, property);
    if (strcmp(word, "pull") == 0 && fields == 3)
        return pull_port(interface, number);
    if (strcmp(word, "unplug") == 0) {
        umockdev_testbed_remove_device(testbed, "/sys" STICK);
        return true;
    }
    return false;
}

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

int main(void)
{
    testbed = umockdev_testbed_new();
    root = umockdev_testbed_get_root_dir(testbed);
    int status = add_hub() ? 0 : 1;
    printf("%s\n", root);
    (void)fflush(stdout);
    char line[LINE_SIZE];
    while (status == 0 && fgets(line, sizeof line, stdin)) {
        double began = now_ms();
        if (!obey(line)) {
            (void)fprintf(stderr, "testbed: cannot obey: %s", line);
            status = 1;
        } else {
            printf("%.3f\n", began);
            (void)fflush(stdout);
        }
    }
    for (int i = 0; i < NUMBERS; i++)
        close_terminal(&terminals[i]);
    g_free(root);
    g_object_unref(testbed);
    return status;
}
