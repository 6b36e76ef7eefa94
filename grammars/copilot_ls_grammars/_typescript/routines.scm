(formal_parameters [(required_parameter) (optional_parameter)] @routine.parameter)
(arrow_function parameter: (identifier) @routine.parameter)
