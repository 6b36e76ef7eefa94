; inherits: _ecma

(formal_parameters (_) @routine.parameter)
(arrow_function parameter: (identifier) @routine.parameter)
