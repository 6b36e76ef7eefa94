; inherits: _c

(call_expression function: (qualified_identifier name: (identifier) @reference.call))
(call_expression function: (template_function name: (identifier) @reference.call))
(base_class_clause (type_identifier) @reference.type)
