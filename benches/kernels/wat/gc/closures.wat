;; Calls closures n times: through their code, which casts the closure to its own type to find what it holds.
(module
  (rec
    (type $code (func (param (ref $closure) i64) (result i64)))
    (type $closure (sub (struct (field $code (ref $code))))))
  (type $adder (sub final $closure (struct (field (ref $code)) (field $by i64))))
  (type $shifter (sub final $closure (struct (field (ref $code)) (field $by i64) (field $with i64))))
  (elem declare func $add $shift)
  (func $add (type $code) (param $self (ref $closure)) (param $x i64) (result i64)
    (i64.add (local.get $x) (struct.get $adder $by (ref.cast (ref $adder) (local.get $self)))))
  (func $shift (type $code) (param $self (ref $closure)) (param $x i64) (result i64) (local $own (ref null $shifter))
    (local.set $own (ref.cast (ref $shifter) (local.get $self)))
    (i64.xor
      (i64.rotl (local.get $x) (struct.get $shifter $by (local.get $own)))
      (struct.get $shifter $with (local.get $own))))
  (func $apply (param $closure (ref $closure)) (param $x i64) (result i64)
    (call_ref $code (local.get $closure) (local.get $x) (struct.get $closure $code (local.get $closure))))
  (func (export "run") (param $n i32) (result i64)
    (local $first (ref null $closure)) (local $second (ref null $closure)) (local $x i64)
    (local.set $first (struct.new $adder (ref.func $add) (i64.const 0x9e3779b97f4a7c15)))
    (local.set $second (struct.new $shifter (ref.func $shift) (i64.const 13) (i64.const 0x2545f4914f6cdd1d)))
    (loop $again
      (local.set $x (call $apply (ref.as_non_null (local.get $first)) (local.get $x)))
      (local.set $x (call $apply (ref.as_non_null (local.get $second)) (local.get $x)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))
