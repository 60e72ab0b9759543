#define _GNU_SOURCE
#include "csandbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

/* The order of the actions matters: the socket may itself have one of the low numbers, so it gets out of their way. */
static int plan(posix_spawn_file_actions_t *actions, int socket, int output)
{
    int error = posix_spawn_file_actions_adddup2(actions, socket, CSANDBOX_SOCKET);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0) {
        error = output >= 0 ? posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO)
                            : posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    }
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(actions, STDOUT_FILENO, STDERR_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_addclosefrom_np(actions, CSANDBOX_SOCKET + 1);
    return error;
}

static int attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0)
        error = posix_spawnattr_setpgroup(attributes, 0);
    if (error == 0) {
        error = posix_spawnattr_setflags(attributes,
                                         POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    return error;
}

int csandbox_spawn(const char *path, char *const *arguments, char *const *environment, int socket, int output,
                   pid_t *pid, int *pidfd)
{
    /* dup2 of a descriptor onto itself would leave it close-on-exec, and low numbers are overwritten: both get high
     * copies first. */
    int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, 10);
    if (high_socket < 0)
        return -errno;
    int high_output = output >= 0 ? fcntl(output, F_DUPFD_CLOEXEC, 10) : -1;
    if (output >= 0 && high_output < 0) {
        int error = errno;
        close(high_socket);
        return -error;
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attribute;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attribute);
    int error = plan(&actions, high_socket, high_output);
    if (error == 0)
        error = attributes(&attribute);
    if (error == 0)
        error = posix_spawn(pid, path, &actions, &attribute, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attribute);
    close(high_socket);
    if (high_output >= 0)
        close(high_output);
    if (error != 0)
        return -error;
    /* Nobody else reaps this child, so its number cannot have been given to another process. */
    int descriptor = (int)syscall(SYS_pidfd_open, *pid, 0);
    if (descriptor < 0) {
        error = errno;
        kill(*pid, SIGKILL);
        waitpid(*pid, NULL, 0);
        return -error;
    }
    *pidfd = descriptor;
    return 0;
}

int csandbox_kill(pid_t pid, int pidfd)
{
    /* The group's number stays taken while the child is not reaped. */
    siginfo_t info = {0};
    if (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        return -errno;
    if (kill(-pid, SIGKILL) < 0 && errno != ESRCH)
        return -errno;
    return 0;
}

int csandbox_reap(int pidfd, csandbox_end *end)
{
    siginfo_t info = {0};
    while (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    int is_exit = info.si_code == CLD_EXITED;
    end->code = is_exit ? info.si_status : -1;
    end->signal = is_exit ? 0 : info.si_status;
    return 0;
}

int csandbox_library_of(const char *symbol, char *path, size_t size)
{
    Dl_info info;
    const void *address = dlsym(RTLD_DEFAULT, symbol);
    if (address == NULL || dladdr(address, &info) == 0 || info.dli_fname == NULL)
        return -ENOENT;
    int length = snprintf(path, size, "%s", info.dli_fname);
    return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}
