;; Calls `n` times the function `host.mix` of the host: (a, b) -> a * 31 + b.
(module
  (import "host" "mix" (func $mix (param i64 i32) (result i64)))
  (func (export "run") (param $n i32) (result i64)
    (local $sum i64)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (call $mix (local.get $sum) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $sum)))
