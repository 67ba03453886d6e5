;; Floats have accumulators of their own.
(module
  (func (export "hypot2") (param $x f64) (param $y f64) (result f64)
    (f64.add (f64.mul (local.get $x) (local.get $x)) (f64.mul (local.get $y) (local.get $y))))
  (func (export "mixed") (param $i i32) (param $x f32) (result f32)
    (f32.mul (f32.convert_i32_s (i32.add (local.get $i) (i32.const 1))) (local.get $x)))
  (func (export "constant") (param $x f64) (result f64)
    (f64.mul (local.get $x) (f64.const 0.5)))
  (func (export "max") (param $x f32) (param $y f32) (result f32)
    (select (local.get $x) (local.get $y) (f32.gt (local.get $x) (local.get $y)))))
