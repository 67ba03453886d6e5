;; A plugin that grows its memory by the argument of `process`, in bytes, and returns the result of `memory.grow`.
(module
  (memory 64 (pagesize 1))
  (func (export "process") (param i32) (result i32)
    (memory.grow (local.get 0))))
