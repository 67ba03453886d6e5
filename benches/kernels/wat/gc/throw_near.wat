;; Throws n exceptions, each of which the caller of the function that throws it catches.
(module
  (tag $result (param i64))
  (func $step (param $x i64) (param $i i32)
    (throw $result (i64.add (i64.mul (local.get $x) (i64.const 3)) (i64.extend_i32_u (local.get $i)))))
  (func (export "run") (param $n i32) (result i64) (local $x i64)
    (loop $again
      (block $caught (result i64)
        (try_table (catch $result $caught) (call $step (local.get $x) (local.get $n)))
        (unreachable))
      (local.set $x)
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))
