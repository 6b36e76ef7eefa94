[
  (function_declaration) (generator_function_declaration) (function_expression) (generator_function) (arrow_function)
  (method_definition)
] @routine.inner

(call_expression function: (_) @routine.call)
(new_expression constructor: (_) @routine.call)
(return_statement (_)? @routine.value) @routine.return
(arrow_function body: (expression) @routine.value) @routine.return
(throw_statement (_) @routine.value) @routine.raise
(catch_clause parameter: (_)? @routine.value) @routine.catch
(yield_expression) @routine.yield
(await_expression) @routine.await

[(if_statement) (ternary_expression) (switch_case)] @routine.branch
(binary_expression operator: ["&&" "||" "??"]) @routine.branch
[(for_statement) (for_in_statement) (while_statement) (do_statement)] @routine.loop

(assignment_expression left: [(member_expression) (subscript_expression)] @routine.write)
(augmented_assignment_expression left: [(member_expression) (subscript_expression)] @routine.write)
(update_expression argument: [(member_expression) (subscript_expression)] @routine.write)
(member_expression object: (this)) @routine.read
