;; Only locals that are read before they are written are cleared. What was moved is read where it was before, and what is
;; on the stack is there still when that is overwritten.
(module (memory 1)
  (func (export "read_first") (result i64) (local $a i32) (local $b i64) (local $c f32)
    (local.set $a (i32.const 1))
    (local.get $b))
  (func (export "in_a_loop") (param $n i32) (result i32) (local $last i32)
    (loop $next
      (local.set $last (local.get $n))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $last))
  (func (export "moved") (param $next i32) (result i32) (local $this i32)
    (loop $again
      (local.set $next (i32.load (local.tee $this (local.get $next))))
      (i32.store (local.get $this) (i32.const 1))
      (br_if $again (local.get $next)))
    (local.get $this))
  (func (export "moved_and_overwritten") (param $a i32) (param $b i32) (result i32)
    (local.set $b (local.get $a))
    (local.get $b)
    (local.set $a (i32.mul (local.get $b) (i32.const 3)))
    (i32.sub (local.get $a))))
