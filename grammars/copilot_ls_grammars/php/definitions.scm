(function_definition name: (name) @name body: (_) @body) @definition.function
(method_declaration name: (name) @name body: (_)? @body) @definition.method
(class_declaration name: (name) @name body: (_) @body) @definition.class
(enum_declaration name: (name) @name body: (_) @body) @definition.class
(interface_declaration name: (name) @name body: (_) @body) @definition.type
(trait_declaration name: (name) @name body: (_) @body) @definition.type
(enum_case name: (name) @name) @definition.constant
(const_declaration (const_element . (name) @name)) @definition.constant
(property_declaration (property_element name: (variable_name (name) @name))) @definition.variable
(property_promotion_parameter name: (variable_name (name) @name)) @definition.variable
(namespace_definition name: (namespace_name) @name) @definition.module

(_ name: (name) @inherits.type (base_clause (name) @inherits.base))
(_ name: (name) @inherits.type (class_interface_clause (name) @inherits.base))
(_ name: (name) @inherits.type body: (declaration_list (use_declaration (name) @inherits.base)))
