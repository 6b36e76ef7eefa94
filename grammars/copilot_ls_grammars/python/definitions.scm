; A decorated definition is captured without its decorators: the signature is what callers read.
(module (function_definition name: (identifier) @name body: (block) @body) @definition.function)
(module (decorated_definition
  definition: (function_definition name: (identifier) @name body: (block) @body) @definition.function))

(class_definition name: (identifier) @name body: (block) @body) @definition.class

(class_definition body: (block
  (function_definition name: (identifier) @name body: (block) @body) @definition.method))
(class_definition body: (block
  (decorated_definition
    definition: (function_definition name: (identifier) @name body: (block) @body) @definition.method)))

; Functions within functions, or under `if` and `try` at the top of a module.
(function_definition body: (block
  (function_definition name: (identifier) @name body: (block) @body) @definition.function))
(if_statement (block
  (function_definition name: (identifier) @name body: (block) @body) @definition.function))
(else_clause (block
  (function_definition name: (identifier) @name body: (block) @body) @definition.function))
(try_statement (block
  (function_definition name: (identifier) @name body: (block) @body) @definition.function))
(except_clause (block
  (function_definition name: (identifier) @name body: (block) @body) @definition.function))

((module (expression_statement (assignment left: (identifier) @name) @definition.constant))
  (#match? @name "^_*[A-Z][A-Z0-9_]*$"))
((module (expression_statement (assignment left: (identifier) @name) @definition.variable))
  (#not-match? @name "^_*[A-Z][A-Z0-9_]*$"))
(class_definition body: (block
  (expression_statement (assignment left: (identifier) @name) @definition.variable)))

(type_alias_statement left: (type (identifier) @name)) @definition.type

((assignment left: (attribute object: (identifier) @_self attribute: (identifier) @name)) @definition.attribute
  (#eq? @_self "self"))

(class_definition name: (identifier) @inherits.type superclasses: (argument_list [
  (identifier) @inherits.base
  (attribute attribute: (identifier) @inherits.base)
  (subscript value: (identifier) @inherits.base)
  (subscript value: (attribute attribute: (identifier) @inherits.base))]))
