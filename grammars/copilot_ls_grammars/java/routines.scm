(formal_parameters [(formal_parameter) (spread_parameter)] @routine.parameter)
(inferred_parameters (identifier) @routine.parameter)
[(method_declaration) (constructor_declaration) (lambda_expression)] @routine.inner

(method_invocation name: (_) @routine.call)
(object_creation_expression type: (_) @routine.call)
(return_statement (_)? @routine.value) @routine.return
(throw_statement (_) @routine.value) @routine.raise
(throws (_) @routine.value) @routine.raise
(catch_clause (catch_formal_parameter (catch_type) @routine.value)) @routine.catch
(yield_statement) @routine.yield

[(if_statement) (ternary_expression) (switch_label)] @routine.branch
(binary_expression operator: ["&&" "||"]) @routine.branch
[(for_statement) (enhanced_for_statement) (while_statement) (do_statement)] @routine.loop

(assignment_expression left: [(field_access) (array_access)] @routine.write)
(update_expression [(field_access) (array_access)] @routine.write)
(field_access object: (this)) @routine.read
