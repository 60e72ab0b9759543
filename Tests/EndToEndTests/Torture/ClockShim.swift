import Foundation
import Glibc

/// A wall clock that jumps, for one process and its workers: a library that is loaded before all others and adds what
/// stands in a shared file to the machine's time. The monotonic clock stays true, as it does in life.
final class ClockShim {
    let library: String
    let file: String
    private let offset: UnsafeMutablePointer<Int64>

    /// Builds the library in `folder`.
    init(in folder: String) async throws {
        library = folder + "/clock.so"
        file = folder + "/clock-offset"
        let source = folder + "/clock.c"
        try Self.source.write(toFile: source, atomically: true, encoding: .utf8)
        let (status, output) = try await ChildProcess.run(
            "cc", ["-std=gnu11", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", source, "-o", library, "-ldl"],
            in: folder)
        guard status == 0 else { throw Failure("cc: \(output)") }
        guard FileManager.default.createFile(atPath: file, contents: Data(count: 8)) else {
            throw Failure("\(file) cannot be made")
        }
        let descriptor = open(file, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        guard let memory = mmap(nil, 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED else {
            throw Failure("\(file) cannot be mapped")
        }
        offset = memory.bindMemory(to: Int64.self, capacity: 1)
    }

    deinit {
        munmap(offset, 8)
    }

    var environment: [String] { ["LD_PRELOAD=\(library)", "CONDUCTOR_CLOCK_OFFSET=\(file)"] }

    /// Sets the clock so many seconds before or after the machine's.
    func set(_ seconds: Int64) { offset.pointee = seconds }

    private static let source = #"""
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <semaphore.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static volatile int64_t none;
        static volatile int64_t *offset = &none;

        __attribute__((constructor)) static void map(void) {
            const char *path = getenv("CONDUCTOR_CLOCK_OFFSET");
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return;
            void *memory = mmap(NULL, 8, PROT_READ, MAP_SHARED, file, 0);
            if (memory != MAP_FAILED) offset = memory;
            close(file);
        }

        static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

        int clock_gettime(clockid_t clock, struct timespec *time) {
            static int (*call)(clockid_t, struct timespec *);
            if (!call) call = real("clock_gettime");
            int result = call(clock, time);
            if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time->tv_sec += *offset;
            return result;
        }

        int gettimeofday(struct timeval *time, void *zone) {
            struct timespec now;
            (void)zone;
            clock_gettime(CLOCK_REALTIME, &now);
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return 0;
        }

        time_t time(time_t *out) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (out) *out = now.tv_sec;
            return now.tv_sec;
        }

        /* The kernel waits by the machine's clock: what was reckoned by ours is turned back. Times since the start of
           the machine are small numbers and stay. */
        static struct timespec turned(const struct timespec *until) {
            struct timespec turned = *until;
            if (turned.tv_sec > 1000000000) turned.tv_sec -= *offset;
            return turned;
        }

        int sem_timedwait(sem_t *sem, const struct timespec *until) {
            static int (*call)(sem_t *, const struct timespec *);
            if (!call) call = real("sem_timedwait");
            struct timespec then = turned(until);
            return call(sem, &then);
        }

        int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until) {
            static int (*call)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
            if (!call) call = real("pthread_cond_timedwait");
            struct timespec then = turned(until);
            return call(cond, mutex, &then);
        }
        """#
}
