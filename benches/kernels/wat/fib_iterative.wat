;; The Fibonacci number `n` modulo 2^64, by a loop over two locals.
(module
  (func (export "run") (param $n i32) (result i64)
    (local $a i64) (local $b i64) (local $t i64)
    (local.set $b (i64.const 1))
    (block $done
      (br_if $done (i32.eqz (local.get $n)))
      (loop $next
        (local.set $t (local.get $b))
        (local.set $b (i64.add (local.get $a) (local.get $b)))
        (local.set $a (local.get $t))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (local.get $a)))
