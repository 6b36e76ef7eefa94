(parameters (_) @routine.parameter)
(lambda_parameters (_) @routine.parameter)
(function_definition) @routine.inner
(lambda) @routine.inner

(call function: (_) @routine.call)
(return_statement (_)? @routine.value) @routine.return
(raise_statement . (_)? @routine.value) @routine.raise
(except_clause . [(identifier) (attribute) (tuple) (as_pattern)]? @routine.value) @routine.catch
(yield) @routine.yield
(await) @routine.await

[(if_statement) (elif_clause) (conditional_expression) (boolean_operator) (case_clause) (if_clause)] @routine.branch
[(for_statement) (while_statement) (for_in_clause)] @routine.loop

(assignment left: [(attribute) (subscript)] @routine.write)
(assignment left: (pattern_list [(attribute) (subscript)] @routine.write))
(augmented_assignment left: [(attribute) (subscript)] @routine.write)
(global_statement (identifier) @routine.write)
(nonlocal_statement (identifier) @routine.write)
(delete_statement [(attribute) (subscript)] @routine.write)
((attribute object: (identifier) @_self) @routine.read (#any-of? @_self "self" "cls"))
