;; A plugin that never returns: the firmware stops it when its fuel is used up.
(module
  (func (export "process") (param i32) (result i32)
    (loop $again (br $again))
    (unreachable)))
