(class_declaration name: (identifier) @name body: (_)? @body) @definition.class
(struct_declaration name: (identifier) @name body: (_)? @body) @definition.class
(record_declaration name: (identifier) @name body: (_)? @body) @definition.class
(enum_declaration name: (identifier) @name body: (_)? @body) @definition.class
(interface_declaration name: (identifier) @name body: (_)? @body) @definition.type
(delegate_declaration name: (identifier) @name) @definition.type
(method_declaration name: (identifier) @name body: (_)? @body) @definition.method
(constructor_declaration name: (identifier) @name body: (_)? @body) @definition.method
(local_function_statement name: (identifier) @name body: (_)? @body) @definition.function
(property_declaration name: (identifier) @name accessors: (_)? @body) @definition.variable
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name)))
  @definition.variable
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @definition.variable
((field_declaration (modifier) @_modifier (variable_declaration (variable_declarator name: (identifier) @name)))
  @definition.constant
  (#eq? @_modifier "const"))
(enum_member_declaration name: (identifier) @name) @definition.constant
(namespace_declaration name: (_) @name body: (_) @body) @definition.module
(file_scoped_namespace_declaration name: (_) @name) @definition.module

(_ name: (identifier) @inherits.type (base_list [
  (identifier) @inherits.base
  (generic_name . (identifier) @inherits.base)
  (qualified_name name: (identifier) @inherits.base)]))
