; inherits: _c

((class_specifier name: (_)? @scope.name body: (_) @scope.inside) @scope.around (#set! kind "class"))
((namespace_definition name: (_)? @scope.name body: (_) @scope.inside) @scope.around (#set! kind "class"))
((lambda_expression body: (compound_statement) @scope.inside) @scope.around (#set! kind "function"))
((for_range_loop body: (compound_statement) @scope.inside) @scope.around (#set! kind "block"))
((try_statement body: (compound_statement) @scope.inside) @scope.around (#set! kind "block"))
((catch_clause body: (compound_statement) @scope.inside) @scope.around (#set! kind "block"))
