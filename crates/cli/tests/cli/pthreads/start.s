# The entry of a thread: `wasi_thread_start(id, thread)`. It has no stack yet; the first field of `thread` is its end.
	.globaltype	__stack_pointer, i32
	.functype	run_thread (i32, i32) -> ()

	.section	.text.wasi_thread_start,"",@
	.globl	wasi_thread_start
	.type	wasi_thread_start,@function
	.export_name	wasi_thread_start, wasi_thread_start
wasi_thread_start:
	.functype	wasi_thread_start (i32, i32) -> ()
	local.get	1
	i32.load	0
	global.set	__stack_pointer
	local.get	0
	local.get	1
	call	run_thread
	end_function
