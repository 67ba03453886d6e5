(module
  (tag $e0)
  (tag $pair (param i32 i32))
  (func $callee (param i32) (result i32) (local.get 0))

  ;; The hidden operand is null: nothing throws the exception again.
  (func $caught (param i32) (result i32)
    try (result i32)
      (call $callee (local.get 0))
    catch $pair
      i32.add
    catch_all
      i32.const 3
    end)

  (func $rethrown (param i32) (result i32)
    try (result i32)
      (call $callee (local.get 0))
    catch $pair
      drop
      drop
      (if (local.get 0) (then (rethrow 1)))
      i32.const 4
    end)

  (func $delegated (param i32)
    try $outer
      try
        try
          (drop (call $callee (local.get 0)))
        delegate $outer
      catch $e0
      end
    catch $e0
    end
    try
      (drop (call $callee (local.get 0)))
    delegate 0))
