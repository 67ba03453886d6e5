;; Only locals that are read before they are written are cleared.
(module
  (func (export "read_first") (result i64) (local $a i32) (local $b i64) (local $c f32)
    (local.set $a (i32.const 1))
    (local.get $b))
  (func (export "in_a_loop") (param $n i32) (result i32) (local $last i32)
    (loop $next
      (local.set $last (local.get $n))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $last)))
