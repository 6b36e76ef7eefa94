(parameter_list (parameter) @routine.parameter)
[
  (method_declaration) (constructor_declaration) (local_function_statement) (lambda_expression)
  (anonymous_method_expression)
] @routine.inner

(invocation_expression function: (_) @routine.call)
(object_creation_expression type: (_) @routine.call)
(return_statement (_)? @routine.value) @routine.return
(arrow_expression_clause (_) @routine.value) @routine.return
(throw_statement (_)? @routine.value) @routine.raise
(throw_expression (_) @routine.value) @routine.raise
(catch_clause (catch_declaration)? @routine.value) @routine.catch
(yield_statement) @routine.yield
(await_expression) @routine.await

[(if_statement) (conditional_expression) (switch_section) (switch_expression_arm)] @routine.branch
(binary_expression operator: ["&&" "||" "??"]) @routine.branch
[(for_statement) (foreach_statement) (while_statement) (do_statement)] @routine.loop

(assignment_expression left: [(member_access_expression) (element_access_expression)] @routine.write)
(member_access_expression expression: "this") @routine.read
