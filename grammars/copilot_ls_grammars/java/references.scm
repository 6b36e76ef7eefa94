(method_invocation name: (identifier) @reference.call)
(object_creation_expression type: (type_identifier) @reference.call)
(object_creation_expression type: (generic_type . (type_identifier) @reference.call))
(annotation name: (identifier) @reference.type)
(marker_annotation name: (identifier) @reference.type)
(type_identifier) @reference.type
(field_access field: (identifier) @reference.member)
