/* Starts a program on the emulated board, measures `fib`, and prints flash, heap, stack and time like the firmware in Rust. */

#include "board.h"

#include <malloc.h>
#include <stdbool.h>
#include <string.h>

extern uint32_t stack_low[], stack_high[], data_start[], data_end[], data_in_flash[], bss_start[], bss_end[];
extern uint8_t heap_low[], heap_high[];

void reset(void);

static void hang(void)
{
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))stack_high, reset, hang, hang, hang, hang, hang, 0, 0, 0, 0, hang, hang, 0, hang, hang,
};

static int semihost(int operation, const void *argument)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void print(const char *text, uint32_t number)
{
    char line[64];
    size_t length = strlen(text), at = sizeof line - 1;
    line[at] = 0;
    line[--at] = '\n';
    do {
        line[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    at -= length;
    memcpy(line + at, text, length);
    semihost(4, line + at);
}

/* ---- the heap: newlib's allocator, counted by the blocks that are in use, with a header of 8 bytes each */

static size_t used, peak;

void *__real_malloc(size_t size);
void __real_free(void *block);
void *__real_realloc(void *block, size_t size);

static void *count(void *block)
{
    if (block != NULL) {
        used += malloc_usable_size(block) + 8;
        if (used > peak)
            peak = used;
    }
    return block;
}

void *__wrap_malloc(size_t size)
{
    return count(__real_malloc(size));
}

void *__wrap_calloc(size_t number, size_t size)
{
    void *block = __wrap_malloc(number * size);
    if (block != NULL)
        memset(block, 0, number * size);
    return block;
}

void __wrap_free(void *block)
{
    if (block != NULL)
        used -= malloc_usable_size(block) + 8;
    __real_free(block);
}

void *__wrap_realloc(void *block, size_t size)
{
    size_t before = block != NULL ? malloc_usable_size(block) + 8 : 0;
    void *moved = __real_realloc(block, size);
    if (moved != NULL || size == 0)
        used -= before;
    return count(moved);
}

void *_sbrk(ptrdiff_t more)
{
    static uint8_t *end = heap_low;
    uint8_t *block = end;
    if (more > heap_high - end)
        return (void *)-1;
    end += more;
    return block;
}

/* ---- the timer: counts down from 2^24 - 1 */

#define TIMER ((volatile uint32_t *)0xe000e010)

void reset(void)
{
    for (uint32_t *to = data_start, *from = data_in_flash; to < data_end;)
        *to++ = *from++;
    for (uint32_t *to = bss_start; to < bss_end;)
        *to++ = 0;
    uint32_t *here = __builtin_frame_address(0);
    for (uint32_t *to = stack_low; to < here - 16; to++)
        *to = 0xcccccccc;

    TIMER[1] = 0xffffff;
    TIMER[2] = 0;
    TIMER[0] = 5;
    uint32_t begin = TIMER[2];
    int32_t result = fib(20);
    uint32_t ticks = (begin - TIMER[2]) & 0xffffff;

    uint32_t *deepest = stack_low;
    while (*deepest == 0xcccccccc)
        deepest++;
    print("result: ", (uint32_t)result);
    print("fib: ticks ", ticks);
    print("flash: ", (uint32_t)((uintptr_t)data_in_flash + ((uintptr_t)data_end - (uintptr_t)data_start)));
    print("heap: peak ", peak);
    print("stack: peak ", (uint32_t)((uintptr_t)stack_high - (uintptr_t)deepest));
    bool passed = result == 6765;
    semihost(0x18, (void *)(passed ? 0x20026 : 0x20023));
    hang();
}

/* ---- what newlib wants of a system */

void _exit(int status)
{
    (void)status;
    semihost(0x18, (void *)0x20023);
    hang();
}
