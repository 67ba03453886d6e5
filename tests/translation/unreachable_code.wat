;; What cannot be reached is validated and leaves no code.
(module
  (func (export "dead") (result i32)
    (return (i32.const 1))
    (drop (i32.add (i32.const 2)))
    (loop (br 0))
    (i32.const 3))
  (func (export "no_else") (param $a i32)
    (if (local.get $a) (then (unreachable)))
    (nop)))
