;; A comparison and the branch on it are one op.
(module
  (func (export "countdown") (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "compare") (param $n i64) (result i64) (local $i i64)
    (block $done
      (loop $next
        (br_if $done (i64.ge_u (local.get $i) (local.get $n)))
        (local.set $i (i64.add (local.get $i) (i64.const 3)))
        (br $next)))
    (local.get $i))
  (func (export "if_else") (param $a i32) (param $b i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $a) (local.get $b))
      (then (local.get $a))
      (else (local.get $b))))
  (func (export "not") (param $a i32)
    (block (br_if 0 (i32.eqz (i32.and (local.get $a) (i32.const 8)))) (unreachable)))
  (func (export "with_value") (param $a i32) (result i32)
    (block (result i32)
      (drop (br_if 0 (i32.const 11) (local.get $a)))
      (i32.const 22)))
  (func (export "early") (param $a i32) (result i32)
    (if (local.get $a) (then (return (i32.const 1))))
    (i32.const 2)))
