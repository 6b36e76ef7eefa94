((function_definition name: (identifier) @scope.name body: (block) @scope.inside) @scope.around
  (#set! kind "function"))
((class_definition name: (identifier) @scope.name body: (block) @scope.inside) @scope.around
  (#set! kind "class"))

((if_statement consequence: (block) @scope.inside) @scope.around (#set! kind "block"))
((elif_clause consequence: (block) @scope.inside) @scope.around (#set! kind "block"))
((else_clause body: (block) @scope.inside) @scope.around (#set! kind "block"))
((for_statement body: (block) @scope.inside) @scope.around (#set! kind "block"))
((while_statement body: (block) @scope.inside) @scope.around (#set! kind "block"))
((with_statement body: (block) @scope.inside) @scope.around (#set! kind "block"))
((try_statement body: (block) @scope.inside) @scope.around (#set! kind "block"))
((except_clause (block) @scope.inside) @scope.around (#set! kind "block"))
((finally_clause (block) @scope.inside) @scope.around (#set! kind "block"))
((match_statement body: (block) @scope.inside) @scope.around (#set! kind "block"))
((case_clause consequence: (block) @scope.inside) @scope.around (#set! kind "block"))
