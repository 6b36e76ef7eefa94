; inherits: _c

(class_specifier name: (type_identifier) @name body: (_) @body) @definition.class
(namespace_definition name: (_) @name body: (_) @body) @definition.module
(alias_declaration name: (type_identifier) @name) @definition.type
(concept_definition name: (identifier) @name) @definition.type
(function_definition
  declarator: (function_declarator declarator: (field_identifier) @name)
  body: (compound_statement) @body) @definition.method
(function_definition
  declarator: (reference_declarator (function_declarator declarator: (field_identifier) @name))
  body: (compound_statement) @body) @definition.method
(function_definition
  declarator: (pointer_declarator declarator: (function_declarator declarator: (field_identifier) @name))
  body: (compound_statement) @body) @definition.method
(function_definition
  declarator: (function_declarator declarator: (qualified_identifier
      scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
      name: (identifier) @name))
  body: (compound_statement) @body) @definition.method
(function_definition
  declarator: (reference_declarator
    (function_declarator declarator: (qualified_identifier
      scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
      name: (identifier) @name)))
  body: (compound_statement) @body) @definition.method
(function_definition
  declarator: (pointer_declarator
    declarator: (function_declarator declarator: (qualified_identifier
      scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
      name: (identifier) @name)))
  body: (compound_statement) @body) @definition.method
(function_definition
  declarator: (reference_declarator (function_declarator declarator: (identifier) @name))
  body: (compound_statement) @body) @definition.function
(function_definition
  declarator: (function_declarator declarator: [(destructor_name) (operator_name)] @name)) @definition.method
(field_declaration declarator: (function_declarator declarator: (field_identifier) @name)) @definition.method
(field_declaration
  declarator: (reference_declarator (function_declarator declarator: (field_identifier) @name)))
  @definition.method
(field_declaration
  declarator: (pointer_declarator declarator: (function_declarator declarator: (field_identifier) @name)))
  @definition.method

(_ name: (type_identifier) @inherits.type (base_class_clause [
  (type_identifier) @inherits.base
  (template_type name: (type_identifier) @inherits.base)
  (qualified_identifier name: (type_identifier) @inherits.base)]))
