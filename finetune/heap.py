"""Memory that is freed stays with the process, for the next step to take again.

    keep_freed_memory()

Tensors of a step are large, so that the C library takes each from the kernel and gives it back: with a small
model on a CPU a quarter of the time went into clearing pages.
"""

import ctypes

# malloc.h of glibc; mallopt(3) explains them. Other C libraries have no such knobs.
_TRIM_THRESHOLD = -1
_MMAP_MAX = -4
_NEVER = -1


def keep_freed_memory() -> bool:
    """Tell glibc's allocator not to return memory to the kernel; false where there is no such allocator."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # Windows takes no None.
        return False
    return bool(mallopt(_MMAP_MAX, 0) and mallopt(_TRIM_THRESHOLD, _NEVER))
