/* Starting a program with pipes: what Swift cannot do (what lies between fork and exec). */
#ifndef CSPAWN_H
#define CSPAWN_H

#include <sys/types.h>

#ifdef __clang__
#pragma clang assume_nonnull begin
#define CSPAWN_NULLABLE _Nullable
#define CSPAWN_NONNULL _Nonnull
#else
#define CSPAWN_NULLABLE
#define CSPAWN_NONNULL
#endif

/* Our ends of the pipes to a program; each is close-on-exec and does not block. Owned by whoever called. */
typedef struct cspawn_pipes {
    int input;  /* written by us */
    int output; /* read by us */
    int errors; /* read by us */
} cspawn_pipes;

/* Starts `path` (looked for on PATH when it has no slash) in `folder`, in a process group of its own, with default
   signals, and with no other descriptor of this process than the three pipes. `arguments` and `environment` end with
   NULL and are borrowed for the call. Returns 0, or a negative errno: then nothing was started and nothing is open.
   The program gets SIGKILL when the CALLING THREAD ends, so that none outlives a killed process; what it started in
   turn does not. A program that changes its user or gains capabilities at exec is not covered (prctl(2),
   PR_SET_PDEATHSIG). [a thread that outlives the program] Blocks until the program was found and begun, or not. */
int cspawn_start(const char *path, char *CSPAWN_NULLABLE const *CSPAWN_NONNULL arguments,
                 char *CSPAWN_NULLABLE const *CSPAWN_NONNULL environment, const char *folder, cspawn_pipes *pipes,
                 pid_t *pid);

/* A pipe that no program inherits and that does not block: reading end, writing end. Returns 0 or a negative errno.
   [any thread] */
int cspawn_pipe(int *ends);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif
