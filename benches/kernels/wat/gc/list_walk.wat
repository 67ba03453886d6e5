;; Sums the numbers in a list of 1000 nodes n times.
(module
  (type $node (struct (field $next (ref null $node)) (field $value i32)))
  (func $list (result (ref null $node)) (local $list (ref null $node)) (local $i i32)
    (loop $again
      (local.set $list (struct.new $node (local.get $list) (local.get $i)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
    (local.get $list))
  (func $sum (param $node (ref null $node)) (result i32) (local $sum i32)
    (block $end
      (loop $again
        (br_if $end (ref.is_null (local.get $node)))
        (local.set $sum (i32.add (local.get $sum) (struct.get $node $value (local.get $node))))
        (local.set $node (struct.get $node $next (local.get $node)))
        (br $again)))
    (local.get $sum))
  (func (export "run") (param $n i32) (result i64) (local $list (ref null $node)) (local $sum i64)
    (local.set $list (call $list))
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (call $sum (local.get $list)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
