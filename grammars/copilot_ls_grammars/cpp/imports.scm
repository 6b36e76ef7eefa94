; inherits: _c

(using_declaration (qualified_identifier scope: (_) @import.source name: (_) @import.name)) @import
(using_declaration "namespace" (_) @import.source) @import
