; inherits: _c

(parameter_list (variadic_parameter) @routine.parameter)
