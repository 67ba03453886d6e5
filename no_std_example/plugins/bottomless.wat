;; A plugin that calls itself forever: the firmware stops it when the value stack is full.
(module
  (func $process (export "process") (param i32) (result i32)
    (i32.add (call $process (local.get 0)) (i32.const 1))))
