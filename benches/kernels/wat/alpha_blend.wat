;; Blends 4,096 pixels over as many others, `n` times, the first ones from one pixel further each time. A pixel is red,
;; green, blue, alpha; each vector has four. out = (over * alpha + under * (255 - alpha)) / 255, rounded.
(module
  (memory 1)
  (func $fill (local $i i32) (local $x i32)
    ;; 16 KiB at 0 and 17 KiB at 0x4000, by xorshift
    (local.set $x (i32.const 0x2545f491))
    (loop $next
      (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 13))))
      (local.set $x (i32.xor (local.get $x) (i32.shr_u (local.get $x) (i32.const 17))))
      (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 5))))
      (i32.store (local.get $i) (local.get $x))
      (br_if $next (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 4)))
        (i32.const 0x8400)))))
  (func (export "run") (param $n i32) (result i64)
    (local $under i32) (local $over i32) (local $pixels v128) (local $alpha v128) (local $rest v128)
    (local $low v128) (local $high v128) (local $checksum i64)
    (call $fill)
    (block $done
      (loop $round
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (local.set $under (i32.const 0))
        (local.set $over (i32.add (i32.const 0x4000) (i32.and (i32.shl (local.get $n) (i32.const 2)) (i32.const 0x3fc))))
        (loop $next
          (local.set $pixels (v128.load (local.get $over)))
          (local.set $alpha (i8x16.swizzle (local.get $pixels)
            (v128.const i8x16 3 3 3 3 7 7 7 7 11 11 11 11 15 15 15 15)))
          (local.set $rest (v128.not (local.get $alpha)))
          (local.set $low (i16x8.add
            (i16x8.add
              (i16x8.extmul_low_i8x16_u (local.get $pixels) (local.get $alpha))
              (i16x8.extmul_low_i8x16_u (v128.load (local.get $under)) (local.get $rest)))
            (v128.const i16x8 128 128 128 128 128 128 128 128)))
          (local.set $high (i16x8.add
            (i16x8.add
              (i16x8.extmul_high_i8x16_u (local.get $pixels) (local.get $alpha))
              (i16x8.extmul_high_i8x16_u (v128.load (local.get $under)) (local.get $rest)))
            (v128.const i16x8 128 128 128 128 128 128 128 128)))
          ;; x / 255 = (x + x / 256) / 256
          (v128.store (local.get $under) (i8x16.narrow_i16x8_u
            (i16x8.shr_u (i16x8.add (local.get $low) (i16x8.shr_u (local.get $low) (i32.const 8))) (i32.const 8))
            (i16x8.shr_u (i16x8.add (local.get $high) (i16x8.shr_u (local.get $high) (i32.const 8))) (i32.const 8))))
          (local.set $over (i32.add (local.get $over) (i32.const 16)))
          (br_if $next (i32.lt_u
            (local.tee $under (i32.add (local.get $under) (i32.const 16)))
            (i32.const 0x4000))))
        ;; later rounds hide what this one did
        (local.set $checksum (i64.add
          (i64.mul (local.get $checksum) (i64.const 31))
          (i64.load (i32.and (i32.shl (local.get $n) (i32.const 3)) (i32.const 0x3ff8)))))
        (br $round)))
    (local.set $under (i32.const 0))
    (loop $next
      (local.set $checksum (i64.add
        (i64.mul (local.get $checksum) (i64.const 31))
        (i64.load (local.get $under))))
      (br_if $next (i32.lt_u
        (local.tee $under (i32.add (local.get $under) (i32.const 8)))
        (i32.const 0x4000))))
    (local.get $checksum)))
