;; A sensor filter: the moving average of the last eight readings, without outliers.
(module
  (import "board" "read_sensor" (func $read_sensor (result i32)))
  (import "board" "log" (func $log (param $text i32) (param $len i32)))

  ;; 64 pages of one byte: the window in bytes 0..32, then the text.
  (memory (export "memory") 64 64 (pagesize 1))
  (data (i32.const 32) "outlier dropped")

  (global $kept (mut i32) (i32.const 0))
  (global $average (mut i32) (i32.const 0))

  ;; Reads the sensor `samples` times and returns the final average.
  (func (export "process") (param $samples i32) (result i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $samples)))
        (local.set $samples (i32.sub (local.get $samples) (i32.const 1)))
        (call $take (call $read_sensor))
        (br $next)))
    (global.get $average))

  ;; Puts one reading into the window, unless it is an outlier.
  (func $take (param $reading i32)
    (if (i32.and
          (i32.ge_u (global.get $kept) (i32.const 8))
          (call $far (local.get $reading) (global.get $average)))
      (then
        (call $log (i32.const 32) (i32.const 15))
        (return)))
    (i32.store
      (i32.shl (i32.and (global.get $kept) (i32.const 7)) (i32.const 2))
      (local.get $reading))
    (global.set $kept (i32.add (global.get $kept) (i32.const 1)))
    (global.set $average (call $mean)))

  ;; Whether two readings are more than one degree apart.
  (func $far (param $a i32) (param $b i32) (result i32)
    (i32.gt_u
      (i32.add (i32.sub (local.get $a) (local.get $b)) (i32.const 100))
      (i32.const 200)))

  ;; The mean of the filled part of the window.
  (func $mean (result i32)
    (local $held i32) (local $at i32) (local $sum i32)
    (local.set $held
      (select (i32.const 8) (global.get $kept) (i32.gt_u (global.get $kept) (i32.const 8))))
    (loop $next
      (local.set $sum
        (i32.add (local.get $sum) (i32.load (i32.shl (local.get $at) (i32.const 2)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $held))))
    (i32.div_s (local.get $sum) (local.get $held))))
