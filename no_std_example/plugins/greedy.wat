;; A plugin that wants `process`'s argument more bytes of memory, and returns what it was told.
(module
  (memory 64 (pagesize 1))
  (func (export "process") (param i32) (result i32)
    (memory.grow (local.get 0))))
