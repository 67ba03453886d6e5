/* Runs the module with wasm3. */

#include "board.h"

#include "wasm3.h"

int32_t fib(int32_t n)
{
    IM3Environment environment = m3_NewEnvironment();
    IM3Runtime runtime = m3_NewRuntime(environment, 1024, NULL);
    IM3Module module;
    IM3Function function;
    int32_t result = -1;
    if (m3_ParseModule(environment, &module, fib_wasm, (uint32_t)(fib_wasm_end - fib_wasm)) == m3Err_none
        && m3_LoadModule(runtime, module) == m3Err_none && m3_FindFunction(&function, runtime, "fib") == m3Err_none
        && m3_CallV(function, n) == m3Err_none)
        m3_GetResultsV(function, &result);
    m3_FreeRuntime(runtime);
    m3_FreeEnvironment(environment);
    return result;
}
