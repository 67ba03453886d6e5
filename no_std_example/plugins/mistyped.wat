;; Well-formed but invalid: the result should be an i32 and is an i64.
(module
  (func (export "process") (param i32) (result i32)
    (i64.extend_i32_s (local.get 0))))
