#define _GNU_SOURCE
#include "cspawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

int cspawn_pipe(int *ends)
{
    return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : -errno;
}

/* Prepares what the child does between its birth and the program. `theirs` become its descriptors 0 to 2. */
static int prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, const int theirs[3],
                   const char *folder)
{
    int failed = 0;
    for (int target = 0; target < 3 && !failed; target++) {
        failed = posix_spawn_file_actions_adddup2(actions, theirs[target], target);
    }
    /* Whatever else this process has open, marked or not. */
    if (!failed)
        failed = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    if (!failed)
        failed = posix_spawn_file_actions_addchdir_np(actions, folder);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    if (!failed)
        failed = posix_spawnattr_setsigmask(attributes, &none);
    if (!failed)
        failed = posix_spawnattr_setsigdefault(attributes, &all);
    if (!failed)
        failed = posix_spawnattr_setpgroup(attributes, 0);
    if (!failed) {
        failed = posix_spawnattr_setflags(attributes,
                                          POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    }
    return failed;
}

int cspawn_start(const char *path, char *CSPAWN_NULLABLE const *arguments, char *CSPAWN_NULLABLE const *environment,
                 const char *folder, cspawn_pipes *pipes, pid_t *pid)
{
    int ours[3] = {-1, -1, -1};
    int theirs[3] = {-1, -1, -1};
    int failed = 0;
    for (int index = 0; index < 3; index++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            failed = errno;
            goto out;
        }
        ours[index] = ends[index == 0 ? 1 : 0];
        theirs[index] = ends[index == 0 ? 0 : 1];
        /* Ours only: a program expects its own ends to block. A pipe's two ends are two open files. */
        if (fcntl(ours[index], F_SETFL, O_NONBLOCK) != 0) {
            failed = errno;
            goto out;
        }
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        goto out;
    failed = posix_spawnattr_init(&attributes);
    if (!failed) {
        failed = prepare(&actions, &attributes, theirs, folder);
        if (!failed)
            failed = posix_spawnp(pid, path, &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);

out:
    for (int index = 0; index < 3; index++) {
        if (theirs[index] >= 0)
            close(theirs[index]);
        if (failed && ours[index] >= 0)
            close(ours[index]);
    }
    if (failed)
        return -failed;
    pipes->input = ours[0];
    pipes->output = ours[1];
    pipes->errors = ours[2];
    return 0;
}
