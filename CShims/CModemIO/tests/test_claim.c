/* Claiming a tty: one opener only, and who it is; raw, without losing what had come already. */
#include "rig.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct child {
    pid_t pid;
    int to, from;
};

/* Opens the path as another gateway would, tells the result, and holds it until it is told to end or is killed. */
static struct child other_gateway(const char *path)
{
    int to[2];
    int from[2];
    if (pipe(to) != 0 || pipe(from) != 0)
        abort();
    pid_t pid = fork();
    if (pid == 0) {
        struct rig *rig = rig_new();
        struct tap tap = {0};
        int result = tap_open(&tap, rig, path);
        char nothing;
        close(to[1]);
        if (write(from[1], &result, sizeof result) != sizeof result || read(to[0], &nothing, 1) < 0)
            _exit(2);
        _exit(0);
    }
    close(to[0]);
    close(from[1]);
    struct child child = {.pid = pid, .to = to[1], .from = from[0]};
    int result = -1;
    CHECK(pid > 0 && read(child.from, &result, sizeof result) == sizeof result && result == 0);
    return child;
}

static void end(struct child child, int signal)
{
    if (signal)
        kill(child.pid, signal);
    close(child.to);
    close(child.from);
    CHECK(waitpid(child.pid, NULL, 0) == child.pid);
}

static int try_open(struct rig *rig, const char *path, pid_t *holder)
{
    struct tap tap = {.rig = rig};
    cmodemio_port_callbacks callbacks = {&tap, tap_received, tap_writable, tap_closed};
    cmodemio_port *port = NULL;
    *holder = -1;
    int result = cmodemio_port_open(rig->loop, path, (cmodemio_port_options){0, 0}, callbacks, &port, holder);
    CHECK((result == 0) == (port != NULL));
    if (port)
        cmodemio_port_close(port);
    return result;
}

static void B7_a_second_gateway_is_told_who_has_the_port(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct child child = other_gateway(pty.path);
    pid_t holder = 0;
    CHECK(try_open(rig, pty.path, &holder) == -EBUSY);
    CHECK(holder == child.pid);
    end(child, 0);
    CHECK(try_open(rig, pty.path, &holder) == 0);
    CHECK(holder == 0);
    close(pty.master);
    rig_free(rig);
}

static void a_killed_gateway_leaves_the_port_free(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct child child = other_gateway(pty.path);
    end(child, SIGKILL);
    pid_t holder = 0;
    CHECK(try_open(rig, pty.path, &holder) == 0);
    close(pty.master);
    rig_free(rig);
}

/* The kernel's exclusive mark shuts out everybody but root. */
static void the_kernels_exclusive_mark_is_honoured_and_its_owner_named(void)
{
    if (geteuid() != 0) {
        skip("needs root, to become somebody who is not");
        return;
    }
    struct pty pty = pty_new();
    int held = open(pty.path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(held >= 0 && ioctl(held, TIOCEXCL) == 0 && chmod(pty.path, 0666) == 0);
    pid_t child = fork();
    if (child == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(3);
        struct rig *rig = rig_new();
        struct tap tap = {0};
        _exit(tap_open(&tap, rig, pty.path) == -EBUSY ? 0 : 1);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);

    /* Whose descriptor it is can be seen by root only. */
    struct child other = other_gateway(pty.path);
    struct stat tty;
    CHECK(stat(pty.path, &tty) == 0);
    close(held);
    CHECK(cmodemio_holder_by_descriptor(&tty) == other.pid);
    end(other, 0);
    CHECK(cmodemio_holder_by_descriptor(&tty) == 0);
    close(pty.master);
}

static bool write_lock_file(const char *path, const void *content, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool result = fd >= 0 && write(fd, content, length) == (ssize_t)length;
    if (fd >= 0)
        close(fd);
    return result;
}

static void a_lock_file_of_a_living_program_counts_and_a_stale_one_does_not(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    char lock[128];
    (void)snprintf(lock, sizeof lock, "/run/lock/LCK..%s", strrchr(pty.path, '/') + 1);
    struct pty unrelated = pty_new();
    struct child living = other_gateway(unrelated.path);
    struct child dead = other_gateway(pty.path);
    end(dead, SIGKILL);

    char text[64];
    pid_t holder = 0;
    int length = snprintf(text, sizeof text, "%10d minicom root\n", (int)living.pid);
    if (!write_lock_file(lock, text, (size_t)length)) {
        skip("needs /run/lock, writable, without a lock file of that name");
    } else {
        CHECK(try_open(rig, pty.path, &holder) == -EBUSY && holder == living.pid);
        unlink(lock);
        CHECK(write_lock_file(lock, &living.pid, sizeof(int)));
        CHECK(try_open(rig, pty.path, &holder) == -EBUSY && holder == living.pid);
        unlink(lock);
        length = snprintf(text, sizeof text, "%10d\n", (int)dead.pid);
        CHECK(write_lock_file(lock, text, (size_t)length));
        CHECK(try_open(rig, pty.path, &holder) == 0);
        unlink(lock);
        static const char *const nonsense[] = {"", "\n", "abc", "-1\n", "99999999999999999999", "0\n"};
        for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
            CHECK(write_lock_file(lock, nonsense[i], strlen(nonsense[i])));
            CHECK(try_open(rig, pty.path, &holder) == 0);
            unlink(lock);
        }
        length = snprintf(text, sizeof text, "%10d\n", (int)getpid());
        CHECK(write_lock_file(lock, text, (size_t)length));
        CHECK(try_open(rig, pty.path, &holder) == 0);
        unlink(lock);
    }
    end(living, 0);
    close(unrelated.master);
    close(pty.master);
    rig_free(rig);
}

static void what_cannot_be_a_port_is_refused_with_its_reason(void)
{
    struct rig *rig = rig_new();
    pid_t holder = 0;
    CHECK(try_open(rig, "/dev/ttyNONE", &holder) == -ENOENT);
    CHECK(try_open(rig, "/dev/null", &holder) == -ENOTTY);
    CHECK(try_open(rig, "/proc/self/status", &holder) < 0);
    CHECK(try_open(rig, "/tmp", &holder) == -EISDIR);
    rig_free(rig);
}

static bool has_come(struct rig *rig)
{
    return ((struct tap *)rig->extra)->received >= 3;
}

static void a_port_is_raw_and_keeps_what_had_come_before(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct tap tap = {0};
    rig->extra = &tap;
    CHECK(write(pty.master, "\x03\r\x1a", 3) == 3);
    CHECK(tap_open_as(&tap, rig, pty.path, (cmodemio_port_options){.baud = 115200}) == 0);
    CHECK(rig_run(rig, has_come));
    CHECK(tap.received == 3 && memcmp(tap.bytes, "\x03\r\x1a", 3) == 0);
    struct termios settings;
    CHECK(tcgetattr(tap.port->fd, &settings) == 0);
    CHECK((settings.c_lflag & (ICANON | ECHO | ISIG | IEXTEN)) == 0);
    CHECK((settings.c_iflag & (ICRNL | INLCR | IXON | IXOFF | ISTRIP)) == 0);
    CHECK((settings.c_oflag & OPOST) == 0);
    CHECK((settings.c_cflag & (CLOCAL | CREAD)) == (CLOCAL | CREAD));
    CHECK((settings.c_cflag & (HUPCL | CSTOPB)) == 0);
    CHECK(settings.c_cc[VMIN] == 1 && settings.c_cc[VTIME] == 0);
    CHECK(cfgetispeed(&settings) == B115200);
    CHECK((fcntl(tap.port->fd, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((fcntl(tap.port->fd, F_GETFL) & O_NONBLOCK) != 0);
    close(pty.master);
    rig_free(rig);
}

static bool ready_to_read(int fd)
{
    int waiting = 0;
    return ioctl(fd, FIONREAD, &waiting) == 0 && waiting == 4;
}

static void input_is_discarded_on_request_only(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct tap tap = {0};
    rig->extra = &tap;
    CHECK(tap_open(&tap, rig, pty.path) == 0);
    cmodemio_port_pause(tap.port);
    CHECK(write(pty.master, "JUNK", 4) == 4);
    /* The kernel hands it over in the background. */
    int64_t limit = cmodemio_now_ns() + 5000000000;
    while (!ready_to_read(tap.port->fd) && cmodemio_now_ns() < limit)
        sched_yield();
    CHECK(cmodemio_port_discard_input(tap.port) == 0);
    cmodemio_port_resume(tap.port);
    CHECK(write(pty.master, "\r\nOK", 4) == 4);
    CHECK(rig_run(rig, has_come));
    CHECK(memcmp(tap.bytes, "\r\nO", 3) == 0);
    close(pty.master);
    rig_free(rig);
}

int main(void)
{
    RUN(B7_a_second_gateway_is_told_who_has_the_port);
    RUN(a_killed_gateway_leaves_the_port_free);
    RUN(the_kernels_exclusive_mark_is_honoured_and_its_owner_named);
    RUN(a_lock_file_of_a_living_program_counts_and_a_stale_one_does_not);
    RUN(what_cannot_be_a_port_is_refused_with_its_reason);
    RUN(a_port_is_raw_and_keeps_what_had_come_before);
    RUN(input_is_discarded_on_request_only);
    return finish("test_claim");
}
