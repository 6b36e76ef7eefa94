(parameters [(parameter) (self_parameter) (variadic_parameter)] @routine.parameter)
(closure_parameters (_) @routine.parameter)
[(function_item) (closure_expression)] @routine.inner

(call_expression function: (_) @routine.call)
(macro_invocation macro: (_) @routine.call)
(return_expression (_)? @routine.value) @routine.return
(function_item body: (block (_expression) @routine.value @routine.return .))
((macro_invocation macro: (identifier) @_panic (token_tree) @routine.value) @routine.raise
  (#any-of? @_panic "panic" "todo" "unimplemented" "unreachable"))
(try_expression (_) @routine.value) @routine.raise
(await_expression) @routine.await
(yield_expression) @routine.yield

[(if_expression) (match_arm)] @routine.branch
(binary_expression operator: ["&&" "||"]) @routine.branch
[(for_expression) (while_expression) (loop_expression)] @routine.loop

(assignment_expression left: [(field_expression) (index_expression) (unary_expression)] @routine.write)
(compound_assignment_expr left: [(field_expression) (index_expression) (unary_expression)] @routine.write)
(field_expression value: (self)) @routine.read
