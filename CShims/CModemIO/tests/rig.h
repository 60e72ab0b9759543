/* A loop whose callbacks stop it when a condition holds, and pseudo-terminals to talk to. */
#ifndef RIG_H
#define RIG_H

#include "../src/internal.h"

#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

struct rig {
    cmodemio_loop *loop;
    bool (*is_done)(struct rig *rig); /* asked after every callback */
    void (*on_woken)(struct rig *rig);
    void (*on_deadline)(struct rig *rig);
    unsigned woken;
    unsigned deadlines;
    int64_t limit_ns; /* set while the deadline is the rig's own time limit */
    bool timed_out;
    void *extra;
};

static inline void rig_look(struct rig *rig)
{
    if (rig->is_done && rig->is_done(rig))
        cmodemio_loop_stop(rig->loop);
}

static inline void rig_woken(void *context)
{
    struct rig *rig = context;
    rig->woken++;
    if (rig->on_woken)
        rig->on_woken(rig);
    rig_look(rig);
}

static inline void rig_deadline(void *context)
{
    struct rig *rig = context;
    if (rig->limit_ns != 0) {
        rig->timed_out = true;
        cmodemio_loop_stop(rig->loop);
        return;
    }
    rig->deadlines++;
    if (rig->on_deadline)
        rig->on_deadline(rig);
    rig_look(rig);
}

static inline struct rig *rig_new(void)
{
    struct rig *rig = calloc(1, sizeof *rig);
    cmodemio_loop_callbacks callbacks = {rig, rig_woken, rig_deadline};
    if (!rig || cmodemio_loop_create(callbacks, &rig->loop) != 0)
        abort();
    return rig;
}

static inline void rig_free(struct rig *rig)
{
    cmodemio_loop_destroy(rig->loop);
    free(rig);
}

/* Runs until the condition holds; true unless half a minute passed first. */
static inline bool rig_run(struct rig *rig, bool (*is_done)(struct rig *rig))
{
    rig->is_done = is_done;
    rig->timed_out = false;
    if (is_done(rig))
        return true;
    rig->limit_ns = cmodemio_now_ns() + 30000000000;
    cmodemio_loop_set_deadline(rig->loop, rig->limit_ns);
    int result = cmodemio_loop_run(rig->loop);
    rig->limit_ns = 0;
    cmodemio_loop_set_deadline(rig->loop, 0);
    return result == 0 && !rig->timed_out;
}

/* Lets the loop go round so often that whatever was ready has been served. */
static inline void rig_rewake(struct rig *rig)
{
    cmodemio_loop_wake(rig->loop);
}

static inline bool rig_has_gone_round(struct rig *rig)
{
    return rig->woken >= 5;
}

static inline bool rig_go_round(struct rig *rig)
{
    rig->woken = 0;
    rig->on_woken = rig_rewake;
    cmodemio_loop_wake(rig->loop);
    bool result = rig_run(rig, rig_has_gone_round);
    rig->on_woken = NULL;
    return result;
}

/* ------------------------------------------------------------------ pseudo-terminals */

struct pty {
    int master;
    char path[64];
};

static inline struct pty pty_new(void)
{
    struct pty pty = {.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
    if (pty.master < 0 || grantpt(pty.master) != 0 || unlockpt(pty.master) != 0 ||
        ptsname_r(pty.master, pty.path, sizeof pty.path) != 0)
        abort();
    struct termios settings;
    if (tcgetattr(pty.master, &settings) != 0)
        abort();
    cfmakeraw(&settings);
    if (tcsetattr(pty.master, TCSANOW, &settings) != 0)
        abort();
    return pty;
}

static inline void pty_unblock(const struct pty *pty)
{
    (void)fcntl(pty->master, F_SETFL, fcntl(pty->master, F_GETFL) | O_NONBLOCK);
}

/* ------------------------------------------------------------------ a port that counts */

struct tap {
    struct rig *rig;
    cmodemio_port *port;
    size_t received;
    unsigned writable;
    unsigned closed;
    int reason;
    bool was_open_when_told;
    uint8_t bytes[256]; /* the first that came */
    void (*on_received)(struct tap *tap, const uint8_t *bytes, size_t length);
    void (*on_writable)(struct tap *tap);
    void (*on_closed)(struct tap *tap);
    void *extra;
};

static inline void tap_received(void *context, const uint8_t *bytes, size_t length)
{
    struct tap *tap = context;
    for (size_t i = 0; i < length && tap->received + i < sizeof tap->bytes; i++)
        tap->bytes[tap->received + i] = bytes[i];
    tap->received += length;
    if (tap->on_received)
        tap->on_received(tap, bytes, length);
    rig_look(tap->rig);
}

static inline void tap_writable(void *context)
{
    struct tap *tap = context;
    tap->writable++;
    if (tap->on_writable)
        tap->on_writable(tap);
    rig_look(tap->rig);
}

static inline void tap_closed(void *context, int reason)
{
    struct tap *tap = context;
    tap->closed++;
    tap->reason = reason;
    tap->was_open_when_told = tap->port && tap->port->fd >= 0;
    if (tap->on_closed)
        tap->on_closed(tap);
    rig_look(tap->rig);
}

static inline int tap_open_as(struct tap *tap, struct rig *rig, const char *path, cmodemio_port_options options)
{
    pid_t holder = 0;
    tap->rig = rig;
    cmodemio_port_callbacks callbacks = {tap, tap_received, tap_writable, tap_closed};
    return cmodemio_port_open(rig->loop, path, options, callbacks, &tap->port, &holder);
}

static inline int tap_open(struct tap *tap, struct rig *rig, const char *path)
{
    return tap_open_as(tap, rig, path, (cmodemio_port_options){0, 0});
}

static inline int tap_write(struct tap *tap, const char *text)
{
    return cmodemio_port_write(tap->port, (const uint8_t *)text, strlen(text));
}

/* The kernel hands bytes of a pty over in the background: waits until they are there to be read. */
static inline bool tap_input_has_come(const struct tap *tap)
{
    struct pollfd wait = {.fd = tap->port->fd, .events = POLLIN};
    return poll(&wait, 1, 10000) == 1;
}

static inline unsigned open_descriptors(void)
{
    unsigned count = 0;
    for (int fd = 0; fd < 4096; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

#endif
