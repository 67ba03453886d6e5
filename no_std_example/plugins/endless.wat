;; A plugin that never returns: the firmware stops it when it runs out of fuel.
(module
  (func (export "process") (param i32) (result i32)
    (loop $again (br $again))
    (unreachable)))
