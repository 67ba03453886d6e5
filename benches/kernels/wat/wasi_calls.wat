;; Calls functions of WASI in a loop; each export returns a sum that tells whether the calls did what they should.
(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; The array of buffers: one, of 16 bytes, at 16.
  (data (i32.const 0) "\10\00\00\00\10\00\00\00")
  (data (i32.const 16) "sixteen bytes..\n")
  ;; Reads the monotonic clock `n` times: how often it did not go back.
  (func (export "clock_time_get") (param $n i32) (result i64)
    (local $sum i64) (local $last i64)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (if (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 64)) (then (unreachable)))
        (local.set $sum
          (i64.add (local.get $sum) (i64.extend_i32_u (i64.ge_u (i64.load (i32.const 64)) (local.get $last)))))
        (local.set $last (i64.load (i32.const 64)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $sum))
  ;; Writes 16 bytes to standard output `n` times: how many buffers of 16 bytes were written.
  (func (export "fd_write") (param $n i32) (result i64)
    (local $sum i64)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 72)) (then (unreachable)))
        (local.set $sum
          (i64.add (local.get $sum) (i64.extend_i32_u (i32.eq (i32.load (i32.const 72)) (i32.const 16)))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $sum)))
