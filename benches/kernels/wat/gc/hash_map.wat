;; Counts n pseudo-random keys, of 4096 different ones, in a hash map of 1024 lists; sums the squares of the counts.
(module
  (type $entry (struct (field $key i32) (field $count (mut i32)) (field $next (ref null $entry))))
  (type $map (array (mut (ref null $entry))))
  (func $add (param $map (ref $map)) (param $key i32) (local $entry (ref null $entry)) (local $at i32)
    (local.set $at (i32.shr_u (i32.mul (local.get $key) (i32.const -1640531527)) (i32.const 22)))
    (local.set $entry (array.get $map (local.get $map) (local.get $at)))
    (block $missing
      (loop $again
        (br_if $missing (ref.is_null (local.get $entry)))
        (if (i32.eq (struct.get $entry $key (local.get $entry)) (local.get $key))
          (then
            (struct.set $entry $count (local.get $entry)
              (i32.add (struct.get $entry $count (local.get $entry)) (i32.const 1)))
            (return)))
        (local.set $entry (struct.get $entry $next (local.get $entry)))
        (br $again)))
    (array.set $map (local.get $map) (local.get $at)
      (struct.new $entry (local.get $key) (i32.const 1) (array.get $map (local.get $map) (local.get $at)))))
  (func (export "run") (param $n i32) (result i64)
    (local $map (ref null $map)) (local $entry (ref null $entry)) (local $i i32) (local $x i32) (local $sum i64)
    (local.set $map (array.new_default $map (i32.const 1024)))
    (local.set $x (i32.const 12345))
    (loop $again
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (call $add (ref.as_non_null (local.get $map)) (i32.shr_u (local.get $x) (i32.const 20)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (loop $lists
      (local.set $entry (array.get $map (local.get $map) (local.get $i)))
      (block $end
        (loop $entries
          (br_if $end (ref.is_null (local.get $entry)))
          (local.set $x (struct.get $entry $count (local.get $entry)))
          (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (i32.mul (local.get $x) (local.get $x)))))
          (local.set $entry (struct.get $entry $next (local.get $entry)))
          (br $entries)))
      (br_if $lists (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1024))))
    (local.get $sum)))
