(method name: (_) @name body: (_)? @body) @definition.method
(singleton_method name: (_) @name body: (_)? @body) @definition.method
(class name: [(constant) @name (scope_resolution name: (constant) @name)] body: (_)? @body) @definition.class
(module name: [(constant) @name (scope_resolution name: (constant) @name)] body: (_)? @body) @definition.module
(assignment left: (constant) @name) @definition.constant
((call method: (identifier) @_attribute arguments: (argument_list (simple_symbol) @name)) @definition.method
  (#any-of? @_attribute "attr_reader" "attr_writer" "attr_accessor"))

(class
  name: [(constant) @inherits.type (scope_resolution name: (constant) @inherits.type)]
  superclass: (superclass [(constant) @inherits.base (scope_resolution name: (constant) @inherits.base)]))
((class
  name: [(constant) @inherits.type (scope_resolution name: (constant) @inherits.type)]
  body: (body_statement (call method: (identifier) @_include arguments: (argument_list (constant) @inherits.base))))
  (#any-of? @_include "include" "extend" "prepend"))
