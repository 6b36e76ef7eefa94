(class_declaration name: (identifier) @name body: (_) @body) @definition.class
(record_declaration name: (identifier) @name body: (_) @body) @definition.class
(enum_declaration name: (identifier) @name body: (_) @body) @definition.class
(interface_declaration name: (identifier) @name body: (_) @body) @definition.type
(annotation_type_declaration name: (identifier) @name body: (_) @body) @definition.type
(method_declaration name: (identifier) @name body: (block)? @body) @definition.method
(constructor_declaration name: (identifier) @name body: (_) @body) @definition.method
(enum_constant name: (identifier) @name) @definition.constant
((field_declaration (modifiers) @_modifiers declarator: (variable_declarator name: (identifier) @name))
  @definition.constant
  (#match? @_modifiers "static[^;]*final|final[^;]*static"))
((field_declaration (modifiers) @_modifiers declarator: (variable_declarator name: (identifier) @name))
  @definition.variable
  (#not-match? @_modifiers "static[^;]*final|final[^;]*static"))
(class_body (field_declaration . type: (_) declarator: (variable_declarator name: (identifier) @name))
  @definition.variable)
(package_declaration (_) @name) @definition.module

(class_declaration name: (identifier) @inherits.type superclass: (superclass [
  (type_identifier) @inherits.base
  (generic_type . (type_identifier) @inherits.base)]))
(_ name: (identifier) @inherits.type interfaces: (super_interfaces (type_list [
  (type_identifier) @inherits.base
  (generic_type . (type_identifier) @inherits.base)])))
(interface_declaration name: (identifier) @inherits.type (extends_interfaces (type_list [
  (type_identifier) @inherits.base
  (generic_type . (type_identifier) @inherits.base)])))
