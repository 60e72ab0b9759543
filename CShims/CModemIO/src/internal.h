/* What the files of CModemIO share. Everything here belongs to the loop's thread unless it is atomic. */
#ifndef CMODEMIO_INTERNAL_H
#define CMODEMIO_INTERNAL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "cmodemio.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Anything with a descriptor in the epoll set. The memory outlives every batch of events that may name it. */
typedef struct cmodemio_source cmodemio_source;
struct cmodemio_source {
    void (*ready)(cmodemio_source *source, uint32_t events);
};

/* N_TTY hands out at most 4 KiB at a time. */
enum { CMODEMIO_READ_SIZE = 4096 };

struct cmodemio_monitor;

struct cmodemio_loop {
    cmodemio_loop_callbacks callbacks;
    int epoll_fd;
    int event_fd;
    int timer_fd;
    cmodemio_source event_source;
    cmodemio_source timer_source;
    atomic_bool stopping;
    atomic_bool wake_pending;
    bool running;
    int64_t deadline_ns; /* 0: none */
    int64_t armed_ns;    /* what the timer is set to, perhaps earlier than the deadline; 0: not set */
    cmodemio_port *ports;
    cmodemio_port *graveyard;    /* closed during a batch of events that may still name them */
    unsigned unannounced_deaths; /* ports that died inside a write and whose `closed` is still owed */
    struct cmodemio_monitor *monitor;
    uint8_t read_buffer[CMODEMIO_READ_SIZE];
};

struct cmodemio_port {
    cmodemio_source source; /* first: the epoll set knows the port by it */
    cmodemio_loop *loop;
    cmodemio_port *previous;
    cmodemio_port *next;
    cmodemio_port_callbacks callbacks;
    int fd; /* -1: closed */
    int death_reason;
    bool is_pty;
    bool is_paused;
    bool wants_output;  /* EPOLLOUT is in the set */
    bool owes_writable; /* a write was refused since the queue was last empty */
    bool owes_closed;   /* died in a write */
    uint8_t *queue;     /* a ring of queue_limit bytes */
    size_t queue_limit;
    size_t queue_start;
    size_t queue_length;
};

/* loop.c */
int cmodemio_loop_watch(cmodemio_loop *loop, int fd, uint32_t events, cmodemio_source *source);
int cmodemio_loop_rewatch(cmodemio_loop *loop, int fd, uint32_t events, cmodemio_source *source);
void cmodemio_loop_unwatch(cmodemio_loop *loop, int fd);
bool cmodemio_loop_is_stopping(const cmodemio_loop *loop);

/* port.c */
void cmodemio_port_adopt(cmodemio_port *port, cmodemio_loop *loop);
void cmodemio_port_source_ready(cmodemio_source *source, uint32_t events);
void cmodemio_port_announce_death(cmodemio_port *port);
void cmodemio_port_free(cmodemio_port *port);

/* tty.c: 0 or -errno. The descriptor is raw, locked and exclusive on success. */
int cmodemio_tty_open(const char *path, uint32_t baud, int *out_fd, bool *out_is_pty, pid_t *holder);
/* Gives up the lock and closes without waiting for a device that takes no output. */
void cmodemio_tty_close(int fd, bool is_pty);

/* closing.c: closes a descriptor whose close may wait for a device. With usb-serial the kernel waits up to 30 s for
   output that is not taken, TCOFLUSH or not, since its drivers cannot drop any; nobody can open the port meanwhile, and
   when it is pulled, its bus waits, too. The wait ends with a signal, and only so without privileges. */
void cmodemio_close_soon(int fd);

/* holder.c: the pid that holds the tty, 0 where unknown. */
struct stat;
pid_t cmodemio_holder_by_lock(const struct stat *tty);
pid_t cmodemio_holder_by_descriptor(const struct stat *tty);
pid_t cmodemio_holder_by_lock_file(int fd);

/* udev.c */
void cmodemio_monitor_free(cmodemio_loop *loop);

/* uevent_guard.c: whether a datagram of the udev group is one that libudev can be trusted with. */
bool cmodemio_uevent_is_sane(const uint8_t *bytes, size_t length);

#endif
