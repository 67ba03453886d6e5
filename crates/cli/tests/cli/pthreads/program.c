// A program with POSIX threads: a mutex, a condition variable, a barrier, atomic counters, variables of a thread, and a
// sum over an array in parallel. The first argument is the number of threads, 4 without one: the work and the output do not
// depend on it. The second one is the size of the array in MiB, 64 without one.
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_THREADS = 16, COUNTS = 48000, ITEMS = 480, PLACES = 4, PHASES = 24, MOST_MIB = 64, PER_MIB = (1 << 20) / 4 };

static int threads = 4, mib = MOST_MIB;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t counted;

static atomic_uint atomic_counted;
static atomic_ullong atomic_summed;

// A queue of a few places. Items are numbers from 1 on; 0 tells a thread to go on.
static pthread_mutex_t queue_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_has_item = PTHREAD_COND_INITIALIZER, queue_has_place = PTHREAD_COND_INITIALIZER;
static unsigned queue[PLACES], first_item, items;
static atomic_ullong consumed;

static pthread_barrier_t barrier;
static unsigned phase_of[MOST_THREADS];
static atomic_uint late;

static _Thread_local uint64_t own = 1;
static atomic_ullong owned;

static uint32_t *numbers;
static uint64_t sums[MOST_THREADS];

static void count(int part) {
    for (int i = part; i < COUNTS; i += threads) {
        pthread_mutex_lock(&mutex);
        counted += 1;
        pthread_mutex_unlock(&mutex);
        atomic_fetch_add_explicit(&atomic_counted, 1, memory_order_relaxed);
        atomic_fetch_add(&atomic_summed, i);
        own += i;
    }
    // Each thread has a variable of its own, which was 1 at first.
    atomic_fetch_add(&owned, own - 1);
}

static void put(unsigned item) {
    pthread_mutex_lock(&queue_mutex);
    while (items == PLACES) {
        pthread_cond_wait(&queue_has_place, &queue_mutex);
    }
    queue[(first_item + items) % PLACES] = item;
    items += 1;
    pthread_cond_signal(&queue_has_item);
    pthread_mutex_unlock(&queue_mutex);
}

static unsigned take(void) {
    pthread_mutex_lock(&queue_mutex);
    while (items == 0) {
        pthread_cond_wait(&queue_has_item, &queue_mutex);
    }
    unsigned item = queue[first_item];
    first_item = (first_item + 1) % PLACES;
    items -= 1;
    pthread_cond_signal(&queue_has_place);
    pthread_mutex_unlock(&queue_mutex);
    return item;
}

static void meet(int part) {
    for (unsigned phase = 1; phase <= PHASES; phase += 1) {
        phase_of[part] = phase;
        pthread_barrier_wait(&barrier);
        for (int other = 0; other < threads; other += 1) {
            if (phase_of[other] != phase) {
                atomic_fetch_add(&late, 1);
            }
        }
        pthread_barrier_wait(&barrier);
    }
}

static void sum(int part) {
    uint32_t count = mib * PER_MIB;
    uint32_t from = (uint64_t)count * part / threads, to = (uint64_t)count * (part + 1) / threads;
    for (uint32_t i = from; i < to; i += 1) {
        uint32_t number = i * 2654435761u;
        number ^= number >> 15;
        numbers[i] = number ^ (number << 7);
    }
    pthread_barrier_wait(&barrier);
    // The part that another thread has written.
    int other = (part + 1) % threads;
    from = (uint64_t)count * other / threads, to = (uint64_t)count * (other + 1) / threads;
    uint64_t sum = 0;
    for (uint32_t i = from; i < to; i += 1) {
        sum += numbers[i];
    }
    sums[part] = sum;
}

static void *work(void *argument) {
    int part = (int)(intptr_t)argument;
    for (unsigned item; (item = take()) != 0;) {
        atomic_fetch_add(&consumed, item);
    }
    count(part);
    meet(part);
    sum(part);
    return (void *)(intptr_t)(part + 1);
}

static void print(const char *name, uint64_t value) {
    char line[64], digits[20];
    int length = 0, count = 0;
    while (name[length] != 0) {
        line[length] = name[length];
        length += 1;
    }
    line[length++] = ' ';
    do {
        digits[count++] = '0' + value % 10;
        value /= 10;
    } while (value != 0);
    while (count > 0) {
        line[length++] = digits[--count];
    }
    line[length++] = '\n';
    if (write(1, line, length) != length) {
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc > 1) {
        threads = atoi(argv[1]);
    }
    if (argc > 2) {
        mib = atoi(argv[2]);
    }
    if (threads < 1 || threads > MOST_THREADS || mib < 0 || mib > MOST_MIB ||
        pthread_barrier_init(&barrier, NULL, threads) != 0) {
        return 2;
    }
    numbers = malloc((size_t)mib * PER_MIB * sizeof *numbers + 1);
    if (numbers == NULL) {
        return 5;
    }
    pthread_t handles[MOST_THREADS];
    for (int i = 0; i < threads; i += 1) {
        if (pthread_create(&handles[i], NULL, work, (void *)(intptr_t)i) != 0) {
            return 3;
        }
    }
    for (unsigned item = 1; item <= ITEMS; item += 1) {
        put(item);
    }
    for (int i = 0; i < threads; i += 1) {
        put(0);
    }
    uint64_t total = 0;
    for (int i = 0; i < threads; i += 1) {
        void *result;
        if (pthread_join(handles[i], &result) != 0 || (intptr_t)result != i + 1) {
            return 4;
        }
        total += sums[i];
    }
    print("counted", counted);
    print("atomic counted", atomic_counted);
    print("atomic summed", atomic_summed);
    print("consumed", consumed);
    print("late", late);
    print("owned", owned);
    print("sum", total);
    return 0;
}
