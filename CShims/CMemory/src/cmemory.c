#include "cmemory.h"

#include <malloc.h>

int cmemory_limit_heaps(int heaps)
{
    return mallopt(M_ARENA_MAX, heaps) == 1 ? 0 : -1;
}
