((function_definition name: (_) @scope.name body: (compound_statement) @scope.inside) @scope.around
  (#set! kind "function"))

((if_statement) @scope.around (#set! kind "block"))
((elif_clause) @scope.around (#set! kind "block"))
((else_clause) @scope.around (#set! kind "block"))
((for_statement body: (_) @scope.inside) @scope.around (#set! kind "block"))
((c_style_for_statement body: (_) @scope.inside) @scope.around (#set! kind "block"))
((while_statement body: (_) @scope.inside) @scope.around (#set! kind "block"))
((case_statement) @scope.around (#set! kind "block"))
((case_item) @scope.around (#set! kind "block"))
