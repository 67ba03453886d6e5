(module
  (func (export "mul") (param $a i64) (param $b i64) (result i64 i64)
    (i64.mul_wide_u (local.get $a) (local.get $b)))
  (func (export "add") (param $a i64) (param $b i64) (result i64 i64)
    (i64.add128 (local.get $a) (i64.const 0) (local.get $b) (i64.const -1))))
