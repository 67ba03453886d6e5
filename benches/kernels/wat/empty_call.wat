;; Does nothing with `n`: the host calls it many times, to see what a call costs.
(module
  (func (export "run") (param $n i32) (result i64)
    (i64.extend_i32_u (local.get $n))))
