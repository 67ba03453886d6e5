;; Throws n exceptions through 49 frames of two functions that call each other. Both have a handler for another tag.
(module
  (tag $result (param i64))
  (tag $other)
  (func $even (param $depth i32) (param $x i64)
    (if (i32.eqz (local.get $depth)) (then (throw $result (local.get $x))))
    (call $odd (i32.sub (local.get $depth) (i32.const 1)) (i64.add (local.get $x) (i64.const 7))))
  (func $odd (param $depth i32) (param $x i64)
    (block $caught
      (try_table (catch $other $caught)
        (call $even (i32.sub (local.get $depth) (i32.const 1)) (i64.mul (local.get $x) (i64.const 3))))))
  (func (export "run") (param $n i32) (result i64) (local $x i64)
    (loop $again
      (block $caught (result i64)
        (try_table (catch $result $caught) (call $even (i32.const 48) (i64.extend_i32_u (local.get $n))))
        (unreachable))
      (local.set $x (i64.add (local.get $x)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))
