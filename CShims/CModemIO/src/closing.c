#include "internal.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Nobody else's: the C library keeps the first two for itself. */
#define CLOSING_SIGNAL (SIGRTMAX - 3)

enum { PATIENCE_NS = 2 * 1000 * 1000 };

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void interrupted(int number)
{
    (void)number;
}

/* A handler that does nothing: only a signal that has one ends a wait. */
static void install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = interrupted;
    (void)sigaction(CLOSING_SIGNAL, &action, NULL);
}

void cmodemio_close_soon(int fd)
{
    (void)pthread_once(&once, install);
    sigset_t ours, before;
    (void)sigemptyset(&ours);
    (void)sigaddset(&ours, CLOSING_SIGNAL);

    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = CLOSING_SIGNAL;
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    timer_t timer;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0) {
        close(fd);
        return;
    }
    (void)pthread_sigmask(SIG_UNBLOCK, &ours, &before);
    /* Again and again: the first may come before the wait has begun. */
    struct itimerspec patience = {{0, PATIENCE_NS}, {0, PATIENCE_NS}};
    (void)timer_settime(timer, 0, &patience, NULL);
    close(fd);
    (void)timer_delete(timer);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}
