// What `program.c` needs of POSIX threads, for compilers without a C library that has them. `../runtime.c` implements it.
#pragma once
#include <stdatomic.h>

typedef struct thread *pthread_t;
typedef struct {
    // 0: free, 1: locked, 2: locked, and threads may wait
    atomic_int state;
} pthread_mutex_t;
typedef struct {
    // Changes with each signal.
    atomic_int signals;
} pthread_cond_t;
typedef struct {
    atomic_int arrived, generation;
    int count;
} pthread_barrier_t;

#define PTHREAD_MUTEX_INITIALIZER {0}
#define PTHREAD_COND_INITIALIZER {0}

// They return 0, or a number of an error. There are no attributes.
int pthread_create(pthread_t *thread, const void *attributes, void *(*function)(void *), void *argument);
int pthread_join(pthread_t thread, void **result);
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_unlock(pthread_mutex_t *mutex);
int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int pthread_cond_signal(pthread_cond_t *condition);
int pthread_barrier_init(pthread_barrier_t *barrier, const void *attributes, unsigned count);
int pthread_barrier_wait(pthread_barrier_t *barrier);
