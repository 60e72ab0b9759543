/* Tells the thread sanitizer of continuations that are resumed before they are awaited. The runtime, which is not
 * instrumented, announces that a resume comes before what follows it (a release of the task), but takes note of it only
 * where the task was suspended; a task that finds its answer already there goes on without, and its next write to its own
 * frame looks like a race with the read in `resume(returning:)`. This takes note in both cases, as every task goes on:
 * nothing is suppressed by it, and what only one of the two sides orders is found as before. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#define ASYNC __attribute__((swiftasynccall))
#define CONTEXT __attribute__((swift_async_context)) struct context *context

/* The beginning of each asynchronous frame, which the calling convention fixes. */
struct context {
    struct context *parent;
    ASYNC void (*resume)(CONTEXT);
};

/* Where a waiting frame goes on, until it does. */
struct wait {
    struct wait *next;
    struct context *context;
    ASYNC void (*resume)(CONTEXT);
};

#define BUCKETS 1024
static struct bucket {
    atomic_flag is_locked; /* this file is not instrumented, so that its lock orders nothing for the sanitizer */
    struct wait *first;
} buckets[BUCKETS];

extern void __tsan_acquire(void *address) __attribute__((weak));
extern __attribute__((swiftcall)) void *swift_task_getCurrent(void) __attribute__((weak));

static struct bucket *lock(const struct context *context)
{
    struct bucket *bucket = &buckets[((uintptr_t)context >> 4) % BUCKETS];
    while (atomic_flag_test_and_set_explicit(&bucket->is_locked, memory_order_acquire)) {
    }
    return bucket;
}

static void unlock(struct bucket *bucket)
{
    atomic_flag_clear_explicit(&bucket->is_locked, memory_order_release);
}

static ASYNC void go_on(CONTEXT)
{
    struct bucket *bucket = lock(context);
    struct wait **link = &bucket->first;
    while ((*link)->context != context)
        link = &(*link)->next;
    struct wait *wait = *link;
    *link = wait->next;
    unlock(bucket);
    context->resume = wait->resume;
    free(wait);
    __tsan_acquire(swift_task_getCurrent());
    __attribute__((musttail)) return context->resume(context);
}

ASYNC void swift_continuation_await(struct context *context)
{
    typedef ASYNC void (*await_function)(struct context *context);
    static _Atomic(await_function) known;
    await_function await = atomic_load(&known);
    if (!await)
        atomic_store(&known, await = (await_function)dlsym(RTLD_NEXT, "swift_continuation_await"));
    struct wait *wait = __tsan_acquire ? malloc(sizeof *wait) : NULL;
    if (wait) {
        struct bucket *bucket = lock(context);
        *wait = (struct wait){bucket->first, context, context->resume};
        bucket->first = wait;
        unlock(bucket);
        context->resume = go_on;
    }
    __attribute__((musttail)) return await(context);
}
