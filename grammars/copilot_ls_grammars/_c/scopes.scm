((function_definition declarator: (_) @scope.name body: (compound_statement) @scope.inside) @scope.around
  (#set! kind "function"))
((struct_specifier name: (_)? @scope.name body: (_) @scope.inside) @scope.around (#set! kind "class"))
((union_specifier name: (_)? @scope.name body: (_) @scope.inside) @scope.around (#set! kind "class"))
((enum_specifier name: (_)? @scope.name body: (_) @scope.inside) @scope.around (#set! kind "class"))

((if_statement consequence: (compound_statement) @scope.inside) @scope.around (#set! kind "block"))
((else_clause (compound_statement) @scope.inside) @scope.around (#set! kind "block"))
((for_statement body: (compound_statement) @scope.inside) @scope.around (#set! kind "block"))
((while_statement body: (compound_statement) @scope.inside) @scope.around (#set! kind "block"))
((do_statement body: (compound_statement) @scope.inside) @scope.around (#set! kind "block"))
((switch_statement body: (compound_statement) @scope.inside) @scope.around (#set! kind "block"))
