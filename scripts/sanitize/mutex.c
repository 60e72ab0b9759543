/* Tells the thread sanitizer of Swift's Mutex, which waits in a futex inside a library that is not instrumented. A lock
 * that nobody else wants is taken and given back by instrumented code, so only the two slow ways are missing: without
 * them each mutex that two threads ever waited for looks like a race. Linked into what `make sanitize` builds; nothing
 * is suppressed by it, and data that no mutex guards is found as before. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define HANDLE "$s15Synchronization12_MutexHandleV"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(HANDLE "9_lockSlowyys6UInt32VF");
SWIFT bool try_lock_slow(SELF) __asm__(HANDLE "12_tryLockSlowSbyF");
SWIFT void unlock_slow(SELF) __asm__(HANDLE "11_unlockSlowyyF");

typedef SWIFT void (*lock_function)(uint32_t thread, SELF);
typedef SWIFT bool (*try_lock_function)(SELF);
typedef SWIFT void (*unlock_function)(SELF);

SWIFT void lock_slow(uint32_t thread, SELF)
{
    ((lock_function)dlsym(RTLD_NEXT, HANDLE "9_lockSlowyys6UInt32VF"))(thread, self);
    if (__tsan_acquire)
        __tsan_acquire(self);
}

SWIFT bool try_lock_slow(SELF)
{
    bool is_taken = ((try_lock_function)dlsym(RTLD_NEXT, HANDLE "12_tryLockSlowSbyF"))(self);
    if (is_taken && __tsan_acquire)
        __tsan_acquire(self);
    return is_taken;
}

SWIFT void unlock_slow(SELF)
{
    if (__tsan_release)
        __tsan_release(self);
    ((unlock_function)dlsym(RTLD_NEXT, HANDLE "11_unlockSlowyyF"))(self);
}
