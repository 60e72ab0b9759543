/* Ports over pseudo-terminals: bytes, bounds, ends, fairness. */
#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

static bool tap_is_closed(struct rig *rig)
{
    return ((struct tap *)rig->extra)->closed > 0;
}

static bool tap_has_bytes(struct rig *rig)
{
    return ((struct tap *)rig->extra)->received > 0;
}

/* ------------------------------------------------------------------ a mebibyte there and back */

enum { TOTAL = 1024 * 1024, CHUNK = 3000, LIMIT = 16 * 1024 };

static uint8_t pattern_at(size_t offset)
{
    return (uint8_t)(offset * 31 + offset / 251);
}

struct echo {
    int master;
    int gate[2]; /* the peer reads nothing before a byte comes through */
    size_t sent, checked;
    unsigned refusals;
    bool mismatch, over_limit;
};

static void *slow_peer(void *argument)
{
    const struct echo *echo = argument;
    uint8_t bytes[512];
    if (read(echo->gate[0], bytes, 1) != 1)
        return NULL;
    for (size_t done = 0; done < TOTAL;) {
        ssize_t length = read(echo->master, bytes, sizeof bytes);
        if (length <= 0)
            return NULL;
        for (ssize_t put = 0; put < length;) {
            ssize_t count = write(echo->master, bytes + put, (size_t)(length - put));
            if (count <= 0)
                return NULL;
            put += count;
        }
        done += (size_t)length;
    }
    return NULL;
}

static void send_on(struct tap *tap)
{
    struct echo *echo = tap->extra;
    while (echo->sent < TOTAL) {
        uint8_t chunk[CHUNK];
        size_t length = TOTAL - echo->sent < CHUNK ? TOTAL - echo->sent : CHUNK;
        for (size_t i = 0; i < length; i++)
            chunk[i] = pattern_at(echo->sent + i);
        int result = cmodemio_port_write(tap->port, chunk, length);
        echo->over_limit = echo->over_limit || tap->port->queue_length > LIMIT;
        if (result == -ENOBUFS) {
            if (echo->refusals++ == 0)
                CHECK(write(echo->gate[1], "", 1) == 1);
            return;
        }
        if (!CHECK(result == 0))
            return;
        echo->sent += length;
    }
}

static void check_echo(struct tap *tap, const uint8_t *bytes, size_t length)
{
    struct echo *echo = tap->extra;
    for (size_t i = 0; i < length; i++)
        echo->mismatch = echo->mismatch || bytes[i] != pattern_at(echo->checked + i);
    echo->checked += length;
}

static bool all_echoed(struct rig *rig)
{
    return ((struct tap *)rig->extra)->received >= TOTAL;
}

static void a_mebibyte_goes_there_and_back_through_a_slow_reader_within_the_bound(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct echo echo = {.master = pty.master};
    struct tap tap = {.on_received = check_echo, .on_writable = send_on, .extra = &echo};
    rig->extra = &tap;
    CHECK(pipe(echo.gate) == 0);
    CHECK(tap_open_as(&tap, rig, pty.path, (cmodemio_port_options){.write_limit = LIMIT}) == 0);
    pthread_t peer;
    CHECK(pthread_create(&peer, NULL, slow_peer, &echo) == 0);
    send_on(&tap);
    CHECK(echo.refusals == 1);
    CHECK(rig_run(rig, all_echoed));
    CHECK(echo.sent == TOTAL && echo.checked == TOTAL && !echo.mismatch && !echo.over_limit);
    CHECK(tap.writable >= 1 && tap.writable == echo.refusals);
    CHECK(!tap.port->wants_output);
    pthread_join(peer, NULL);
    CHECK(tap.closed == 0);
    close(echo.gate[0]);
    close(echo.gate[1]);
    close(pty.master);
    rig_free(rig);
}

static void a_write_is_taken_wholly_or_not_at_all(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct tap tap = {0};
    CHECK(tap_open_as(&tap, rig, pty.path, (cmodemio_port_options){.write_limit = 100}) == 0);
    uint8_t bytes[101] = {0};
    CHECK(cmodemio_port_write(tap.port, bytes, 101) == -EMSGSIZE);
    CHECK(cmodemio_port_write(tap.port, bytes, 0) == 0);
    size_t taken = 0;
    while (cmodemio_port_write(tap.port, bytes, 60) == 0)
        taken += 60;
    CHECK(tap.port->queue_length <= 100);
    size_t before = tap.port->queue_length;
    CHECK(cmodemio_port_write(tap.port, bytes, 100 - before) == 0);
    CHECK(cmodemio_port_write(tap.port, bytes, 1) == -ENOBUFS);
    CHECK(tap.port->queue_length == 100);
    taken += 100 - before;
    size_t got = 0;
    pty_unblock(&pty);
    tap.rig = rig;
    rig->extra = &tap;
    while (got < taken) {
        uint8_t buffer[4096];
        ssize_t length = read(pty.master, buffer, sizeof buffer);
        if (length > 0)
            got += (size_t)length;
        else
            CHECK(rig_go_round(rig));
    }
    CHECK(got == taken && read(pty.master, bytes, 1) < 0);
    CHECK(rig_go_round(rig));
    CHECK(tap.writable == 1);
    close(pty.master);
    rig_free(rig);
}

/* ------------------------------------------------------------------ ends */

static void a_closed_master_ends_the_port_once_and_the_descriptor_is_gone_by_then(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct tap tap = {.was_open_when_told = true};
    rig->extra = &tap;
    CHECK(tap_open(&tap, rig, pty.path) == 0);
    unsigned before = open_descriptors();
    close(pty.master);
    CHECK(rig_run(rig, tap_is_closed));
    CHECK(tap.closed == 1 && !tap.was_open_when_told);
    CHECK(tap.reason == 0 || tap.reason == EIO);
    CHECK(open_descriptors() == before - 2);
    CHECK(rig_go_round(rig));
    CHECK(tap.closed == 1);
    CHECK(tap_write(&tap, "AT\r") == -EPIPE);
    CHECK(cmodemio_port_discard_input(tap.port) == -EPIPE);
    cmodemio_port_pause(tap.port);
    cmodemio_port_resume(tap.port);
    cmodemio_port_close(tap.port);
    rig_free(rig);
}

static void a_write_to_a_dead_device_fails_and_closed_follows_from_the_loop(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct tap tap = {0};
    rig->extra = &tap;
    CHECK(tap_open(&tap, rig, pty.path) == 0);
    close(pty.master);
    CHECK(tap_write(&tap, "AT\r") == -EPIPE);
    CHECK(tap.closed == 0 && tap.port->fd == -1);
    CHECK(tap_write(&tap, "AT\r") == -EPIPE);
    CHECK(rig_run(rig, tap_is_closed));
    CHECK(rig_go_round(rig));
    CHECK(tap.closed == 1 && tap.reason == EIO);
    cmodemio_port_close(tap.port);
    rig_free(rig);
}

static void no_callback_comes_after_close(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct tap dead = {0};
    rig->extra = &dead;
    CHECK(tap_open(&dead, rig, pty.path) == 0);
    CHECK(write(pty.master, "RING", 4) == 4);
    close(pty.master);
    CHECK(tap_write(&dead, "AT\r") == -EPIPE);
    cmodemio_port_close(dead.port);
    CHECK(rig->loop->unannounced_deaths == 0);
    CHECK(rig_go_round(rig));
    CHECK(dead.closed == 0 && dead.received == 0);
    rig_free(rig);
}

static void a_paused_port_reads_nothing_but_notices_its_end(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct tap tap = {0};
    rig->extra = &tap;
    CHECK(tap_open(&tap, rig, pty.path) == 0);
    cmodemio_port_pause(tap.port);
    CHECK(write(pty.master, "RING", 4) == 4);
    CHECK(tap_input_has_come(&tap));
    CHECK(rig_go_round(rig));
    CHECK(tap.received == 0);
    cmodemio_port_resume(tap.port);
    CHECK(rig_run(rig, tap_has_bytes));
    CHECK(tap.received == 4 && memcmp(tap.bytes, "RING", 4) == 0);
    cmodemio_port_pause(tap.port);
    close(pty.master);
    CHECK(rig_run(rig, tap_is_closed));
    CHECK(tap.closed == 1);
    rig_free(rig);
}

static void pause_self(struct tap *tap, const uint8_t *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    cmodemio_port_pause(tap->port);
}

static void a_pause_from_the_callback_holds_at_once(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    struct tap tap = {.on_received = pause_self};
    rig->extra = &tap;
    CHECK(tap_open(&tap, rig, pty.path) == 0);
    pty_unblock(&pty);
    uint8_t bytes[1024] = {0};
    size_t put = 0;
    for (ssize_t count; (count = write(pty.master, bytes, sizeof bytes)) > 0;)
        put += (size_t)count;
    CHECK(tap_input_has_come(&tap));
    CHECK(rig_go_round(rig));
    CHECK(tap.received > 0 && tap.received <= CMODEMIO_READ_SIZE && tap.received < put);
    close(pty.master);
    rig_free(rig);
}

/* ------------------------------------------------------------------ callbacks that close and open */

struct couple {
    struct tap taps[2];
    unsigned callbacks;
};

static void close_both(struct tap *tap, const uint8_t *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    struct couple *couple = tap->extra;
    couple->callbacks++;
    for (int i = 0; i < 2; i++)
        cmodemio_port_close(couple->taps[i].port);
}

static void a_callback_may_close_its_own_and_another_port(void)
{
    struct rig *rig = rig_new();
    struct pty ptys[2] = {pty_new(), pty_new()};
    struct couple couple = {0};
    for (int i = 0; i < 2; i++) {
        couple.taps[i].on_received = close_both;
        couple.taps[i].extra = &couple;
        CHECK(tap_open(&couple.taps[i], rig, ptys[i].path) == 0);
        CHECK(write(ptys[i].master, "RING", 4) == 4);
        CHECK(tap_input_has_come(&couple.taps[i]));
    }
    CHECK(rig_go_round(rig));
    CHECK(couple.callbacks == 1);
    CHECK(couple.taps[0].closed + couple.taps[1].closed == 0);
    CHECK(rig->loop->ports == NULL && rig->loop->graveyard == NULL);
    for (int i = 0; i < 2; i++)
        close(ptys[i].master);
    rig_free(rig);
}

static void close_and_open_the_next(struct tap *tap)
{
    const struct pty *next = tap->extra;
    cmodemio_port_close(tap->port);
    CHECK(tap_open(tap, tap->rig, next->path) == 0);
}

static void the_closed_callback_may_free_the_port_and_open_another(void)
{
    struct rig *rig = rig_new();
    struct pty first = pty_new();
    struct pty second = pty_new();
    struct tap tap = {.on_closed = close_and_open_the_next, .extra = &second};
    rig->extra = &tap;
    CHECK(tap_open(&tap, rig, first.path) == 0);
    close(first.master);
    CHECK(write(second.master, "RDY", 3) == 3);
    CHECK(rig_run(rig, tap_has_bytes));
    CHECK(tap.closed == 1 && tap.received == 3);
    close(second.master);
    rig_free(rig);
}

static void stop_loop(struct tap *tap, const uint8_t *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    cmodemio_loop_stop(tap->rig->loop);
}

static void stop_from_a_callback_ends_run_after_that_callback(void)
{
    struct rig *rig = rig_new();
    struct pty ptys[2] = {pty_new(), pty_new()};
    struct tap taps[2] = {{.on_received = stop_loop}, {.on_received = stop_loop}};
    for (int i = 0; i < 2; i++) {
        CHECK(tap_open(&taps[i], rig, ptys[i].path) == 0);
        CHECK(write(ptys[i].master, "RING", 4) == 4);
    }
    CHECK(cmodemio_loop_run(rig->loop) == 0);
    CHECK(taps[0].received + taps[1].received == 4);
    CHECK(cmodemio_loop_run(rig->loop) == 0);
    CHECK(taps[0].received + taps[1].received == 8);
    for (int i = 0; i < 2; i++)
        close(ptys[i].master);
    rig_free(rig);
}

/* ------------------------------------------------------------------ fairness */

enum { FLOODS = 8, TURN = 4 * CMODEMIO_READ_SIZE };

struct race {
    struct tap taps[FLOODS];
    struct pty ptys[FLOODS];
    int last;
    size_t in_a_row, longest;
    size_t total;
};

/* Also refills the master, so that no port ever runs dry. */
static void count_turn(struct tap *tap, const uint8_t *bytes, size_t length)
{
    (void)bytes;
    struct race *race = tap->extra;
    int index = (int)(tap - race->taps);
    race->in_a_row = race->last == index ? race->in_a_row + length : length;
    race->last = index;
    if (race->in_a_row > race->longest)
        race->longest = race->in_a_row;
    race->total += length;
    static const uint8_t more[4096];
    while (write(race->ptys[index].master, more, sizeof more) > 0) {
    }
}

static bool enough_is_read(struct rig *rig)
{
    return ((struct race *)rig->extra)->total > (size_t)8 * 1024 * 1024;
}

static void eight_flooding_ports_take_turns(void)
{
    struct rig *rig = rig_new();
    struct race race = {.last = -1};
    rig->extra = &race;
    for (int i = 0; i < FLOODS; i++) {
        race.ptys[i] = pty_new();
        pty_unblock(&race.ptys[i]);
        race.taps[i].on_received = count_turn;
        race.taps[i].extra = &race;
        CHECK(tap_open(&race.taps[i], rig, race.ptys[i].path) == 0);
        static const uint8_t bytes[4096];
        while (write(race.ptys[i].master, bytes, sizeof bytes) > 0) {
        }
    }
    CHECK(rig_run(rig, enough_is_read));
    CHECK(race.longest <= (size_t)4 * TURN);
    size_t least = SIZE_MAX;
    size_t most = 0;
    for (int i = 0; i < FLOODS; i++) {
        least = race.taps[i].received < least ? race.taps[i].received : least;
        most = race.taps[i].received > most ? race.taps[i].received : most;
    }
    CHECK(least > 0 && most <= least * 2);
    for (int i = 0; i < FLOODS; i++)
        close(race.ptys[i].master);
    rig_free(rig);
}

/* ------------------------------------------------------------------ nothing leaks */

static void a_thousand_opens_leak_no_descriptor(void)
{
    struct rig *rig = rig_new();
    struct pty pty = pty_new();
    unsigned before = open_descriptors();
    for (int i = 0; i < 1000; i++) {
        struct tap tap = {0};
        struct tap second = {0};
        CHECK(tap_open(&tap, rig, pty.path) == 0);
        CHECK(tap_open(&second, rig, pty.path) == -EBUSY);
        CHECK(second.port == NULL);
        if (tap.port)
            cmodemio_port_close(tap.port);
        CHECK(tap_open(&tap, rig, "/dev/null") == -ENOTTY);
        CHECK(tap_open_as(&tap, rig, pty.path, (cmodemio_port_options){.baud = 12345}) == -EINVAL);
    }
    CHECK(open_descriptors() == before);
    close(pty.master);
    rig_free(rig);
}

static void destroying_a_loop_closes_its_ports(void)
{
    unsigned before = open_descriptors();
    struct rig *rig = rig_new();
    struct pty ptys[3] = {pty_new(), pty_new(), pty_new()};
    struct tap taps[3] = {0};
    for (int i = 0; i < 3; i++) {
        CHECK(tap_open(&taps[i], rig, ptys[i].path) == 0);
        CHECK(write(ptys[i].master, "RING", 4) == 4);
    }
    rig_free(rig);
    for (int i = 0; i < 3; i++) {
        CHECK(taps[i].received == 0 && taps[i].closed == 0);
        close(ptys[i].master);
    }
    CHECK(open_descriptors() == before);
}

/* ------------------------------------------------------------------ a close that would wait */

/* Closing a socket that lingers waits as closing a serial port does whose device takes nothing. */
static void a_close_that_would_wait_ends_soon(void)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    CHECK(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(fd, (struct sockaddr *)&address, length) == 0);
    struct linger linger = {.l_onoff = 1, .l_linger = 20};
    CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == 0);
    static const uint8_t bytes[65536];
    while (send(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
    sigset_t before, after;
    CHECK(sigfillset(&before) == 0 && pthread_sigmask(SIG_SETMASK, &before, &after) == 0);
    int64_t start = cmodemio_now_ns();
    cmodemio_close_soon(fd);
    CHECK(cmodemio_now_ns() - start < INT64_C(5000000000));
    CHECK(fcntl(fd, F_GETFD) < 0 && errno == EBADF);
    /* The signal is blocked again, as whoever called had it. */
    CHECK(pthread_sigmask(SIG_SETMASK, &after, &before) == 0 && sigismember(&before, SIGRTMAX - 3) == 1);
    close(listener);
}

int main(void)
{
    RUN(a_mebibyte_goes_there_and_back_through_a_slow_reader_within_the_bound);
    RUN(a_write_is_taken_wholly_or_not_at_all);
    RUN(a_closed_master_ends_the_port_once_and_the_descriptor_is_gone_by_then);
    RUN(a_write_to_a_dead_device_fails_and_closed_follows_from_the_loop);
    RUN(no_callback_comes_after_close);
    RUN(a_paused_port_reads_nothing_but_notices_its_end);
    RUN(a_pause_from_the_callback_holds_at_once);
    RUN(a_callback_may_close_its_own_and_another_port);
    RUN(the_closed_callback_may_free_the_port_and_open_another);
    RUN(stop_from_a_callback_ends_run_after_that_callback);
    RUN(eight_flooding_ports_take_turns);
    RUN(a_thousand_opens_leak_no_descriptor);
    RUN(destroying_a_loop_closes_its_ports);
    RUN(a_close_that_would_wait_ends_soon);
    return finish("test_port");
}
