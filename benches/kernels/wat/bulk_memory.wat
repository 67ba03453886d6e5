;; `n` rounds of `memory.fill` and `memory.copy`, of lengths from a few bytes to some pages.
(module
  (memory 8)
  (func (export "run") (param $n i32) (result i64)
    (local $i i32) (local $length i32) (local $from i32) (local $sum i64)
    ;; what an earlier call left
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 0x40000))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        ;; 1, 9, 81, .. bytes, and from a place that changes
        (local.set $length (i32.add (i32.const 1)
          (i32.and (i32.mul (local.get $i) (i32.const 7919)) (i32.shl (i32.const 1) (i32.rem_u (local.get $i) (i32.const 16))))))
        (local.set $from (i32.and (i32.mul (local.get $i) (i32.const 40503)) (i32.const 0xffff)))
        (memory.fill (local.get $from) (local.get $i) (local.get $length))
        (memory.copy (i32.const 0x30000) (local.get $from) (local.get $length))
        (memory.copy (i32.add (local.get $from) (i32.const 1)) (local.get $from) (local.get $length))
        (local.set $sum (i64.add
          (i64.mul (local.get $sum) (i64.const 31))
          (i64.load (i32.add (i32.const 0x2fffc) (i32.and (local.get $i) (i32.const 3))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.get $sum)))
