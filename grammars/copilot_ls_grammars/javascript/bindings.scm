; inherits: _ecma
(formal_parameters (identifier) @binding.parameter)
(formal_parameters (assignment_pattern left: (identifier) @binding.parameter))
(formal_parameters (rest_pattern (identifier) @binding.parameter))
