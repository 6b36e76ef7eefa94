(function_declaration name: (identifier) @name body: (statement_block) @body) @definition.function
(generator_function_declaration name: (identifier) @name body: (statement_block) @body) @definition.function

(class_body (method_definition
  name: [(property_identifier) (private_property_identifier)] @name
  body: (statement_block) @body) @definition.method)

(variable_declarator
  name: (identifier) @name
  value: (arrow_function body: (_) @body)) @definition.function
(variable_declarator
  name: (identifier) @name
  value: (function_expression body: (_) @body)) @definition.function

(pair
  key: (property_identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.method

(assignment_expression
  left: (member_expression property: (property_identifier) @name)
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.function

; Data at the top of a module, exported or not.
((program (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name value: (_) @_value)
  @definition.constant))
  (#not-any-of? @_value "arrow_function" "function_expression"))
(program (export_statement (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name)
  @definition.constant)))
(program (lexical_declaration kind: "let" (variable_declarator name: (identifier) @name) @definition.variable))
(program (export_statement (lexical_declaration kind: "let" (variable_declarator name: (identifier) @name)
  @definition.variable)))
(program (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable))
