;; A generator of numbers whose whole state is in four globals, two of 32 and two of 64 bits.
(module
  (global $a (mut i32) (i32.const 0))
  (global $b (mut i32) (i32.const 0))
  (global $c (mut i64) (i64.const 0))
  (global $d (mut i64) (i64.const 0))
  (func (export "run") (param $n i32) (result i64)
    (global.set $a (i32.const 1))
    (global.set $b (i32.const 0x9e3779b9))
    (global.set $c (i64.const 1))
    (global.set $d (i64.const 0))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (global.set $a (i32.add (i32.mul (global.get $a) (i32.const 1664525)) (global.get $b)))
        (global.set $b (i32.xor (global.get $b) (i32.rotl (global.get $a) (i32.const 7))))
        (global.set $c (i64.add (global.get $c) (i64.extend_i32_u (global.get $b))))
        (global.set $d (i64.xor (i64.rotl (global.get $d) (i64.const 1)) (global.get $c)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (global.get $d)))
