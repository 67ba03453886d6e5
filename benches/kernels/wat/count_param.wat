;; Counts down from `n` in the parameter of a loop.
(module
  (func (export "run") (param $n i32) (result i64)
    (local $sum i64)
    (local.get $n)
    (loop $next (param i32) (result i32)
      (i32.sub (i32.const 1))
      (local.tee $n)
      (local.set $sum (i64.add (local.get $sum) (i64.const 3)))
      (br_if $next (local.get $n)))
    (drop)
    (local.get $sum)))
