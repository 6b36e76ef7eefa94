(function_definition name: (word) @name body: (_) @body) @definition.function
((program (variable_assignment name: (variable_name) @name) @definition.constant)
  (#match? @name "^[A-Z][A-Z0-9_]*$"))
((program (variable_assignment name: (variable_name) @name) @definition.variable)
  (#not-match? @name "^[A-Z][A-Z0-9_]*$"))
(program (declaration_command (variable_assignment name: (variable_name) @name)) @definition.constant)
