; inherits: _c

(parameter_list [(optional_parameter_declaration) (variadic_parameter_declaration)] @routine.parameter)
(lambda_expression) @routine.inner
(new_expression type: (_) @routine.call)
(throw_statement (_) @routine.value) @routine.raise
(catch_clause parameters: (_) @routine.value) @routine.catch
(for_range_loop) @routine.loop
(co_await_expression) @routine.await
(co_yield_statement) @routine.yield
(field_expression argument: (this)) @routine.read
