(module
  (tag $e0)
  (tag $pair (param i32 i64))
  (func $callee (param i32) (result i32) (local.get 0))

  ;; A call that is in a `try_table` is the same call.
  (func $caught (param i32) (result i32)
    (block $h
      (try_table (result i32) (catch $e0 $h) (call $callee (local.get 0)))
      (return))
    (i32.const 23))

  ;; Inner regions first; values and a reference.
  (func $nested (param i32) (result i32 i64 exnref)
    (block $all (result exnref)
      (block $pair (result i32 i64 exnref)
        (try_table (catch_all_ref $all)
          (try_table (catch_ref $pair $pair)
            (throw $pair (local.get 0) (i64.const 7))))
        (unreachable))
      (return))
    (throw_ref))

  ;; A clause that leaves the function, one that repeats a loop.
  (func $out (param i32) (result i32 i64)
    (loop $again
      (try_table (catch $pair 1) (catch $e0 $again)
        (drop (call $callee (local.get 0)))))
    (i32.const 1) (i64.const 2))

  ;; A local that is written only where an exception may be thrown is zeroed.
  (func $local (result i32) (local i32)
    (block $h
      (try_table (catch_all $h)
        (drop (call $callee (i32.const 1)))
        (local.set 0 (i32.const 5))))
    (local.get 0))

  ;; What is moved before a range is not joined with what is moved in it.
  (func $apart (param i32 i32) (result i32) (local i32 i32)
    (local.set 2 (local.get 0))
    (block $h
      (try_table (catch_all $h)
        (local.set 3 (local.get 1))
        (drop (call $callee (local.get 3)))))
    (local.get 2)))
