(import_declaration (scoped_identifier scope: (_) @import.source name: (identifier) @import.name) .) @import
(import_declaration (_) @import.source (asterisk) @import.name) @import
