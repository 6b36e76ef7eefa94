((function_declaration name: (_) @scope.name body: (block) @scope.inside) @scope.around (#set! kind "function"))
((method_declaration name: (_) @scope.name body: (block) @scope.inside) @scope.around (#set! kind "function"))
((func_literal body: (block) @scope.inside) @scope.around (#set! kind "function"))
((type_spec name: (_) @scope.name type: (struct_type (field_declaration_list) @scope.inside)) @scope.around
  (#set! kind "class"))
((type_spec name: (_) @scope.name type: (interface_type) @scope.inside) @scope.around (#set! kind "class"))

((if_statement consequence: (block) @scope.inside) @scope.around (#set! kind "block"))
((if_statement alternative: (block) @scope.inside) @scope.around (#set! kind "block"))
((for_statement body: (block) @scope.inside) @scope.around (#set! kind "block"))
((expression_case (statement_list) @scope.inside) @scope.around (#set! kind "block"))
((type_case (statement_list) @scope.inside) @scope.around (#set! kind "block"))
((default_case (statement_list) @scope.inside) @scope.around (#set! kind "block"))
((communication_case (statement_list) @scope.inside) @scope.around (#set! kind "block"))
