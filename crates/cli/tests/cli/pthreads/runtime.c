// POSIX threads on wasi-threads, with the conventions of wasi-sdk: the memory is imported and shared, `wasi.thread-spawn`
// starts a thread, which enters by `wasi_thread_start` with a stack and thread-local variables of its own. Waiting is
// `memory.atomic.wait32`, waking `memory.atomic.notify`.
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

IMPORT("wasi", "thread-spawn") int wasi_thread_spawn(void *argument);
IMPORT("wasi_snapshot_preview1", "proc_exit") _Noreturn void wasi_proc_exit(int status);
IMPORT("wasi_snapshot_preview1", "args_sizes_get") int wasi_args_sizes_get(uint32_t *count, uint32_t *size);
IMPORT("wasi_snapshot_preview1", "args_get") int wasi_args_get(char **args, char *text);
IMPORT("wasi_snapshot_preview1", "fd_write")
int wasi_fd_write(int file, const void *vectors, int count, uint32_t *written);

void __wasm_init_tls(void *variables);

enum { MOST_THREADS = 16, STACK = 1 << 16, VARIABLES = 256, AGAIN = 6 };

struct thread {
    // `start.s` reads the first field.
    void *stack_end;
    void *(*function)(void *);
    void *argument, *result;
    atomic_int is_done;
    _Alignas(16) char variables[VARIABLES];
    _Alignas(16) char stack[STACK];
};

static struct thread pool[MOST_THREADS];
static atomic_int started;

static void wait(atomic_int *place, int expected) {
    __builtin_wasm_memory_atomic_wait32((int *)place, expected, -1);
}

static void wake(atomic_int *place, unsigned count) {
    __builtin_wasm_memory_atomic_notify((int *)place, count);
}

// Called by `wasi_thread_start`, on the stack of the thread.
void run_thread(int id, struct thread *self) {
    (void)id;
    __wasm_init_tls(self->variables);
    self->result = self->function(self->argument);
    self->is_done = 1;
    wake(&self->is_done, -1);
}

int pthread_create(pthread_t *thread, const void *attributes, void *(*function)(void *), void *argument) {
    (void)attributes;
    int number = atomic_fetch_add(&started, 1);
    if (number >= MOST_THREADS || __builtin_wasm_tls_size() > VARIABLES) {
        return AGAIN;
    }
    struct thread *self = &pool[number];
    self->stack_end = self->stack + STACK;
    self->function = function;
    self->argument = argument;
    *thread = self;
    return wasi_thread_spawn(self) > 0 ? 0 : AGAIN;
}

int pthread_join(pthread_t thread, void **result) {
    while (!thread->is_done) {
        wait(&thread->is_done, 0);
    }
    *result = thread->result;
    return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    int before = 0;
    if (!atomic_compare_exchange_strong(&mutex->state, &before, 1)) {
        while (atomic_exchange(&mutex->state, 2) != 0) {
            wait(&mutex->state, 2);
        }
    }
    return 0;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    if (atomic_exchange(&mutex->state, 0) == 2) {
        wake(&mutex->state, 1);
    }
    return 0;
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    int signals = condition->signals;
    pthread_mutex_unlock(mutex);
    wait(&condition->signals, signals);
    return pthread_mutex_lock(mutex);
}

int pthread_cond_signal(pthread_cond_t *condition) {
    atomic_fetch_add(&condition->signals, 1);
    wake(&condition->signals, 1);
    return 0;
}

int pthread_barrier_init(pthread_barrier_t *barrier, const void *attributes, unsigned count) {
    (void)attributes;
    barrier->arrived = barrier->generation = 0;
    barrier->count = count;
    return 0;
}

int pthread_barrier_wait(pthread_barrier_t *barrier) {
    int generation = barrier->generation;
    if (atomic_fetch_add(&barrier->arrived, 1) == barrier->count - 1) {
        barrier->arrived = 0;
        atomic_fetch_add(&barrier->generation, 1);
        wake(&barrier->generation, -1);
        return -1;
    }
    while (barrier->generation == generation) {
        wait(&barrier->generation, generation);
    }
    return 0;
}

void *malloc(size_t size) {
    size_t page = 1 << 16, before = __builtin_wasm_memory_grow(0, (size + page - 1) / page);
    return before == SIZE_MAX ? NULL : (void *)(before * page);
}

_Noreturn void exit(int status) {
    wasi_proc_exit(status);
}

int atoi(const char *text) {
    int value = 0;
    for (; *text >= '0' && *text <= '9'; text += 1) {
        value = value * 10 + (*text - '0');
    }
    return value;
}

long write(int file, const void *bytes, size_t count) {
    struct {
        const void *bytes;
        size_t count;
    } vector = {bytes, count};
    uint32_t written;
    return wasi_fd_write(file, &vector, 1, &written) == 0 ? (long)written : -1;
}

int main(int argc, char **argv);

void _start(void) {
    static char *args[16];
    static char text[1024];
    uint32_t count, size;
    if (wasi_args_sizes_get(&count, &size) != 0 || count >= 16 || size > sizeof text || wasi_args_get(args, text) != 0) {
        exit(70);
    }
    exit(main((int)count, args));
}
