;; Every target of a table with values gets them where it wants them.
(module
  (func (export "plain") (param $i i32) (result i32)
    (block $c (block $b (block $a
      (br_table $a $b $c (local.get $i)))
      (return (i32.const 10)))
      (return (i32.const 20)))
    (i32.const 30))
  (func (export "value") (param $i i32) (result i32)
    (block $b (result i32)
      (i32.add (block $a (result i32)
        (br_table $a $b (i32.const 5) (local.get $i)))
      (i32.const 1)))))
