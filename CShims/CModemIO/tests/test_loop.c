/* The loop: wakes, stops, deadlines. */
#include "rig.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

enum { THREADS = 8, WAKES_PER_THREAD = 20000 };

static bool was_woken(struct rig *rig)
{
    return rig->woken > 0;
}

static void wakes_before_run_are_merged_into_one(void)
{
    struct rig *rig = rig_new();
    for (int i = 0; i < 1000; i++)
        cmodemio_loop_wake(rig->loop);
    CHECK(rig_run(rig, was_woken));
    CHECK(rig->woken == 1);
    rig_free(rig);
}

struct work {
    struct rig *rig;
    atomic_uint posted;
    unsigned seen;
};

static void *post_and_wake(void *argument)
{
    struct work *work = argument;
    for (int i = 0; i < WAKES_PER_THREAD; i++) {
        atomic_fetch_add(&work->posted, 1);
        cmodemio_loop_wake(work->rig->loop);
    }
    return NULL;
}

static void take_posted(struct rig *rig)
{
    struct work *work = rig->extra;
    work->seen += atomic_exchange(&work->posted, 0);
}

static bool all_work_seen(struct rig *rig)
{
    return ((struct work *)rig->extra)->seen == THREADS * WAKES_PER_THREAD;
}

static void no_wake_of_many_threads_is_lost(void)
{
    struct rig *rig = rig_new();
    struct work work = {.rig = rig};
    rig->extra = &work;
    rig->on_woken = take_posted;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, post_and_wake, &work) == 0);
    CHECK(rig_run(rig, all_work_seen));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK(work.seen == THREADS * WAKES_PER_THREAD);
    CHECK(rig->woken <= THREADS * WAKES_PER_THREAD);
    rig_free(rig);
}

static struct rig *signalled;

static void wake_from_signal(int number)
{
    (void)number;
    cmodemio_loop_wake(signalled->loop);
}

static void a_signal_handler_may_wake(void)
{
    struct rig *rig = rig_new();
    signalled = rig;
    struct sigaction action = {.sa_handler = wake_from_signal};
    struct sigaction former;
    CHECK(sigaction(SIGUSR1, &action, &former) == 0);
    errno = ENOTTY;
    raise(SIGUSR1);
    CHECK(errno == ENOTTY);
    CHECK(rig_run(rig, was_woken));
    CHECK(rig->woken == 1);
    sigaction(SIGUSR1, &former, NULL);
    rig_free(rig);
}

static void *stop_from_outside(void *argument)
{
    cmodemio_loop_stop(((struct rig *)argument)->loop);
    return NULL;
}

static void stop_comes_from_any_thread_and_may_come_first(void)
{
    struct rig *rig = rig_new();
    cmodemio_loop_stop(rig->loop);
    CHECK(cmodemio_loop_run(rig->loop) == 0);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, stop_from_outside, rig) == 0);
    CHECK(cmodemio_loop_run(rig->loop) == 0);
    pthread_join(thread, NULL);
    rig_free(rig);
}

static void stop_then_wake_again(struct rig *rig)
{
    cmodemio_loop_stop(rig->loop);
    cmodemio_loop_wake(rig->loop);
}

static void a_wake_that_met_a_stop_is_kept_for_the_next_run(void)
{
    struct rig *rig = rig_new();
    rig->on_woken = stop_then_wake_again;
    cmodemio_loop_wake(rig->loop);
    CHECK(cmodemio_loop_run(rig->loop) == 0);
    CHECK(rig->woken == 1);
    CHECK(cmodemio_loop_run(rig->loop) == 0);
    CHECK(rig->woken == 2);
    rig_free(rig);
}

static int nested_result;

static void run_again(struct rig *rig)
{
    nested_result = cmodemio_loop_run(rig->loop);
}

static void run_inside_run_is_refused(void)
{
    struct rig *rig = rig_new();
    rig->on_woken = run_again;
    cmodemio_loop_wake(rig->loop);
    CHECK(rig_run(rig, was_woken));
    CHECK(nested_result == -EBUSY);
    rig_free(rig);
}

/* ------------------------------------------------------------------ deadlines */

static int64_t rang_at;

static void note_time_and_stop(struct rig *rig)
{
    rang_at = cmodemio_now_ns();
    cmodemio_loop_stop(rig->loop);
}

static void a_deadline_is_never_early_and_hardly_late(void)
{
    struct rig *rig = rig_new();
    rig->on_deadline = note_time_and_stop;
    int64_t best = INT64_MAX;
    for (int i = 0; i < 20; i++) {
        int64_t due = cmodemio_now_ns() + 3000000 + (int64_t)i * 100000;
        cmodemio_loop_set_deadline(rig->loop, due);
        CHECK(cmodemio_loop_run(rig->loop) == 0);
        int64_t lateness = rang_at - due;
        CHECK(lateness >= 0);
        if (lateness < best)
            best = lateness;
    }
    CHECK(rig->deadlines == 20);
    /* The best of twenty: a loaded machine delays some, a millisecond clock would delay all. */
    CHECK(best < 900000);
    rig_free(rig);
}

static void a_later_an_earlier_and_no_deadline_replace_the_former(void)
{
    static const struct {
        int64_t first_ms, second_ms;
    } cases[] = {{2, 20}, {10000, 5}, {5, 5}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rig *rig = rig_new();
        rig->on_deadline = note_time_and_stop;
        int64_t now = cmodemio_now_ns();
        int64_t due = now + cases[i].second_ms * 1000000;
        cmodemio_loop_set_deadline(rig->loop, now + cases[i].first_ms * 1000000);
        /* So that the first one is armed. */
        rig->on_woken = stop_then_wake_again;
        cmodemio_loop_wake(rig->loop);
        CHECK(cmodemio_loop_run(rig->loop) == 0);
        rig->on_woken = NULL;
        rig->deadlines = 0;
        cmodemio_loop_set_deadline(rig->loop, due);
        CHECK(cmodemio_loop_run(rig->loop) == 0);
        CHECK(rig->deadlines == 1 && rang_at >= due && rang_at < due + 5000000000);
        rig_free(rig);
    }
    struct rig *rig = rig_new();
    cmodemio_loop_set_deadline(rig->loop, cmodemio_now_ns() + 1);
    cmodemio_loop_set_deadline(rig->loop, 0);
    CHECK(rig_go_round(rig));
    CHECK(rig->deadlines == 0);
    rig_free(rig);
}

static void a_deadline_in_the_past_comes_at_once_and_once(void)
{
    struct rig *rig = rig_new();
    rig->on_deadline = note_time_and_stop;
    cmodemio_loop_set_deadline(rig->loop, 1);
    CHECK(cmodemio_loop_run(rig->loop) == 0);
    CHECK(rig->deadlines == 1);
    CHECK(rig_go_round(rig));
    CHECK(rig->deadlines == 1);
    rig_free(rig);
}

int main(void)
{
    RUN(wakes_before_run_are_merged_into_one);
    RUN(no_wake_of_many_threads_is_lost);
    RUN(a_signal_handler_may_wake);
    RUN(stop_comes_from_any_thread_and_may_come_first);
    RUN(a_wake_that_met_a_stop_is_kept_for_the_next_run);
    RUN(run_inside_run_is_refused);
    RUN(a_deadline_is_never_early_and_hardly_late);
    RUN(a_later_an_earlier_and_no_deadline_replace_the_former);
    RUN(a_deadline_in_the_past_comes_at_once_and_once);
    return finish("test_loop");
}
