(class_declaration name: (type_identifier) @name body: (class_body) @body) @definition.class
(abstract_class_declaration name: (type_identifier) @name body: (class_body) @body) @definition.class
(enum_declaration name: (identifier) @name body: (enum_body) @body) @definition.class
(enum_body name: (property_identifier) @name @definition.constant)
(enum_body (enum_assignment name: (property_identifier) @name) @definition.constant)
(class_body (public_field_definition name: (property_identifier) @name) @definition.variable)
(class_body (abstract_method_signature name: (property_identifier) @name) @definition.method)
(class_body (method_signature name: (property_identifier) @name) @definition.method)
(interface_body (method_signature name: (property_identifier) @name) @definition.method)
(interface_body (property_signature name: (property_identifier) @name) @definition.variable)
(function_signature name: (identifier) @name) @definition.function
(ambient_declaration (lexical_declaration (variable_declarator name: (identifier) @name) @definition.constant))
(interface_declaration name: (type_identifier) @name body: (_) @body) @definition.type
(type_alias_declaration name: (type_identifier) @name) @definition.type
(internal_module name: (_) @name body: (statement_block) @body) @definition.module
(module name: (_) @name body: (statement_block) @body) @definition.module

([(class_declaration name: (type_identifier) @inherits.type (class_heritage (extends_clause value: [
    (identifier) @inherits.base
    (member_expression property: (property_identifier) @inherits.base)])))
  (abstract_class_declaration name: (type_identifier) @inherits.type (class_heritage (extends_clause value: [
    (identifier) @inherits.base
    (member_expression property: (property_identifier) @inherits.base)])))])
([(class_declaration name: (type_identifier) @inherits.type (class_heritage (implements_clause [
    (type_identifier) @inherits.base
    (generic_type name: (type_identifier) @inherits.base)])))
  (abstract_class_declaration name: (type_identifier) @inherits.type (class_heritage (implements_clause [
    (type_identifier) @inherits.base
    (generic_type name: (type_identifier) @inherits.base)])))])
(interface_declaration name: (type_identifier) @inherits.type (extends_type_clause type: [
  (type_identifier) @inherits.base
  (generic_type name: (type_identifier) @inherits.base)]))
