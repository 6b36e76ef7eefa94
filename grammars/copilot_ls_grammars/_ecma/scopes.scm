((function_declaration name: (identifier) @scope.name body: (statement_block) @scope.inside) @scope.around
  (#set! kind "function"))
((generator_function_declaration name: (identifier) @scope.name body: (statement_block) @scope.inside) @scope.around
  (#set! kind "function"))
((function_expression name: (identifier)? @scope.name body: (statement_block) @scope.inside) @scope.around
  (#set! kind "function"))
((arrow_function body: (statement_block) @scope.inside) @scope.around (#set! kind "function"))
((method_definition name: (_) @scope.name body: (statement_block) @scope.inside) @scope.around
  (#set! kind "function"))
((class_declaration name: (_) @scope.name body: (class_body) @scope.inside) @scope.around (#set! kind "class"))
((class body: (class_body) @scope.inside) @scope.around (#set! kind "class"))

((if_statement consequence: (statement_block) @scope.inside) @scope.around (#set! kind "block"))
((else_clause (statement_block) @scope.inside) @scope.around (#set! kind "block"))
((for_statement body: (statement_block) @scope.inside) @scope.around (#set! kind "block"))
((for_in_statement body: (statement_block) @scope.inside) @scope.around (#set! kind "block"))
((while_statement body: (statement_block) @scope.inside) @scope.around (#set! kind "block"))
((do_statement body: (statement_block) @scope.inside) @scope.around (#set! kind "block"))
((try_statement body: (statement_block) @scope.inside) @scope.around (#set! kind "block"))
((catch_clause body: (statement_block) @scope.inside) @scope.around (#set! kind "block"))
((finally_clause body: (statement_block) @scope.inside) @scope.around (#set! kind "block"))
((switch_statement body: (switch_body) @scope.inside) @scope.around (#set! kind "block"))
