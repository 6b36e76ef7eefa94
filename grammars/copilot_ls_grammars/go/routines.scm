(function_declaration parameters: (parameter_list (_) @routine.parameter))
(method_declaration parameters: (parameter_list (_) @routine.parameter))
(func_literal parameters: (parameter_list (_) @routine.parameter))
[(function_declaration) (method_declaration) (func_literal)] @routine.inner

(call_expression function: (_) @routine.call)
(return_statement (expression_list)? @routine.value) @routine.return
((call_expression function: (identifier) @_panic arguments: (argument_list) @routine.value) @routine.raise
  (#eq? @_panic "panic"))

[(if_statement) (expression_case) (type_case) (communication_case)] @routine.branch
(binary_expression operator: ["&&" "||"]) @routine.branch
(for_statement) @routine.loop
(go_statement) @routine.await

(assignment_statement left: (expression_list [(selector_expression) (index_expression) (unary_expression)]
  @routine.write))
(inc_statement [(selector_expression) (index_expression)] @routine.write)
(dec_statement [(selector_expression) (index_expression)] @routine.write)
(send_statement channel: (_) @routine.write)
