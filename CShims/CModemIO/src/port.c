#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

enum { DEFAULT_WRITE_LIMIT = 64 * 1024, READS_PER_WAKE = 4 };

/* ------------------------------------------------------------------ the list of the loop */

void cmodemio_port_adopt(cmodemio_port *port, cmodemio_loop *loop)
{
    port->loop = loop;
    port->previous = NULL;
    port->next = loop->ports;
    if (loop->ports)
        loop->ports->previous = port;
    loop->ports = port;
}

static void leave_list(cmodemio_port *port)
{
    if (port->previous)
        port->previous->next = port->next;
    else
        port->loop->ports = port->next;
    if (port->next)
        port->next->previous = port->previous;
}

void cmodemio_port_free(cmodemio_port *port)
{
    free(port->queue);
    free(port);
}

/* ------------------------------------------------------------------ what epoll shall tell */

static uint32_t wanted_events(const cmodemio_port *port)
{
    return (port->is_paused ? 0U : (uint32_t)EPOLLIN) | (port->wants_output ? (uint32_t)EPOLLOUT : 0U);
}

static void watch_again(cmodemio_port *port)
{
    /* Fails for no descriptor that was added once. */
    (void)cmodemio_loop_rewatch(port->loop, port->fd, wanted_events(port), &port->source);
}

static void want_output(cmodemio_port *port, bool wanted)
{
    if (port->wants_output != wanted) {
        port->wants_output = wanted;
        watch_again(port);
    }
}

/* ------------------------------------------------------------------ the end of a port */

/* A dead descriptor that is still held makes the replugged modem ttyUSB1, so it goes before anybody is told. */
static void release_descriptor(cmodemio_port *port)
{
    cmodemio_loop_unwatch(port->loop, port->fd);
    cmodemio_tty_close(port->fd, port->is_pty);
    port->fd = -1;
    port->queue_length = 0;
}

static void die(cmodemio_port *port, int reason)
{
    release_descriptor(port);
    port->callbacks.closed(port->callbacks.context, reason);
}

static void die_later(cmodemio_port *port, int reason)
{
    release_descriptor(port);
    port->death_reason = reason;
    port->owes_closed = true;
    port->loop->unannounced_deaths++;
}

void cmodemio_port_announce_death(cmodemio_port *port)
{
    port->owes_closed = false;
    port->loop->unannounced_deaths--;
    port->callbacks.closed(port->callbacks.context, port->death_reason);
}

void cmodemio_port_close(cmodemio_port *port)
{
    cmodemio_loop *loop = port->loop;
    if (port->fd >= 0)
        release_descriptor(port);
    if (port->owes_closed) {
        port->owes_closed = false;
        loop->unannounced_deaths--;
    }
    leave_list(port);
    if (loop->running) {
        port->next = loop->graveyard;
        loop->graveyard = port;
    } else {
        cmodemio_port_free(port);
    }
}

/* ------------------------------------------------------------------ writing */

/* Writes what the device accepts: 0, or a positive errno of a device that is gone. */
static int flush_queue(cmodemio_port *port)
{
    while (port->queue_length > 0) {
        size_t first = port->queue_limit - port->queue_start;
        if (first > port->queue_length)
            first = port->queue_length;
        const struct iovec parts[2] = {
            {.iov_base = port->queue + port->queue_start, .iov_len = first},
            {.iov_base = port->queue, .iov_len = port->queue_length - first},
        };
        ssize_t written = writev(port->fd, parts, parts[1].iov_len > 0 ? 2 : 1);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno != EAGAIN)
            return errno;
        if (written <= 0)
            return 0;
        port->queue_start = (port->queue_start + (size_t)written) % port->queue_limit;
        port->queue_length -= (size_t)written;
    }
    port->queue_start = 0;
    return 0;
}

static void enqueue(cmodemio_port *port, const uint8_t *bytes, size_t length)
{
    size_t end = (port->queue_start + port->queue_length) % port->queue_limit;
    size_t first = port->queue_limit - end;
    if (first > length)
        first = length;
    memcpy(port->queue + end, bytes, first);
    memcpy(port->queue, bytes + first, length - first);
    port->queue_length += length;
}

int cmodemio_port_write(cmodemio_port *port, const uint8_t *bytes, size_t length)
{
    if (port->fd < 0)
        return -EPIPE;
    if (length > port->queue_limit)
        return -EMSGSIZE;
    if (length > port->queue_limit - port->queue_length) {
        port->owes_writable = true;
        return -ENOBUFS;
    }
    if (length == 0)
        return 0;
    bool had_to_wait = port->queue_length > 0;
    enqueue(port, bytes, length);
    if (had_to_wait)
        return 0;
    int reason = flush_queue(port);
    if (reason != 0) {
        die_later(port, reason);
        return -EPIPE;
    }
    want_output(port, port->queue_length > 0);
    return 0;
}

static void output_ready(cmodemio_port *port)
{
    int reason = flush_queue(port);
    if (reason != 0) {
        die(port, reason);
        return;
    }
    if (port->queue_length > 0)
        return;
    want_output(port, false);
    if (port->owes_writable) {
        port->owes_writable = false;
        port->callbacks.writable(port->callbacks.context);
    }
}

/* ------------------------------------------------------------------ reading */

/* At most READS_PER_WAKE buffers, then the other ports have their turn. */
static void input_ready(cmodemio_port *port, bool hung_up)
{
    cmodemio_loop *loop = port->loop;
    for (int i = 0; i < READS_PER_WAKE;) {
        ssize_t length = read(port->fd, loop->read_buffer, sizeof loop->read_buffer);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0 && errno == EAGAIN) {
            if (hung_up)
                die(port, 0);
            return;
        }
        if (length <= 0) {
            die(port, length < 0 ? errno : 0);
            return;
        }
        port->callbacks.received(port->callbacks.context, loop->read_buffer, (size_t)length);
        if (port->fd < 0 || port->is_paused || cmodemio_loop_is_stopping(loop))
            return;
        /* A short read most likely emptied the tty; epoll knows better than one more read. */
        if ((size_t)length < sizeof loop->read_buffer / 2 && !hung_up)
            return;
        i++;
    }
}

void cmodemio_port_source_ready(cmodemio_source *source, uint32_t events)
{
    cmodemio_port *port = (cmodemio_port *)source;
    bool hung_up = (events & (EPOLLHUP | EPOLLERR)) != 0;
    if (port->fd < 0)
        return;
    /* A hang-up discards what the tty held, so there is nothing that a paused reader would miss. */
    if (hung_up && port->is_paused) {
        die(port, 0);
        return;
    }
    if (!port->is_paused && (hung_up || (events & EPOLLIN)))
        input_ready(port, hung_up);
    if (port->fd >= 0 && (events & EPOLLOUT) && port->wants_output && !cmodemio_loop_is_stopping(port->loop))
        output_ready(port);
}

void cmodemio_port_pause(cmodemio_port *port)
{
    if (port->fd >= 0 && !port->is_paused) {
        port->is_paused = true;
        watch_again(port);
    }
}

void cmodemio_port_resume(cmodemio_port *port)
{
    if (port->fd >= 0 && port->is_paused) {
        port->is_paused = false;
        watch_again(port);
    }
}

int cmodemio_port_discard_input(cmodemio_port *port)
{
    if (port->fd < 0)
        return -EPIPE;
    return tcflush(port->fd, TCIFLUSH) < 0 ? -errno : 0;
}

/* ------------------------------------------------------------------ opening */

int cmodemio_port_open(cmodemio_loop *loop, const char *path, cmodemio_port_options options,
                       cmodemio_port_callbacks callbacks, cmodemio_port **out, pid_t *holder)
{
    *out = NULL;
    *holder = 0;
    cmodemio_port *port = calloc(1, sizeof *port);
    if (!port)
        return -ENOMEM;
    port->source.ready = cmodemio_port_source_ready;
    port->callbacks = callbacks;
    port->queue_limit = options.write_limit > 0 ? options.write_limit : DEFAULT_WRITE_LIMIT;
    /* All at once, so that a write can never fail half-way for want of memory; untouched pages cost nothing. */
    port->queue = malloc(port->queue_limit);
    port->fd = -1;

    int result = port->queue ? cmodemio_tty_open(path, options.baud, &port->fd, &port->is_pty, holder) : -ENOMEM;
    if (result == 0) {
        result = cmodemio_loop_watch(loop, port->fd, wanted_events(port), &port->source);
        if (result < 0)
            cmodemio_tty_close(port->fd, port->is_pty);
    }
    if (result < 0) {
        cmodemio_port_free(port);
        return result;
    }
    cmodemio_port_adopt(port, loop);
    *out = port;
    return 0;
}
