module wasmote

go 1.19
