;; `n` dot products of two vectors of 4,096 f32, the second one shifted by one more element each time.
(module
  (memory 1)
  (func $fill (local $i i32)
    ;; 16 KiB at 0 and 17 KiB at 0x4000
    (loop $next
      (f32.store (local.get $i)
        (f32.mul
          (f32.convert_i32_s (i32.sub (i32.rem_u (i32.mul (local.get $i) (i32.const 7919)) (i32.const 2003)) (i32.const 1001)))
          (f32.const 0.37)))
      (br_if $next (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 4)))
        (i32.const 0x8400)))))
  (func (export "run") (param $n i32) (result i64)
    (local $a i32) (local $b i32) (local $sum v128) (local $total f32) (local $checksum i64)
    (call $fill)
    (loop $round
      (if (i32.eqz (local.get $n)) (then (return (local.get $checksum))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (local.set $a (i32.const 0))
      (local.set $b (i32.add (i32.const 0x4000) (i32.and (i32.shl (local.get $n) (i32.const 2)) (i32.const 0x3fc))))
      (local.set $sum (v128.const f32x4 0 0 0 0))
      (loop $next
        (local.set $sum (f32x4.add (local.get $sum)
          (f32x4.mul (v128.load (local.get $a)) (v128.load (local.get $b)))))
        (local.set $b (i32.add (local.get $b) (i32.const 16)))
        (br_if $next (i32.lt_u
          (local.tee $a (i32.add (local.get $a) (i32.const 16)))
          (i32.const 0x4000))))
      (local.set $total (f32.add
        (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum)))
        (f32.add (f32x4.extract_lane 2 (local.get $sum)) (f32x4.extract_lane 3 (local.get $sum)))))
      (local.set $checksum (i64.add
        (i64.mul (local.get $checksum) (i64.const 31))
        (i64.extend_i32_u (i32.reinterpret_f32 (local.get $total)))))
      (br $round))
    (unreachable)))
