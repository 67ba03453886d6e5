(module
  (import "host" "limit" (global $limit i32))
  (global $count (mut i32) (i32.const 0))
  (global $scale (mut f64) (f64.const 1))
  (func (export "count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.gt_s (global.get $count) (global.get $limit)))
  (func (export "scale") (param $x f64)
    (global.set $scale (f64.mul (global.get $scale) (local.get $x)))))
