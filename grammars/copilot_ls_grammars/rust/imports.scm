(use_declaration argument: (identifier) @import.name) @import
(use_declaration argument: (scoped_identifier path: (_) @import.source name: (identifier) @import.name)) @import
(use_declaration argument: (use_as_clause
  path: (scoped_identifier path: (_) @import.source name: (identifier) @import.name)
  alias: (identifier) @import.alias)) @import
(use_declaration argument: (use_wildcard (_) @import.source)) @import
(use_declaration argument: (scoped_use_list
  path: (_) @import.source
  list: (use_list (identifier) @import.name))) @import
(use_declaration argument: (scoped_use_list
  path: (_) @import.source
  list: (use_list (scoped_identifier name: (identifier) @import.name)))) @import
(use_declaration argument: (scoped_use_list
  path: (_) @import.source
  list: (use_list (use_as_clause path: (_) @import.name alias: (identifier) @import.alias)))) @import
(use_declaration argument: (scoped_use_list
  path: (_) @import.source
  list: (use_list (scoped_use_list list: (use_list (identifier) @import.name))))) @import
(extern_crate_declaration name: (identifier) @import.source) @import
(mod_item name: (identifier) @import.source !body) @import
