#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_PER_BATCH = 64 };

int64_t cmodemio_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ------------------------------------------------------------------ the epoll set */

int cmodemio_loop_watch(cmodemio_loop *loop, int fd, uint32_t events, cmodemio_source *source)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int cmodemio_loop_rewatch(cmodemio_loop *loop, int fd, uint32_t events, cmodemio_source *source)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0 ? -errno : 0;
}

void cmodemio_loop_unwatch(cmodemio_loop *loop, int fd)
{
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void drain(int fd)
{
    uint64_t count;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {
    }
}

static void event_ready(cmodemio_source *source, uint32_t events)
{
    (void)events;
    cmodemio_loop *loop = (cmodemio_loop *)((char *)source - offsetof(cmodemio_loop, event_source));
    drain(loop->event_fd);
}

static void timer_ready(cmodemio_source *source, uint32_t events)
{
    (void)events;
    cmodemio_loop *loop = (cmodemio_loop *)((char *)source - offsetof(cmodemio_loop, timer_source));
    drain(loop->timer_fd);
    loop->armed_ns = 0;
}

/* ------------------------------------------------------------------ life */

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

int cmodemio_loop_create(cmodemio_loop_callbacks callbacks, cmodemio_loop **out)
{
    *out = NULL;
    cmodemio_loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return -ENOMEM;
    loop->callbacks = callbacks;
    loop->event_source.ready = event_ready;
    loop->timer_source.ready = timer_ready;
    atomic_init(&loop->stopping, false);
    atomic_init(&loop->wake_pending, false);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

    int result = 0;
    if (loop->epoll_fd < 0 || loop->event_fd < 0 || loop->timer_fd < 0)
        result = -errno;
    if (result == 0)
        result = cmodemio_loop_watch(loop, loop->event_fd, EPOLLIN, &loop->event_source);
    if (result == 0)
        result = cmodemio_loop_watch(loop, loop->timer_fd, EPOLLIN, &loop->timer_source);
    if (result < 0) {
        cmodemio_loop_destroy(loop);
        return result;
    }
    *out = loop;
    return 0;
}

static void bury_the_dead(cmodemio_loop *loop)
{
    while (loop->graveyard) {
        cmodemio_port *port = loop->graveyard;
        loop->graveyard = port->next;
        cmodemio_port_free(port);
    }
}

void cmodemio_loop_destroy(cmodemio_loop *loop)
{
    while (loop->ports)
        cmodemio_port_close(loop->ports);
    bury_the_dead(loop);
    cmodemio_monitor_free(loop);
    close_if_open(loop->timer_fd);
    close_if_open(loop->event_fd);
    close_if_open(loop->epoll_fd);
    free(loop);
}

/* ------------------------------------------------------------------ from other threads */

static void ring(cmodemio_loop *loop)
{
    /* A full counter is as good as a ring; and a signal handler must leave errno alone. */
    int saved = errno;
    const uint64_t one = 1;
    while (write(loop->event_fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
    errno = saved;
}

void cmodemio_loop_wake(cmodemio_loop *loop)
{
    /* Who finds the flag up leaves the ringing to the one who raised it. */
    if (!atomic_exchange(&loop->wake_pending, true))
        ring(loop);
}

void cmodemio_loop_stop(cmodemio_loop *loop)
{
    atomic_store(&loop->stopping, true);
    ring(loop);
}

bool cmodemio_loop_is_stopping(const cmodemio_loop *loop)
{
    return atomic_load_explicit(&loop->stopping, memory_order_relaxed);
}

/* ------------------------------------------------------------------ the deadline */

void cmodemio_loop_set_deadline(cmodemio_loop *loop, int64_t monotonic_ns)
{
    loop->deadline_ns = monotonic_ns;
}

/* An AT dialogue moves its deadline with every command, mostly to a later time. The timer is only set again for an
   earlier one; when it rings too early, it is set to what is true by then. */
static void arm_timer(cmodemio_loop *loop)
{
    if (loop->deadline_ns == 0 || (loop->armed_ns != 0 && loop->armed_ns <= loop->deadline_ns))
        return;
    int64_t when = loop->deadline_ns > 0 ? loop->deadline_ns : 1;
    struct itimerspec setting = {.it_value = {.tv_sec = when / 1000000000, .tv_nsec = when % 1000000000}};
    if (timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &setting, NULL) == 0)
        loop->armed_ns = when;
}

static bool deadline_is_due(const cmodemio_loop *loop)
{
    return loop->deadline_ns != 0 && cmodemio_now_ns() >= loop->deadline_ns;
}

/* ------------------------------------------------------------------ run */

static void announce_deaths(cmodemio_loop *loop)
{
    while (loop->unannounced_deaths > 0 && !cmodemio_loop_is_stopping(loop)) {
        cmodemio_port *port = loop->ports;
        while (port && !port->owes_closed)
            port = port->next;
        if (!port)
            return;
        cmodemio_port_announce_death(port);
    }
}

static void dispatch(cmodemio_loop *loop, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count && !cmodemio_loop_is_stopping(loop); i++) {
        cmodemio_source *source = events[i].data.ptr;
        source->ready(source, events[i].events);
    }
    if (!cmodemio_loop_is_stopping(loop) && atomic_exchange(&loop->wake_pending, false))
        loop->callbacks.woken(loop->callbacks.context);
    if (!cmodemio_loop_is_stopping(loop) && deadline_is_due(loop)) {
        loop->deadline_ns = 0;
        loop->callbacks.deadline(loop->callbacks.context);
    }
    announce_deaths(loop);
}

int cmodemio_loop_run(cmodemio_loop *loop)
{
    if (loop->running)
        return -EBUSY;
    loop->running = true;
    int result = 0;
    announce_deaths(loop);
    bury_the_dead(loop);
    while (!atomic_load(&loop->stopping)) {
        struct epoll_event events[EVENTS_PER_BATCH];
        /* A wake that a former run left behind has no ring of its own any more. */
        bool must_not_wait = atomic_load(&loop->wake_pending) || deadline_is_due(loop);
        arm_timer(loop);
        int count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_BATCH, must_not_wait ? 0 : -1);
        if (count < 0 && errno != EINTR) {
            result = -errno;
            break;
        }
        dispatch(loop, events, count < 0 ? 0 : count);
        bury_the_dead(loop);
    }
    loop->running = false;
    atomic_store(&loop->stopping, false);
    return result;
}
