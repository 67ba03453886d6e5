;; `n` tail calls of a function that counts down and accumulates, every other one through a second function.
(module
  (func $even (param $n i32) (param $sum i64) (result i64)
    (if (i32.eqz (local.get $n)) (then (return (local.get $sum))))
    (return_call $odd
      (i32.sub (local.get $n) (i32.const 1))
      (i64.add (i64.mul (local.get $sum) (i64.const 3)) (i64.extend_i32_u (local.get $n)))))
  (func $odd (param $n i32) (param $sum i64) (result i64)
    (return_call $even
      (i32.sub (local.get $n) (i32.const 1))
      (i64.xor (local.get $sum) (i64.extend_i32_u (i32.mul (local.get $n) (i32.const 31))))))
  (func (export "run") (param $n i32) (result i64)
    (call $even (i32.and (local.get $n) (i32.const -2)) (i64.const 1))))
