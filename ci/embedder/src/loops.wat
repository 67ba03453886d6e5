;; Long loops: if a final call of a handler is not a jump, each iteration takes native stack.
(module
  (memory 1)
  (table funcref (elem $step))
  (type $step (func (param i32) (result i32)))

  ;; Counts.
  (func (export "count") (param $n i32) (result i32)
    (local $i i32)
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.get $i) (local.get $n))))
    (local.get $i))

  (func $step (type $step)
    (i32.add (local.get 0) (i32.const 1)))

  ;; Calls a function directly.
  (func (export "calls") (param $n i32) (result i32)
    (local $i i32)
    (loop $next
      (local.set $i (call $step (local.get $i)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $i))

  ;; Calls a function through a table.
  (func (export "calls_indirect") (param $n i32) (result i32)
    (local $i i32)
    (loop $next
      (local.set $i (call_indirect (type $step) (local.get $i) (i32.const 0)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $i))

  ;; Calls itself in tail position.
  (func $tail (export "tail_calls") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (return_call $tail (i32.sub (local.get $n) (i32.const 1))))
      (else (local.get $n))))

  ;; Ops that often follow each other: loads, stores, arithmetic, branches, constants, floats.
  (func (export "sequences") (param $n i32) (result i32)
    (local $i i32) (local $sum i32) (local $long i64) (local $f f64)
    (loop $next
      (i32.store offset=16 (i32.and (local.get $i) (i32.const 0x7ffc)) (local.get $i))
      (local.set $sum
        (i32.add (local.get $sum)
          (i32.load offset=16 (i32.and (local.get $i) (i32.const 0x7ffc)))))
      (i32.store8 (i32.and (local.get $i) (i32.const 15)) (local.get $sum))
      (local.set $long (i64.add (local.get $long) (i64.extend_i32_u (local.get $sum))))
      (local.set $long (i64.xor (local.get $long) (i64.shl (local.get $long) (i64.const 7))))
      (local.set $f (f64.add (f64.mul (local.get $f) (f64.const 0.5)) (f64.convert_i32_u (local.get $i))))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 1023)))
        (then (local.set $sum (i32.xor (local.get $sum) (i32.wrap_i64 (local.get $long))))))
      (block $out
        (block $two (block $one (block $zero
          (br_table $zero $one $two (i32.rem_u (local.get $i) (i32.const 3))))
          (local.set $sum (i32.add (local.get $sum) (i32.const 3))) (br $out))
          (local.set $sum (i32.rotl (local.get $sum) (i32.const 1))) (br $out))
        (local.set $sum (select (local.get $sum) (local.get $i) (f64.lt (local.get $f) (f64.const 1e300)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (i32.add (i32.add (local.get $sum) (i32.wrap_i64 (local.get $long)))
      (i32.trunc_sat_f64_u (local.get $f))))

  ;; Ops on vectors: those that call what other processors have instructions for, each in forms with and without the
  ;; accumulator, and one op of each other kind.
  (func (export "vectors") (param $n i32) (result i32)
    (local $i i32) (local $a v128) (local $b v128) (local $c v128)
    (loop $next
      (local.set $a (i32x4.add (local.get $a) (i32x4.splat (local.get $i))))
      (local.set $b (i8x16.swizzle (local.get $a) (local.get $b)))
      (local.set $c (i8x16.swizzle (local.get $b) (i8x16.swizzle (local.get $a) (local.get $c))))
      (local.set $b (i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31 (local.get $a) (local.get $c)))
      (local.set $a (f32x4.ceil (f32x4.floor (f32x4.trunc (f32x4.nearest (f32x4.sqrt (local.get $a)))))))
      (local.set $c (f64x2.ceil (f64x2.floor (f64x2.trunc (f64x2.nearest (f64x2.sqrt (local.get $c)))))))
      (local.set $b (v128.xor (i32x4.trunc_sat_f64x2_u_zero (local.get $c)) (f32x4.ceil (local.get $a))))
      (local.set $a (f64x2.min (f32x4.max (local.get $a) (local.get $b)) (f64x2.nearest (local.get $c))))
      (v128.store offset=32 (i32.and (local.get $i) (i32.const 0x7ff0)) (local.get $a))
      (local.set $c (v128.load8_lane offset=32 3 (i32.and (local.get $i) (i32.const 0x7ff0)) (local.get $b)))
      (local.set $c (i16x8.replace_lane 5 (local.get $c) (i8x16.bitmask (i8x16.popcnt (local.get $a)))))
      (local.set $c (v128.bitselect (local.get $a) (local.get $b) (i64x2.extmul_low_i32x4_s (local.get $c) (local.get $a))))
      (local.set $a (select (local.get $b) (local.get $c) (v128.any_true (local.get $a))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $i)))
