(parameter_list (parameter_declaration) @routine.parameter)
(function_definition) @routine.inner

(call_expression function: (_) @routine.call)
(return_statement (_)? @routine.value) @routine.return

[(if_statement) (conditional_expression) (case_statement)] @routine.branch
(binary_expression operator: ["&&" "||"]) @routine.branch
[(for_statement) (while_statement) (do_statement)] @routine.loop

(assignment_expression left: [(field_expression) (subscript_expression) (pointer_expression)] @routine.write)
(update_expression argument: [(field_expression) (subscript_expression) (pointer_expression)] @routine.write)
