; inherits: _ecma

(class_declaration name: (identifier) @name body: (class_body) @body) @definition.class
(class_body (field_definition property: (property_identifier) @name) @definition.variable)
