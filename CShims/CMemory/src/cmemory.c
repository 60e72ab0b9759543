#include "cmemory.h"

#include <malloc.h>

int cmemory_limit_heaps(int heaps)
{
    return mallopt(M_ARENA_MAX, heaps) == 1 ? 0 : -1;
}

void cmemory_give_back(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
