/*
 * CSandbox: a process of one's own for foreign code, and the fence around it.
 *
 * The starter's side makes, kills and reaps a child by its pidfd and never touches other children. The child's side
 * gives up, step by step, what it does not need; each step is final. Results are 0 or a count, a negative errno on
 * failure.
 *
 * Thread tags: [any] any thread; [first] before the process has a second thread.
 */
#ifndef CSANDBOX_H
#define CSANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Nullability is Clang's; other compilers read past it. */
#ifndef __clang__
#define _Nullable
#define _Nonnull
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ the starter's side */

/* The descriptor on which a child finds its end of the socket. */
#define CSANDBOX_SOCKET 3

/* Starts `path` as a child in a process group of its own: `socket` becomes its descriptor 3, its standard input is
 * /dev/null, its standard output and error are `output` (a descriptor; -1 for /dev/null), and no other descriptor is
 * open in it. Signals are as at the start of a program. The child dies with the calling THREAD where it has called
 * csandbox_die_with_parent. [any] */
int csandbox_spawn(const char *_Nonnull path, char *const _Nullable *_Nonnull arguments,
                   char *const _Nullable *_Nonnull environment, int socket, int output, pid_t *_Nonnull pid,
                   int *_Nonnull pidfd);

/* Kills the child and its process group. Harmless when it has ended and is not reaped. [any] */
int csandbox_kill(pid_t pid, int pidfd);

/* How a child ended. */
typedef struct csandbox_end {
    int32_t code;   /* what it gave exit; -1 when a signal ended it */
    int32_t signal; /* 0 when it ended by itself */
} csandbox_end;

/* Waits for the child's end and reaps it. Blocks. [any] */
int csandbox_reap(int pidfd, csandbox_end *_Nonnull end);

/* The file that a symbol of this process comes from; -ENOENT when there is no such symbol. [any] */
int csandbox_library_of(const char *_Nonnull symbol, char *_Nonnull path, size_t size);

/* ------------------------------------------------------------------ the child's side */

/* The kernel kills this process when the thread that made it ends, however that happens. -ESRCH when `parent` is gone
 * already. Changing the uid undoes it. [first] */
int csandbox_die_with_parent(pid_t parent);

/* What may be used at most; 0 leaves one as it is. No core is ever written. */
typedef struct csandbox_limits {
    uint64_t descriptors;
    uint64_t data_bytes; /* memory of its own */
    uint64_t file_bytes; /* size of a file it writes */
} csandbox_limits;

/* [any] */
int csandbox_limit(const csandbox_limits *_Nonnull limits);

/* Takes another identity with no further groups, for good; only root can. [first] */
int csandbox_become(uid_t uid, gid_t gid);

/* Copies a file to sealed memory, whose descriptor the process can open again under another identity; the descriptor,
 * or a negative errno. [any] */
int csandbox_memory_copy(const char *_Nonnull path);

enum { CSANDBOX_READ = 1, CSANDBOX_WRITE = 2, CSANDBOX_EXECUTE = 4 };

/* One file, or a folder with all below it. */
typedef struct csandbox_path {
    const char *_Nonnull path;
    uint32_t access;
    uint32_t reserved;
} csandbox_path;

/* The revision of Landlock that this kernel has; 0 for none. [any] */
int csandbox_landlock_revision(void);

/* From now on, this process and its children can open only what `paths` name; paths that do not exist are left out.
 * Unless `network`, no TCP either (from revision 4 on). From revision 6 on, processes outside can neither be signalled
 * nor reached through abstract sockets. The revision, or -ENOSYS, -EOPNOTSUPP without Landlock. [first] */
int csandbox_landlock(const csandbox_path *_Nonnull paths, size_t count, int network);

enum {
    CSANDBOX_NETWORK = 1, /* sockets of IPv4 and IPv6 */
    CSANDBOX_PROGRAMS = 2 /* other programs may be started, and signalled */
};

/* Refuses system calls that a plugin has no business with (EPERM): sockets but for pairs, what looks into or changes
 * other processes, mounts, keys, modules, clocks, namespaces, whatever runs around the fence. System calls of another
 * architecture end the process. -EINVAL, -ENOSYS without seccomp. [first] */
int csandbox_filter(uint32_t allowed);

#ifdef __cplusplus
}
#endif

#endif
