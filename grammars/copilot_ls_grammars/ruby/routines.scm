(method_parameters (_) @routine.parameter)
(block_parameters (_) @routine.parameter)
[(method) (singleton_method) (lambda)] @routine.inner

(call method: (_) @routine.call)
(return (argument_list)? @routine.value) @routine.return
((call method: (identifier) @_raise arguments: (argument_list . (_) @routine.value)) @routine.raise
  (#eq? @_raise "raise"))
(rescue exceptions: (_)? @routine.value) @routine.catch
(yield) @routine.yield

[(if) (elsif) (unless) (if_modifier) (unless_modifier) (conditional) (when) (in_clause)] @routine.branch
(binary operator: ["&&" "||" "and" "or"]) @routine.branch
[(while) (until) (for) (while_modifier) (until_modifier)] @routine.loop

(assignment left: [(instance_variable) (class_variable) (global_variable) (element_reference)] @routine.write)
(operator_assignment left: [(instance_variable) (class_variable) (global_variable) (element_reference)]
  @routine.write)
(instance_variable) @routine.read
