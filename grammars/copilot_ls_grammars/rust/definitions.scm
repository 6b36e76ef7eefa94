(function_item name: (identifier) @name body: (block) @body) @definition.function
(impl_item
  type: [(type_identifier) @container (generic_type type: (type_identifier) @container)]
  body: (declaration_list
    (function_item name: (identifier) @name body: (block) @body) @definition.method))
(function_signature_item name: (identifier) @name) @definition.method
(struct_item name: (type_identifier) @name body: (_)? @body) @definition.class
(enum_item name: (type_identifier) @name body: (_) @body) @definition.class
(union_item name: (type_identifier) @name body: (_) @body) @definition.class
(trait_item name: (type_identifier) @name body: (_) @body) @definition.type
(type_item name: (type_identifier) @name) @definition.type
(associated_type name: (type_identifier) @name) @definition.type
(enum_variant name: (identifier) @name) @definition.constant
(field_declaration name: (field_identifier) @name) @definition.variable
(const_item name: (identifier) @name) @definition.constant
(static_item name: (identifier) @name) @definition.constant
(mod_item name: (identifier) @name body: (_)? @body) @definition.module
(macro_definition name: (identifier) @name) @definition.function

(impl_item
  trait: [
    (type_identifier) @inherits.base
    (generic_type type: (type_identifier) @inherits.base)
    (scoped_type_identifier name: (type_identifier) @inherits.base)]
  type: [(type_identifier) @inherits.type (generic_type type: (type_identifier) @inherits.type)])
(trait_item name: (type_identifier) @inherits.type bounds: (trait_bounds (type_identifier) @inherits.base))
