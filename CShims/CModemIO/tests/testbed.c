/* A USB bus of its own for one process that listens to libudev: modems with several ports come and go as lines on
 * standard input say. Not a suite: other tests build it, and run it and the process under umockdev's preload.
 *
 *   plug SOCKET VVVV:PPPP SERIAL
 *
 * A USB device in that socket of the hub, 1 to 99; SERIAL `-`: it has none.
 *
 *   port SOCKET INTERFACE TTY END [KEY=VALUE]
 *
 * Its port TTY (ttyUSB0, ttyACM0, ...), which leads to END: a path, or `silent` for a terminal that never answers,
 * `taken` for one that this program holds, `forbidden` for one that its group alone may open.
 *
 *   pull SOCKET INTERFACE TTY
 *
 * That port: hang-up where it is ours, event, and nothing left in /sys.
 *
 *   unplug SOCKET
 *
 * The USB device.
 *
 * Its first line is the folder for UMOCKDEV_DIR; each command is answered with the CLOCK_MONOTONIC in milliseconds at
 * which it began. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <umockdev.h>
#include <unistd.h>

enum { TERMINALS = 128, SOCKETS = 100, LINE_SIZE = 512, PATIENCE_MS = 60000 };

#define HUB "/devices/pci0000:00/0000:00:14.0/usb1"

struct terminal {
    char tty[16];
    int master, slave;
};

static UMockdevTestbed *testbed;
static gchar *root;
static struct terminal terminals[TERMINALS]; /* those that are ours; a free one has no name */

/* Waits until whoever listens has room for one more event: sent into a full queue it would end this program. A queue
 * holds some ten (net.unix.max_dgram_qlen), and a listener on a busy machine is slower than a list of ports. */
static bool await_room(void)
{
    char pattern[PATH_MAX];
    (void)snprintf(pattern, sizeof pattern, "%s/event[0-9]*", root);
    glob_t listeners;
    if (glob(pattern, GLOB_NOSORT, NULL, &listeners) != 0)
        return true;
    bool has_room = true;
    for (size_t i = 0; has_room && i < listeners.gl_pathc; i++) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", listeners.gl_pathv[i]);
        struct pollfd socket_of_ours = {.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), .events = POLLOUT};
        /* One that cannot be reached has gone; its queue is nobody's. */
        if (connect(socket_of_ours.fd, (struct sockaddr *)&address, sizeof address) == 0)
            has_room = poll(&socket_of_ours, 1, PATIENCE_MS) == 1;
        close(socket_of_ours.fd);
    }
    globfree(&listeners);
    if (!has_room)
        (void)fprintf(stderr, "testbed: nobody takes the events of this bus\n");
    return has_room;
}

static bool add(const char *text)
{
    if (!await_room())
        return false;
    GError *error = NULL;
    bool fine = umockdev_testbed_add_from_string(testbed, text, &error);
    if (!fine)
        (void)fprintf(stderr, "testbed: %s\n", error ? error->message : "not added");
    g_clear_error(&error);
    return fine;
}

static bool announce_removal(const char *path)
{
    if (!await_room())
        return false;
    umockdev_testbed_uevent(testbed, path, "remove");
    return true;
}

static bool add_hub(void)
{
    return add("P: " HUB "\nN: bus/usb/001/001\n"
               "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/001\n"
               "A: idVendor=1d6b\\n\nA: idProduct=0002\\n\nA: serial=0000:00:14.0\\n\n"
               "L: driver=../../../../../../bus/usb/drivers/usb\n");
}

static bool plug(int socket, const char *id, const char *serial)
{
    char text[1024];
    char vendor[8];
    char product[8];
    if (sscanf(id, "%4[0-9a-f]:%4[0-9a-f]", vendor, product) != 2)
        return false;
    bool has_serial = strcmp(serial, "-") != 0;
    (void)snprintf(text, sizeof text,
                   "P: " HUB "/1-%d\nN: bus/usb/001/%03d\n"
                   "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/%03d\n"
                   "E: ID_PATH=pci-0000:00:14.0-usb-0:%d\n"
                   "A: idVendor=%s\\n\nA: idProduct=%s\\n\nA: busnum=1\\n\nA: devnum=%d\\n\n%s%s%s"
                   "A: manufacturer=Maker\\n\nA: product=Modem %s\\n\n",
                   socket, socket + 1, socket + 1, socket, vendor, product, socket + 1, has_serial ? "A: serial=" : "",
                   has_serial ? serial : "", has_serial ? "\\n\n" : "", id);
    return add(text);
}

static struct terminal *terminal_of(const char *tty)
{
    for (int i = 0; i < TERMINALS; i++)
        if (strcmp(terminals[i].tty, tty) == 0)
            return &terminals[i];
    return NULL;
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
    /* Free again. */
    *terminal = (struct terminal){0};
}

/* The name comes first: an `add` finds its node. */
static bool link_node(const char *tty, const char *target)
{
    char node[PATH_MAX];
    (void)snprintf(node, sizeof node, "%s/dev", root);
    if (mkdir(node, 0755) != 0 && errno != EEXIST)
        return false;
    (void)snprintf(node, sizeof node, "%s/dev/%s", root, tty);
    (void)unlink(node);
    return symlink(target, node) == 0;
}

/* The folder of a port below its interface: cdc_acm has one less. */
static void port_folder(char *folder, size_t size, int socket, int interface, const char *tty)
{
    if (strncmp(tty, "ttyACM", 6) == 0)
        (void)snprintf(folder, size, HUB "/1-%d/1-%d:1.%d", socket, socket, interface);
    else
        (void)snprintf(folder, size, HUB "/1-%d/1-%d:1.%d/%s", socket, socket, interface, tty);
}

static bool add_port(int socket, int interface, const char *tty, const char *end, const char *property)
{
    char path[128];
    char text[2048];
    char folder[256];
    bool is_acm = strncmp(tty, "ttyACM", 6) == 0;
    if (*end != '/') {
        struct terminal *terminal = terminal_of("");
        if (!terminal || !open_terminal(terminal, end, path, sizeof path))
            return false;
        (void)snprintf(terminal->tty, sizeof terminal->tty, "%s", tty);
        end = path;
    }
    if (!link_node(tty, end))
        return false;
    port_folder(folder, sizeof folder, socket, interface, tty);
    (void)snprintf(text, sizeof text,
                   "P: " HUB "/1-%d/1-%d:1.%d\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nE: DRIVER=%s\n"
                   "A: bInterfaceNumber=%02x\\n\nL: driver=../../../../../../../bus/usb/drivers/%s\n\n",
                   socket, socket, interface, is_acm ? "cdc_acm" : "option", (unsigned)interface,
                   is_acm ? "cdc_acm" : "option");
    if (!add(text))
        return false;
    if (!is_acm) {
        (void)snprintf(text, sizeof text, "P: %s\nE: SUBSYSTEM=usb-serial\nE: DRIVER=option1\n\n", folder);
        if (!add(text))
            return false;
    }
    (void)snprintf(text, sizeof text,
                   "P: %s/tty/%s\nE: SUBSYSTEM=tty\nE: DEVNAME=/dev/%s\nE: MAJOR=188\nE: MINOR=%d\n"
                   "E: ID_PATH=pci-0000:00:14.0-usb-0:%d:1.%d\nE: ID_BUS=usb\n%s%s\n",
                   folder, tty, tty, interface, socket, interface, *property ? "E: " : "", property);
    return add(text);
}

/* As the kernel does it: the terminal hangs up, the event comes when the folders are about to go. */
static bool pull_port(int socket, int interface, const char *tty)
{
    char path[PATH_MAX];
    char folder[256];
    (void)snprintf(path, sizeof path, "%s/dev/%s", root, tty);
    (void)unlink(path);
    struct terminal *terminal = terminal_of(tty);
    if (terminal)
        close_terminal(terminal);
    port_folder(folder, sizeof folder, socket, interface, tty);
    (void)snprintf(path, sizeof path, "/sys%s/tty/%s", folder, tty);
    if (!announce_removal(path))
        return false;
    umockdev_testbed_remove_device(testbed, path);
    if (strncmp(tty, "ttyACM", 6) != 0) {
        (void)snprintf(path, sizeof path, "/sys%s", folder);
        umockdev_testbed_remove_device(testbed, path);
    }
    (void)snprintf(path, sizeof path, "/sys" HUB "/1-%d/1-%d:1.%d", socket, socket, interface);
    umockdev_testbed_remove_device(testbed, path);
    return true;
}

static bool unplug(int socket)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "/sys" HUB "/1-%d", socket);
    if (!announce_removal(path))
        return false;
    umockdev_testbed_remove_device(testbed, path);
    return true;
}

static bool obey(const char *line)
{
    char word[16];
    char third[32] = "";
    char fourth[256] = "";
    char fifth[256] = "";
    char property[128] = "";
    int socket = 0;
    /* NOLINTNEXTLINE(cert-err34-c): the count is checked, and the numbers too. */
    int fields = sscanf(line, "%15s %d %31s %255s %255s %127s", word, &socket, third, fourth, fifth, property);
    if (fields < 2 || socket < 1 || socket >= SOCKETS)
        return false;
    if (strcmp(word, "unplug") == 0)
        return unplug(socket);
    if (strcmp(word, "plug") == 0 && fields == 4)
        return plug(socket, third, fourth);
    char *rest = third;
    long interface = strtol(third, &rest, 10);
    if (rest == third || *rest != '\0' || interface < 0 || interface > UCHAR_MAX || strlen(fourth) > 15)
        return false;
    if (strcmp(word, "port") == 0 && fields >= 5)
        return add_port(socket, (int)interface, fourth, fifth, property);
    if (strcmp(word, "pull") == 0 && fields == 4)
        return pull_port(socket, (int)interface, fourth);
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
    for (int i = 0; i < TERMINALS; i++)
        close_terminal(&terminals[i]);
    g_free(root);
    g_object_unref(testbed);
    return status;
}
