;; Random numbers: `n` of a generator that shifts (xorshift), each added to one that multiplies and adds, and mixed by
;; squaring. What each operator takes is what the one before gave.
(module
  (func (export "run") (param $n i32) (result i64)
    (local $x i64) (local $y i64)
    (local.set $x (i64.const 0x2545f4914f6cdd1d))
    (local.set $y (i64.const 0x139408dcbbf7a44))
    (loop $next
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
      (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
      (local.set $y
        (i64.add (i64.mul (local.get $y) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
      (local.set $y (i64.add (local.get $y) (local.get $x)))
      (local.set $y (i64.add (i64.mul (local.get $y) (local.get $y)) (local.get $x)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $y)))
