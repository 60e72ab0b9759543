/* A harness of our own: CHECK counts, RUN names, finish prints `N passed, N failed`. A test that hangs is killed. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECONDS_PER_TEST = 60 };

static int checks_passed;
static int checks_failed;
static int tests_passed;
static int tests_failed;

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
#define RUN(test) run_test((test), #test)

static inline bool check_that(bool holds, const char *text, const char *file, int line)
{
    if (holds) {
        checks_passed++;
    } else {
        checks_failed++;
        printf("  %s:%d: does not hold: %s\n", file, line, text);
        fflush(stdout);
    }
    return holds;
}

static inline void run_test(void (*test)(void), const char *name)
{
    int failed_before = checks_failed;
    printf("- %s\n", name);
    fflush(stdout);
    alarm(SECONDS_PER_TEST);
    test();
    alarm(0);
    if (checks_failed == failed_before)
        tests_passed++;
    else
        tests_failed++;
}

static inline void skip(const char *why)
{
    printf("  SKIPPED: %s\n", why);
}

static inline int finish(const char *suite)
{
    printf("%s: %d passed, %d failed (%d checks)\n", suite, tests_passed, tests_failed, checks_passed + checks_failed);
    return tests_failed == 0 ? 0 : 1;
}

#endif
