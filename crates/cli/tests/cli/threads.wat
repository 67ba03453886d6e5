;; A program with four threads beside the first: a mutex, a condition variable, a barrier, atomics, a parallel sum.
(module
  (import "env" "memory" (memory 2 4 shared))
  (import "env" "print_i32" (func $print (param i32)))
  (import "env" "print_i64" (func $print64 (param i64)))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (export "memory" (memory 0))
  (data (i32.const 256) "\08\01\00\00\0f\00\00\00from a thread!\n")

  ;; The places in memory.
  (global $mutex i32 (i32.const 0))
  (global $counter i32 (i32.const 4))
  (global $condition i32 (i32.const 8))
  (global $turn i32 (i32.const 12))
  (global $arrived i32 (i32.const 16))
  (global $generation i32 (i32.const 20))
  (global $done i32 (i32.const 24))
  (global $sum i32 (i32.const 32))
  (global $atomic i32 (i32.const 40))
  (global $phase i32 (i32.const 48))

  ;; 0: free, 1: locked, 2: locked, and threads may wait
  (func $lock (local $before i32)
    (local.set $before (i32.atomic.rmw.cmpxchg (global.get $mutex) (i32.const 0) (i32.const 1)))
    (if (i32.eqz (local.get $before)) (then (return)))
    (loop $again
      (if (i32.eqz (i32.atomic.rmw.xchg (global.get $mutex) (i32.const 2))) (then (return)))
      (drop (memory.atomic.wait32 (global.get $mutex) (i32.const 2) (i64.const -1)))
      (br $again)))

  (func $unlock
    (if (i32.ne (i32.atomic.rmw.xchg (global.get $mutex) (i32.const 0)) (i32.const 1))
      (then (drop (memory.atomic.notify (global.get $mutex) (i32.const 1))))))

  (func $wait (local $before i32)
    (local.set $before (i32.atomic.load (global.get $condition)))
    (call $unlock)
    (drop (memory.atomic.wait32 (global.get $condition) (local.get $before) (i64.const -1)))
    (call $lock))

  (func $broadcast
    (drop (i32.atomic.rmw.add (global.get $condition) (i32.const 1)))
    (drop (memory.atomic.notify (global.get $condition) (i32.const -1))))

  (func $barrier (local $before i32)
    (local.set $before (i32.atomic.load (global.get $generation)))
    (if (i32.eq (i32.atomic.rmw.add (global.get $arrived) (i32.const 1)) (i32.const 3))
      (then
        (i32.atomic.store (global.get $arrived) (i32.const 0))
        (drop (i32.atomic.rmw.add (global.get $generation) (i32.const 1)))
        (drop (memory.atomic.notify (global.get $generation) (i32.const -1))))
      (else
        (loop $again
          (drop (memory.atomic.wait32 (global.get $generation) (local.get $before) (i64.const -1)))
          (br_if $again (i32.eq (i32.atomic.load (global.get $generation)) (local.get $before)))))))

  (func $count (local $i i32)
    (loop $next
      (call $lock)
      (i32.store (global.get $counter) (i32.add (i32.load (global.get $counter)) (i32.const 1)))
      (call $unlock)
      (drop (i32.atomic.rmw.add (global.get $atomic) (i32.const 3)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 1000)))))

  (func $take_turns (param $index i32) (local $i i32)
    (loop $next
      (call $lock)
      (block $own
        (loop $again
          (br_if $own (i32.eq (i32.and (i32.load (global.get $turn)) (i32.const 3)) (local.get $index)))
          (call $wait)
          (br $again)))
      (i32.store (global.get $turn) (i32.add (i32.load (global.get $turn)) (i32.const 1)))
      (call $broadcast)
      (call $unlock)
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 25)))))

  (func $phases (local $i i32)
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (drop (i32.atomic.rmw.add (global.get $phase) (i32.const 1)))
      (call $barrier)
      (if (i32.ne (i32.atomic.load (global.get $phase)) (i32.shl (local.get $i) (i32.const 2)))
        (then (unreachable)))
      (call $barrier)
      (br_if $next (i32.lt_u (local.get $i) (i32.const 20)))))

  ;; Sums the numbers of one quarter.
  (func $add (param $index i32) (local $i i32) (local $end i32) (local $sum i64)
    (local.set $i (i32.mul (local.get $index) (i32.const 10000)))
    (local.set $end (i32.add (local.get $i) (i32.const 10000)))
    (loop $next
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $end))))
    (drop (i64.atomic.rmw.add (global.get $sum) (local.get $sum))))

  (func $finish
    (drop (i32.atomic.rmw.add (global.get $done) (i32.const 1)))
    (drop (memory.atomic.notify (global.get $done) (i32.const -1))))

  (func (export "wasi_thread_start") (param $id i32) (param $index i32)
    (block $spin (block $write (block $fail (block $exit (block $work
      (br_table $work $work $work $work $exit $fail $write $spin (local.get $index)))
      ;; work
      (call $count)
      (call $take_turns (local.get $index))
      (call $phases)
      (call $add (local.get $index))
      (call $finish)
      (return))
      ;; exit
      (call $exit (i32.const 3)))
      ;; fail
      (unreachable))
      ;; write
      (drop (call $write (i32.const 1) (i32.const 256) (i32.const 1) (i32.const 128)))
      (call $finish)
      (return))
    ;; spin
    (loop $forever (br $forever)))

  (func $join (param $threads i32) (local $seen i32)
    (block $all
      (loop $again
        (local.set $seen (i32.atomic.load (global.get $done)))
        (br_if $all (i32.eq (local.get $seen) (local.get $threads)))
        (drop (memory.atomic.wait32 (global.get $done) (local.get $seen) (i64.const -1)))
        (br $again))))

  (func $start (param $index i32)
    (if (i32.le_s (call $spawn (local.get $index)) (i32.const 0)) (then (unreachable))))

  (func (export "_start") (local $index i32)
    (loop $next
      (call $start (local.get $index))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $index) (i32.const 4))))
    (call $join (i32.const 4))
    (call $print (i32.load (global.get $counter)))
    (call $print (i32.load (global.get $atomic)))
    (call $print (i32.load (global.get $turn)))
    (call $print (i32.load (global.get $phase)))
    (call $print64 (i64.load (global.get $sum))))

  ;; Start a thread that exits, fails, writes, or never ends, and wait for it.
  (func (export "exit") (call $start (i32.const 4)) (call $join (i32.const 1)))
  (func (export "fail") (call $start (i32.const 5)) (call $join (i32.const 1)))
  (func (export "write") (call $start (i32.const 6)) (call $join (i32.const 1)))
  (func (export "spin") (call $start (i32.const 7)) (call $join (i32.const 1)))
  ;; The same, while this thread computes.
  (func (export "fail_beside") (call $start (i32.const 5)) (loop $forever (br $forever)))
  ;; Starts threads that never end until there are no more; returns how many.
  (func (export "count") (result i32) (local $threads i32)
    (loop $next
      (if (i32.gt_s (call $spawn (i32.const 7)) (i32.const 0))
        (then
          (local.set $threads (i32.add (local.get $threads) (i32.const 1)))
          (br $next))))
    (local.get $threads)))
