; inherits: _ecma

(class_declaration name: (identifier) @name body: (class_body) @body) @definition.class
(class_body (field_definition property: (property_identifier) @name) @definition.variable)
(class_declaration name: (identifier) @inherits.type (class_heritage [
  (identifier) @inherits.base
  (member_expression property: (property_identifier) @inherits.base)]))
