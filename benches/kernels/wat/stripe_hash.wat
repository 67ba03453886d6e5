;; Hashes 4 KiB `n` times, each time with the hash before as the seed. The hash keeps eight numbers of 64 bits, adds
;; products of 32 bits of each stripe of 64 bytes, and mixes them after every 16 stripes: as XXH3 does, but not the same.
(module
  (memory 1)
  (func $fill (local $i i32) (local $x i32)
    ;; 4 KiB at 0 and keys of 64 bytes at 0x1000, by xorshift
    (local.set $x (i32.const 0x1b873593))
    (loop $next
      (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 13))))
      (local.set $x (i32.xor (local.get $x) (i32.shr_u (local.get $x) (i32.const 17))))
      (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 5))))
      (i32.store (local.get $i) (local.get $x))
      (br_if $next (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 4)))
        (i32.const 0x1040)))))
  ;; Adds the product of the halves of each number, after the key, and the number beside it.
  (func $add (param $sum v128) (param $data v128) (param $key v128) (result v128)
    (local.set $key (v128.xor (local.get $key) (local.get $data)))
    (i64x2.add
      (i64x2.add (local.get $sum)
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $data) (local.get $data)))
      (i64x2.extmul_low_i32x4_u
        (i8x16.shuffle 0 1 2 3 8 9 10 11 0 1 2 3 8 9 10 11 (local.get $key) (local.get $key))
        (i8x16.shuffle 4 5 6 7 12 13 14 15 4 5 6 7 12 13 14 15 (local.get $key) (local.get $key)))))
  (func $mix (param $sum v128) (param $key v128) (result v128)
    (i64x2.mul
      (v128.xor
        (v128.xor (local.get $sum) (i64x2.shr_u (local.get $sum) (i32.const 47)))
        (local.get $key))
      (v128.const i64x2 0x9e3779b1 0x9e3779b1)))
  (func $join (param $sum v128) (param $hash i64) (result i64)
    (i64.rotl
      (i64.mul
        (i64.xor (local.get $hash) (i64.add
          (i64.mul (i64x2.extract_lane 0 (local.get $sum)) (i64.const 0x9e3779b185ebca87))
          (i64x2.extract_lane 1 (local.get $sum))))
        (i64.const 0xc2b2ae3d27d4eb4f))
      (i64.const 31)))
  (func (export "run") (param $n i32) (result i64)
    (local $at i32) (local $hash i64)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $key_a v128) (local $key_b v128) (local $key_c v128) (local $key_d v128)
    (call $fill)
    (local.set $key_a (v128.load offset=0x1000 (i32.const 0)))
    (local.set $key_b (v128.load offset=0x1010 (i32.const 0)))
    (local.set $key_c (v128.load offset=0x1020 (i32.const 0)))
    (local.set $key_d (v128.load offset=0x1030 (i32.const 0)))
    (block $done
      (loop $round
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (local.set $a (i64x2.splat (local.get $hash)))
        (local.set $b (v128.not (local.get $a)))
        (local.set $c (i64x2.neg (local.get $a)))
        (local.set $d (i64x2.shl (local.get $a) (i32.const 1)))
        (local.set $at (i32.const 0))
        (loop $stripe
          (local.set $a (call $add (local.get $a) (v128.load (local.get $at)) (local.get $key_a)))
          (local.set $b (call $add (local.get $b) (v128.load offset=16 (local.get $at)) (local.get $key_b)))
          (local.set $c (call $add (local.get $c) (v128.load offset=32 (local.get $at)) (local.get $key_c)))
          (local.set $d (call $add (local.get $d) (v128.load offset=48 (local.get $at)) (local.get $key_d)))
          (local.set $at (i32.add (local.get $at) (i32.const 64)))
          (if (i32.eqz (i32.and (local.get $at) (i32.const 0x3ff)))
            (then
              (local.set $a (call $mix (local.get $a) (local.get $key_a)))
              (local.set $b (call $mix (local.get $b) (local.get $key_b)))
              (local.set $c (call $mix (local.get $c) (local.get $key_c)))
              (local.set $d (call $mix (local.get $d) (local.get $key_d)))))
          (br_if $stripe (i32.lt_u (local.get $at) (i32.const 0x1000))))
        (local.set $hash
          (call $join (local.get $d)
            (call $join (local.get $c)
              (call $join (local.get $b)
                (call $join (local.get $a) (local.get $hash))))))
        (br $round)))
    (local.get $hash)))
