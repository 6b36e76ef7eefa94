(formal_parameters (_) @routine.parameter)
[(function_definition) (method_declaration) (anonymous_function) (arrow_function)] @routine.inner

(function_call_expression function: (_) @routine.call)
(member_call_expression name: (_) @routine.call)
(scoped_call_expression name: (_) @routine.call)
(object_creation_expression [(name) (qualified_name)] @routine.call)
(return_statement (_)? @routine.value) @routine.return
(throw_expression (_) @routine.value) @routine.raise
(catch_clause type: (_) @routine.value) @routine.catch
(yield_expression) @routine.yield

[(if_statement) (else_if_clause) (conditional_expression) (case_statement) (match_conditional_expression)]
  @routine.branch
(binary_expression operator: ["&&" "||" "??"]) @routine.branch
[(for_statement) (foreach_statement) (while_statement) (do_statement)] @routine.loop

(assignment_expression left: [(member_access_expression) (subscript_expression) (scoped_property_access_expression)]
  @routine.write)
((member_access_expression object: (variable_name) @_this) @routine.read (#eq? @_this "$this"))
