;; Sorts an array of n pseudo-random numbers by insertion, and sums the products of numbers and positions.
(module
  (type $array (array (mut i32)))
  (func $random (param $n i32) (result (ref $array)) (local $array (ref null $array)) (local $i i32) (local $x i32)
    (local.set $array (array.new_default $array (local.get $n)))
    (local.set $x (i32.const 12345))
    (loop $again
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (array.set $array (local.get $array) (local.get $i) (i32.shr_u (local.get $x) (i32.const 8)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (ref.as_non_null (local.get $array)))
  (func $sort (param $array (ref $array)) (local $i i32) (local $j i32) (local $x i32) (local $y i32)
    (local.set $i (i32.const 1))
    (loop $outer
      (if (i32.lt_u (local.get $i) (array.len (local.get $array)))
        (then
          (local.set $x (array.get $array (local.get $array) (local.get $i)))
          (local.set $j (local.get $i))
          (block $found
            (loop $inner
              (br_if $found (i32.eqz (local.get $j)))
              (local.set $y (array.get $array (local.get $array) (i32.sub (local.get $j) (i32.const 1))))
              (br_if $found (i32.le_u (local.get $y) (local.get $x)))
              (array.set $array (local.get $array) (local.get $j) (local.get $y))
              (local.set $j (i32.sub (local.get $j) (i32.const 1)))
              (br $inner)))
          (array.set $array (local.get $array) (local.get $j) (local.get $x))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $outer)))))
  (func (export "run") (param $n i32) (result i64) (local $array (ref null $array)) (local $i i32) (local $sum i64)
    (local.set $array (call $random (local.get $n)))
    (call $sort (ref.as_non_null (local.get $array)))
    (loop $again
      (local.set $sum
        (i64.add (local.get $sum)
          (i64.mul
            (i64.extend_i32_u (array.get $array (local.get $array) (local.get $i)))
            (i64.extend_i32_u (i32.add (local.get $i) (i32.const 1))))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum)))
