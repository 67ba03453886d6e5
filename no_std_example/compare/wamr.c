/* Runs the module with WAMR, and is the platform that WAMR runs on: no threads, the allocator of newlib. */

#include "board.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "platform_api_vmcore.h"
#include "wasm_export.h"

int bh_platform_init(void) { return 0; }
void bh_platform_destroy(void) {}
void *os_malloc(unsigned size) { return malloc(size); }
void *os_realloc(void *block, unsigned size) { return realloc(block, size); }
void os_free(void *block) { free(block); }
int os_printf(const char *format, ...) { (void)format; return 0; }
int os_vprintf(const char *format, va_list arguments) { (void)format; (void)arguments; return 0; }
uint64 os_time_get_boot_us(void) { return 0; }
uint64 os_time_thread_cputime_us(void) { return 0; }
korp_tid os_self_thread(void) { return 0; }
uint8 *os_thread_get_stack_boundary(void) { return NULL; }
void os_thread_jit_write_protect_np(bool enabled) { (void)enabled; }
int os_mutex_init(korp_mutex *mutex) { (void)mutex; return 0; }
int os_mutex_destroy(korp_mutex *mutex) { (void)mutex; return 0; }
int os_mutex_lock(korp_mutex *mutex) { (void)mutex; return 0; }
int os_mutex_unlock(korp_mutex *mutex) { (void)mutex; return 0; }
int os_cond_init(korp_cond *condition) { (void)condition; return 0; }
int os_cond_destroy(korp_cond *condition) { (void)condition; return 0; }
int os_cond_wait(korp_cond *condition, korp_mutex *mutex) { (void)condition; (void)mutex; return 0; }
int os_cond_signal(korp_cond *condition) { (void)condition; return 0; }
int os_mprotect(void *address, size_t size, int protection) { (void)address; (void)size; (void)protection; return 0; }
void os_dcache_flush(void) {}
void os_icache_flush(void *start, size_t length) { (void)start; (void)length; }
int os_dumps_proc_mem_info(char *out, unsigned size) { (void)out; (void)size; return -1; }
int os_getpagesize(void) { return 4096; }
void wasm_trap_delete(void *trap) { (void)trap; }

void *os_mmap(void *hint, size_t size, int protection, int flags, os_file_handle file)
{
    (void)hint, (void)protection, (void)flags, (void)file;
    return calloc(1, size);
}

void os_munmap(void *block, size_t size)
{
    (void)size;
    free(block);
}

int32_t fib(int32_t n)
{
    char error[64];
    uint32_t cells[1] = { (uint32_t)n };
    RuntimeInitArgs settings = { .mem_alloc_type = Alloc_With_System_Allocator };
    int32_t result = -1;
    if (!wasm_runtime_full_init(&settings))
        return -1;
    wasm_module_t module = wasm_runtime_load((uint8_t *)fib_wasm, (uint32_t)(fib_wasm_end - fib_wasm), error, sizeof error);
    if (module == NULL)
        return -2;
    wasm_module_inst_t instance = wasm_runtime_instantiate(module, 2048, 0, error, sizeof error);
    if (instance == NULL)
        return -3;
    wasm_exec_env_t environment = wasm_runtime_create_exec_env(instance, 2048);
    wasm_function_inst_t function = wasm_runtime_lookup_function(instance, "fib");
    if (environment != NULL && function != NULL && wasm_runtime_call_wasm(environment, function, 1, cells))
        result = (int32_t)cells[0];
    wasm_runtime_destroy_exec_env(environment);
    wasm_runtime_deinstantiate(instance);
    wasm_runtime_unload(module);
    wasm_runtime_destroy();
    return result;
}
