/* What WAMR asks of a platform: the one of `wamr.c`. */
#pragma once

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BH_PLATFORM_BOARD
#define BH_APPLET_PRESERVED_STACK_SIZE (512)
#define BH_THREAD_DEFAULT_PRIORITY 1

typedef int korp_thread;
typedef int korp_tid;
typedef int korp_mutex;
typedef int korp_cond;
typedef int korp_rwlock;
typedef int korp_sem;
typedef int os_file_handle;
typedef int os_raw_file_handle;
typedef void *os_dir_stream;
typedef int os_poll_file_handle;
typedef int os_nfds_t;
typedef int os_timespec;

static inline os_file_handle os_get_invalid_handle(void)
{
    return -1;
}
