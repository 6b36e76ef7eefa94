(function_declaration name: (identifier) @name body: (block)? @body) @definition.function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @container
    (pointer_type (type_identifier) @container)
    (generic_type type: (type_identifier) @container)
    (pointer_type (generic_type type: (type_identifier) @container))]))
  name: (field_identifier) @name
  body: (block)? @body) @definition.method
(method_elem name: (field_identifier) @name) @definition.method
(type_declaration (type_spec name: (type_identifier) @name type: (struct_type (field_declaration_list) @body))
  @definition.class)
(type_declaration (type_spec name: (type_identifier) @name type: (interface_type) @body) @definition.type)
(type_declaration (type_spec
  name: (type_identifier) @name
  type: [
    (type_identifier) (qualified_type) (pointer_type) (array_type) (slice_type) (map_type) (channel_type)
    (function_type) (generic_type)
  ]) @definition.type)
(type_declaration (type_alias name: (type_identifier) @name) @definition.type)
(field_declaration name: (field_identifier) @name) @definition.variable
(const_declaration (const_spec name: (identifier) @name) @definition.constant)
(source_file (var_declaration (var_spec name: (identifier) @name) @definition.variable))
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name) @definition.variable)))
(package_clause (package_identifier) @name) @definition.module

(type_spec name: (type_identifier) @inherits.type type: (struct_type (field_declaration_list
  (field_declaration !name type: [
    (type_identifier) @inherits.base
    (generic_type type: (type_identifier) @inherits.base)
    (qualified_type name: (type_identifier) @inherits.base)]))))
(type_spec name: (type_identifier) @inherits.type type: (interface_type (type_elem [
  (type_identifier) @inherits.base
  (qualified_type name: (type_identifier) @inherits.base)])))
