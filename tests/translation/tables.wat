(module
  (table $t 2 10 externref)
  (elem declare func $f)
  (func $f)
  (func (export "all") (param $i i32) (param $r externref) (result i32)
    (table.set $t (local.get $i) (table.get $t (i32.const 0)))
    (drop (table.grow $t (local.get $r) (i32.const 1)))
    (table.fill $t (i32.const 0) (ref.null extern) (table.size $t))
    (ref.is_null (ref.func $f))))
