/* What Swift does not see of glibc's heap. */
#ifndef CMEMORY_H
#define CMEMORY_H

/* The process uses at most so many heaps (glibc's arenas: mallopt(3), M_ARENA_MAX); those that there are already stay.
   Returns 0, or -1 when the C library does not take it. [any thread, best before there is a second one] */
int cmemory_limit_heaps(int heaps);

/* Gives whole free pages of all heaps back to the system (malloc_trim(3)): some milliseconds for 100 MB. Does nothing
   where the C library cannot. [any thread] */
void cmemory_give_back(void);

#endif
