((abstract_class_declaration name: (_) @scope.name body: (class_body) @scope.inside) @scope.around
  (#set! kind "class"))
((interface_declaration name: (_) @scope.name body: (_) @scope.inside) @scope.around (#set! kind "class"))
((enum_declaration name: (_) @scope.name body: (enum_body) @scope.inside) @scope.around (#set! kind "class"))
((internal_module name: (_) @scope.name body: (statement_block) @scope.inside) @scope.around (#set! kind "class"))
