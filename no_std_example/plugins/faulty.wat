;; A plugin with a mistake: it uses a reading as an address, which is outside its memory.
(module
  (import "board" "read_sensor" (func $read_sensor (result i32)))
  (memory 64 64 (pagesize 1))
  (func (export "process") (param i32) (result i32)
    (i32.load (call $read_sensor))))
