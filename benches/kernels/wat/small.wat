;; A small module with something of everything, to see what an instance costs.
(module
  (type $binary (func (param i64 i32) (result i64)))
  (import "host" "mix" (func $mix (type $binary)))
  (memory (export "memory") 1 4)
  (table $table 8 funcref)
  (global $calls (mut i32) (i32.const 0))
  (elem (i32.const 1) $mix $add $xor)
  (data (i32.const 64) "what an instance of a small module costs")
  (func $add (type $binary) (i64.add (local.get 0) (i64.extend_i32_u (local.get 1))))
  (func $xor (type $binary) (i64.xor (local.get 0) (i64.extend_i32_u (local.get 1))))
  (func (export "calls") (result i32) (global.get $calls))
  (func (export "run") (param $n i32) (result i64)
    (local $sum i64)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (local.set $sum
          (call_indirect $table (type $binary)
            (local.get $sum)
            (i32.load8_u offset=64 (i32.rem_u (local.get $n) (i32.const 40)))
            (i32.add (i32.const 1) (i32.rem_u (local.get $n) (i32.const 3)))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $sum)))
