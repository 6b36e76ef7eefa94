(namespace_use_clause
  (qualified_name prefix: (_) @import.source (name) @import.name)
  alias: (name)? @import.alias) @import
(namespace_use_declaration (namespace_use_clause . (name) @import.name)) @import
(namespace_use_declaration
  (namespace_name) @import.source
  body: (namespace_use_group (namespace_use_clause (name) @import.name))) @import
(include_expression (string (string_content) @import.source)) @import
(include_once_expression (string (string_content) @import.source)) @import
(require_expression (string (string_content) @import.source)) @import
(require_once_expression (string (string_content) @import.source)) @import
(require_once_expression (binary_expression right: (string (string_content) @import.source))) @import
(require_expression (binary_expression right: (string (string_content) @import.source))) @import
