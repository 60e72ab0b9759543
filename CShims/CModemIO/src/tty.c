#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

enum { FIRST_PTY_MAJOR = 136, LAST_PTY_MAJOR = 143 };

static const struct {
    uint32_t baud;
    speed_t code;
} speeds[] = {
    {1200, B1200},       {2400, B2400},       {4800, B4800},       {9600, B9600},       {19200, B19200},
    {38400, B38400},     {57600, B57600},     {115200, B115200},   {230400, B230400},   {460800, B460800},
    {500000, B500000},   {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000},
    {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000}, {3500000, B3500000},
    {4000000, B4000000},
};

static int set_speed(struct termios *settings, uint32_t baud)
{
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        if (speeds[i].baud == baud)
            return cfsetspeed(settings, speeds[i].code) < 0 ? -errno : 0;
    }
    return -EINVAL;
}

/* CLOCAL: a modem without a call has no carrier. No HUPCL: closing must not drop DTR, which resets some modems.
   VMIN 1: with 0, an empty tty would read like one that is gone. Hardware flow control stays as it was found. */
static int make_raw(int fd, uint32_t baud)
{
    struct termios settings;
    if (tcgetattr(fd, &settings) < 0)
        return -errno;
    cfmakeraw(&settings);
    settings.c_iflag &= ~(tcflag_t)(IXOFF | IXANY);
    settings.c_cflag &= ~(tcflag_t)(HUPCL | CSTOPB);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    if (baud > 0) {
        int result = set_speed(&settings, baud);
        if (result < 0)
            return result;
    }
    return tcsetattr(fd, TCSANOW, &settings) < 0 ? -errno : 0;
}

/* The pseudo-terminals are apart: their exclusive mark outlives the opener as long as the master is open, so that a
   gateway that was killed would lock itself out of a simulated modem. The flock suffices there. */
static int make_exclusive(int fd, const struct stat *tty, bool is_pty, pid_t *holder)
{
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK)
            return -errno;
        *holder = cmodemio_holder_by_lock(tty);
        return -EBUSY;
    }
    if (!is_pty) {
        /* The kernel lets root open what is exclusive: root has to ask. */
        int is_exclusive = 0;
        if (ioctl(fd, TIOCGEXCL, &is_exclusive) == 0 && is_exclusive) {
            *holder = cmodemio_holder_by_descriptor(tty);
            return -EBUSY;
        }
        if (ioctl(fd, TIOCEXCL) < 0)
            return -errno;
    }
    *holder = cmodemio_holder_by_lock_file(fd);
    if (*holder == 0)
        return 0;
    if (!is_pty)
        (void)ioctl(fd, TIOCNXCL);
    return -EBUSY;
}

static int claim(int fd, uint32_t baud, bool *out_is_pty, pid_t *holder)
{
    struct stat tty;
    if (fstat(fd, &tty) < 0)
        return -errno;
    if (!S_ISCHR(tty.st_mode) || !isatty(fd))
        return -ENOTTY;
    unsigned number = major(tty.st_rdev);
    *out_is_pty = number >= FIRST_PTY_MAJOR && number <= LAST_PTY_MAJOR;
    int result = make_exclusive(fd, &tty, *out_is_pty, holder);
    if (result < 0)
        return result;
    result = make_raw(fd, baud);
    if (result < 0 && !*out_is_pty)
        (void)ioctl(fd, TIOCNXCL);
    return result;
}

int cmodemio_tty_open(const char *path, uint32_t baud, int *out_fd, bool *out_is_pty, pid_t *holder)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        int result = -errno;
        struct stat tty;
        if (result == -EBUSY && stat(path, &tty) == 0)
            *holder = cmodemio_holder_by_descriptor(&tty);
        return result;
    }
    int result = claim(fd, baud, out_is_pty, holder);
    if (result < 0) {
        close(fd);
        return result;
    }
    *out_fd = fd;
    return 0;
}

void cmodemio_tty_close(int fd, bool is_pty)
{
    if (!is_pty) {
        (void)tcflush(fd, TCOFLUSH);
        (void)ioctl(fd, TIOCNXCL);
    }
    /* A child between fork and exec shares the lock; giving it up by name frees it for both. */
    (void)flock(fd, LOCK_UN);
    if (is_pty)
        close(fd);
    else
        cmodemio_close_soon(fd);
}
