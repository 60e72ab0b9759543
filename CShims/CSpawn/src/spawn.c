#define _GNU_SOURCE
#include "cspawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int cspawn_pipe(int *ends)
{
    return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : -errno;
}

/* What the child needs between its birth and the program. It runs in its parent's memory (CLONE_VM), so it only reads
   this, calls what a signal handler may call, and leaves `failed` behind. */
struct birth {
    const char *path;
    char *const *arguments;
    char *const *environment;
    const char *folder;
    const int *theirs;
    pid_t parent;
    volatile int failed;
};

static int become(const struct birth *birth)
{
    /* It dies with the thread that started it: a killed gateway leaves no program behind. Whoever was too late to be
       told of its parent's end sees another parent. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return errno;
    if (getppid() != birth->parent)
        return ESRCH;
    if (setpgid(0, 0) != 0)
        return errno;
    for (int target = 0; target < 3; target++) {
        if (dup2(birth->theirs[target], target) < 0)
            return errno;
    }
    /* Whatever else this process has open, marked or not. */
    closefrom(3);
    if (chdir(birth->folder) != 0)
        return errno;
    struct sigaction fresh = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &fresh, NULL); /* SIGKILL, SIGSTOP and libc's own refuse, and need it not */
    sigset_t none;
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) != 0)
        return errno;
    execvpe(birth->path, birth->arguments, birth->environment);
    return errno;
}

static int be_born(void *argument)
{
    struct birth *birth = argument;
    birth->failed = become(birth);
    _exit(127);
}

/* Room for execvpe, which keeps the longest path and, for a script without #!, the arguments on the stack. */
#define STACK ((size_t)512 * 1024)

/* A handler of ours must not run in the child while it shares our memory: no signal comes until it has its own. */
static int give_birth(struct birth *birth, pid_t *pid)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    void *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        return errno;
    int failed = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (failed) {
        munmap(stack, STACK);
        return failed;
    }
    /* As posix_spawn does it, which cannot say PR_SET_PDEATHSIG: no page is copied, this thread waits until exec. */
    pid_t child = clone(be_born, (char *)stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, birth);
    failed = child < 0 ? errno : birth->failed;
    munmap(stack, STACK);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (child > 0 && failed)
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            continue;
    *pid = child;
    return failed;
}

/* Two ends above the standard descriptors, so that placing one of them there never overwrites another. */
static int make_pipe(int *ends)
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    for (int index = 0; index < 2; index++) {
        if (ends[index] > STDERR_FILENO)
            continue;
        int moved = fcntl(ends[index], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        int failed = moved < 0 ? errno : 0;
        if (failed) {
            close(ends[0]);
            close(ends[1]);
            return failed;
        }
        close(ends[index]);
        ends[index] = moved;
    }
    return 0;
}

int cspawn_start(const char *path, char *CSPAWN_NULLABLE const *arguments, char *CSPAWN_NULLABLE const *environment,
                 const char *folder, cspawn_pipes *pipes, pid_t *pid)
{
    int ours[3] = {-1, -1, -1};
    int theirs[3] = {-1, -1, -1};
    int failed = 0;
    for (int index = 0; index < 3; index++) {
        int ends[2];
        failed = make_pipe(ends);
        if (failed)
            goto out;
        ours[index] = ends[index == 0 ? 1 : 0];
        theirs[index] = ends[index == 0 ? 0 : 1];
        /* Ours only: a program expects its own ends to block. A pipe's two ends are two open files. */
        if (fcntl(ours[index], F_SETFL, O_NONBLOCK) != 0) {
            failed = errno;
            goto out;
        }
    }
    struct birth birth = {
        .path = path,
        .arguments = arguments,
        .environment = environment,
        .folder = folder,
        .theirs = theirs,
        .parent = getpid(),
    };
    failed = give_birth(&birth, pid);

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
