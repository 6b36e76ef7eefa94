(function_definition) @routine.inner
(command name: (command_name) @routine.call)
((command name: (command_name) @_return argument: (_)? @routine.value) @routine.return (#eq? @_return "return"))
((command name: (command_name) @_exit argument: (_)? @routine.value) @routine.raise (#eq? @_exit "exit"))
[(if_statement) (elif_clause) (case_item)] @routine.branch
(list ["&&" "||"]) @routine.branch
[(for_statement) (while_statement) (c_style_for_statement)] @routine.loop
