#define _GNU_SOURCE
/* Every rule of the fence, tried from inside: a forked child puts it up and says with its exit code what happened. */
#include "csandbox.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

static char folder[64];

/* What `body` returns, in a child; 200 + the signal when one ended it. */
static int in_child(int (*body)(void))
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(body());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

static const char *in_folder(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int open_error(const char *path, int flags)
{
    int descriptor = open(path, flags | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return errno;
    close(descriptor);
    return 0;
}

static void write_file(const char *name)
{
    int descriptor = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    CHECK(descriptor >= 0 && write(descriptor, "secret\n", 7) == 7);
    close(descriptor);
}

/* ------------------------------------------------------------------ files */

static int fence_files(void)
{
    char readable[128];
    char writable[128];
    snprintf(readable, sizeof readable, "%s", in_folder("open"));
    snprintf(writable, sizeof writable, "%s", in_folder("data"));
    csandbox_path paths[] = {
        {readable, CSANDBOX_READ, 0},
        {writable, CSANDBOX_READ | CSANDBOX_WRITE, 0},
        {"/no/such/folder", CSANDBOX_READ, 0},
    };
    return csandbox_landlock(paths, 3, 0);
}

static int files_body(void)
{
    if (fence_files() < 1)
        return 1;
    if (open_error(in_folder("open"), O_RDONLY) != 0)
        return 2;
    if (open_error(in_folder("open"), O_WRONLY) != EACCES)
        return 3;
    if (open_error(in_folder("secret"), O_RDONLY) != EACCES)
        return 4;
    if (open_error(in_folder("new"), O_WRONLY | O_CREAT) != EACCES)
        return 5;
    if (open_error(in_folder("data/new"), O_RDWR | O_CREAT) != 0)
        return 6;
    if (mkdir(in_folder("data/folder"), 0700) != 0)
        return 7;
    if (rename(in_folder("data/new"), in_folder("escaped")) == 0)
        return 8;
    if (symlink(in_folder("secret"), in_folder("data/link")) != 0 ||
        open_error(in_folder("data/link"), O_RDONLY) != EACCES)
        return 9;
    if (unlink(in_folder("secret")) == 0)
        return 10;
    if (open_error("/etc/passwd", O_RDONLY) != EACCES)
        return 11;
    if (open_error("/proc/1/environ", O_RDONLY) != EACCES)
        return 12;
    return 0;
}

static void files_outside_the_list_cannot_be_opened(void)
{
    if (csandbox_landlock_revision() == 0) {
        skip("this kernel has no Landlock");
        return;
    }
    write_file("open");
    write_file("secret");
    mkdir(in_folder("data"), 0700);
    CHECK(in_child(files_body) == 0);
    CHECK(open_error(in_folder("secret"), O_RDONLY) == 0);
}

/* ------------------------------------------------------------------ system calls */

static int socket_error(int family, int type)
{
    int descriptor = socket(family, type | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return errno;
    close(descriptor);
    return 0;
}

static void *nothing(void *context)
{
    return context;
}

static int no_socket_body(void)
{
    if (csandbox_filter(0) != 0)
        return 1;
    const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, 38 /* AF_ALG */, 40 /* AF_VSOCK */};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (socket_error(families[i], SOCK_STREAM) != EPERM || socket_error(families[i], SOCK_DGRAM) != EPERM)
            return 2 + (int)i;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return 20;
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0 || errno != EPERM)
        return 21;
    pthread_t thread;
    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return 22;
    return 0;
}

static int network_body(void)
{
    if (csandbox_filter(CSANDBOX_NETWORK) != 0)
        return 1;
    if (socket_error(AF_INET, SOCK_STREAM) != 0)
        return 2;
    if (socket_error(AF_UNIX, SOCK_STREAM) != EPERM || socket_error(AF_NETLINK, SOCK_RAW) != EPERM)
        return 3;
    return 0;
}

static void sockets_need_a_grant(void)
{
    CHECK(in_child(no_socket_body) == 0);
    CHECK(in_child(network_body) == 0);
}

static int refused_body(void)
{
    if (csandbox_filter(0) != 0)
        return 1;
    const long numbers[] = {SYS_ptrace,      SYS_process_vm_readv,  SYS_bpf,     SYS_mount,
                            SYS_kexec_load,  SYS_perf_event_open,   SYS_keyctl,  425,
                            SYS_userfaultfd, SYS_open_by_handle_at, SYS_unshare, SYS_setns,
                            SYS_init_module, SYS_truncate,          SYS_execve,  434,
                            SYS_chroot};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        errno = 0;
        if (syscall(numbers[i], 0, 0, 0, 0, 0, 0) != -1 || errno != EPERM)
            return 10 + (int)i;
    }
    errno = 0;
    if (syscall(435, 0, 0) != -1 || errno != ENOSYS)
        return 2;
    if (fork() != -1 || errno != EPERM)
        return 3;
    if (syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) != -1 || errno != EPERM)
        return 4;
    if (kill(getppid(), 0) != -1 || errno != EPERM)
        return 5;
    if (kill(getpid(), 0) != 0)
        return 6;
    return 0;
}

static int programs_body(void)
{
    if (csandbox_filter(CSANDBOX_PROGRAMS) != 0)
        return 1;
    if (kill(getppid(), 0) != -1 || errno != EPERM)
        return 2;
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/true", "true", NULL);
        _exit(9);
    }
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        return 3;
    if (syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) != -1 || errno != EPERM)
        return 4;
    return socket_error(AF_INET, SOCK_STREAM) == EPERM ? 0 : 5;
}

#ifdef __x86_64__
static int other_numbers_body(void)
{
    if (csandbox_filter(0) != 0)
        return 1;
    /* getpid under its x32 number. */
    return syscall(0x40000000 + SYS_getpid) == -1 && errno == EPERM ? 0 : 2;
}

static int other_machine_body(void)
{
    if (csandbox_filter(0) != 0)
        return 1;
    /* getpid of 32-bit programs. */
    long result = 20;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
    return 2;
}
#endif

static void dangerous_calls_are_refused(void)
{
    CHECK(in_child(refused_body) == 0);
    CHECK(in_child(programs_body) == 0);
#ifdef __x86_64__
    CHECK(in_child(other_numbers_body) == 0);
    int ended = in_child(other_machine_body);
    /* A kernel without 32-bit calls has its own signal for it. */
    CHECK(ended == 200 + SIGSYS || ended == 200 + SIGSEGV);
#endif
}

/* ------------------------------------------------------------------ identity and limits */

static int become_body(void)
{
    int copy = csandbox_memory_copy(in_folder("open"));
    if (copy < 0)
        return 1;
    if (csandbox_become(61234, 61234) != 0)
        return 2;
    if (getuid() != 61234 || geteuid() != 61234 || getgid() != 61234 || getgroups(0, NULL) != 0)
        return 3;
    if (setuid(0) == 0)
        return 4;
    if (open_error(in_folder("secret"), O_RDONLY) != EACCES)
        return 5;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", copy);
    if (open_error(path, O_RDONLY) != 0)
        return 6;
    return write(copy, "x", 1) == -1 && errno == EPERM ? 0 : 7;
}

static void root_is_given_up(void)
{
    if (getuid() != 0) {
        skip("only root can take another identity");
        return;
    }
    write_file("open");
    write_file("secret");
    chmod(in_folder("secret"), 0600);
    chmod(in_folder("open"), 0500);
    CHECK(in_child(become_body) == 0);
}

#ifndef SANITIZED
static int limits_body(void)
{
    const csandbox_limits limits = {.descriptors = 16, .data_bytes = 64 << 20, .file_bytes = 4096};
    if (csandbox_limit(&limits) != 0)
        return 1;
    int descriptor = 0;
    for (int i = 0; i < 32 && descriptor >= 0; i++)
        descriptor = dup(1);
    if (descriptor >= 0 || errno != EMFILE)
        return 2;
    struct rlimit core;
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0)
        return 3;
    return mmap(NULL, 128 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? 0 : 4;
}
#endif

static void limits_hold(void)
{
#ifdef SANITIZED
    skip("the address sanitizer needs more memory than the limit");
#else
    CHECK(in_child(limits_body) == 0);
#endif
}

/* ------------------------------------------------------------------ children */

static int start(const char *script, int socket, pid_t *pid, int *pidfd)
{
    char *arguments[] = {"sh", "-c", (char *)script, NULL};
    char *environment[] = {"PATH=/usr/bin:/bin", NULL};
    return csandbox_spawn("/bin/sh", arguments, environment, socket, -1, pid, pidfd);
}

static void a_child_has_its_socket_and_nothing_else(void)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    int leak = dup(1);
    pid_t pid = 0;
    int pidfd = -1;
    CHECK(start("cd /proc/self/fd; echo * >&3; kill -0 -$$ && exit 7", pair[1], &pid, &pidfd) == 0);
    close(pair[1]);
    char said[128] = {0};
    size_t length = 0;
    ssize_t count;
    while ((count = read(pair[0], said + length, sizeof said - 1 - length)) > 0)
        length += (size_t)count;
    csandbox_end end;
    CHECK(csandbox_reap(pidfd, &end) == 0 && end.code == 7 && end.signal == 0);
    /* One may be the folder that is being read. */
    CHECK(strncmp(said, "0 1 2 3", 7) == 0 && strlen(said) <= strlen("0 1 2 3 4\n"));
    CHECK(waitpid(pid, NULL, WNOHANG) == -1 && errno == ECHILD);
    close(pidfd);
    close(leak);
    close(pair[0]);
}

static void killing_takes_the_whole_group(void)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    pid_t pid = 0;
    int pidfd = -1;
    CHECK(start("sleep 1000 & echo up >&3; wait", pair[1], &pid, &pidfd) == 0);
    close(pair[1]);
    char said[8];
    CHECK(read(pair[0], said, sizeof said) == 3);
    CHECK(csandbox_kill(pid, pidfd) == 0);
    /* The end of the socket comes when its last holder is gone: the grandchild. */
    CHECK(read(pair[0], said, sizeof said) == 0);
    csandbox_end end;
    CHECK(csandbox_reap(pidfd, &end) == 0 && end.code == -1 && end.signal == SIGKILL);
    CHECK(csandbox_kill(pid, pidfd) == -ECHILD);
    close(pidfd);
    close(pair[0]);
}

static void a_program_that_is_not_there_is_an_error(void)
{
    char *arguments[] = {"x", NULL};
    char *environment[] = {NULL};
    pid_t pid = 0;
    int pidfd = -1;
    CHECK(csandbox_spawn("/no/such/program", arguments, environment, 0, -1, &pid, &pidfd) == -ENOENT);
}

static int orphan_body(void)
{
    int ends[2];
    if (pipe(ends) != 0)
        return 1;
    pid_t parent = fork();
    if (parent == 0) {
        pid_t self = getpid();
        if (fork() == 0) {
            char word = csandbox_die_with_parent(self) == 0 ? 'y' : 'n';
            close(ends[0]);
            if (write(ends[1], &word, 1) != 1)
                _exit(1);
            pause();
            _exit(0);
        }
        pause();
    }
    close(ends[1]);
    char word = 0;
    if (read(ends[0], &word, 1) != 1 || word != 'y')
        return 2;
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    /* The end of the pipe is the end of its last writer. */
    return read(ends[0], &word, 1) == 0 ? 0 : 3;
}

static void no_orphan_is_left(void)
{
    CHECK(in_child(orphan_body) == 0);
}

int main(void)
{
    strcpy(folder, "/tmp/csandbox-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return 1;
    chmod(folder, 0755);
    RUN(files_outside_the_list_cannot_be_opened);
    RUN(sockets_need_a_grant);
    RUN(dangerous_calls_are_refused);
    RUN(root_is_given_up);
    RUN(limits_hold);
    RUN(a_child_has_its_socket_and_nothing_else);
    RUN(killing_takes_the_whole_group);
    RUN(a_program_that_is_not_there_is_an_error);
    RUN(no_orphan_is_left);
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0)
        printf("  %s is left\n", folder);
    return finish("test_sandbox");
}
