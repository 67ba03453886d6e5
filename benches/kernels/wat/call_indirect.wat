;; `n` calls through a table, of four functions in turn.
(module
  (type $step (func (param i64) (result i64)))
  (table 4 funcref)
  (elem (i32.const 0) $add $xor $mul $rotl)
  (func $add (type $step) (i64.add (local.get 0) (i64.const 7)))
  (func $xor (type $step) (i64.xor (local.get 0) (i64.const 0x1234567)))
  (func $mul (type $step) (i64.mul (local.get 0) (i64.const 31)))
  (func $rotl (type $step) (i64.rotl (local.get 0) (i64.const 5)))
  (func (export "run") (param $n i32) (result i64)
    (local $x i64)
    (loop $next
      (local.set $x (call_indirect (type $step) (local.get $x) (i32.and (local.get $n) (i32.const 3))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))
