(import_spec
  name: [(package_identifier) (dot) (blank_identifier)]? @import.alias
  path: (interpreted_string_literal (interpreted_string_literal_content) @import.source)) @import
(import_spec
  name: [(package_identifier) (dot) (blank_identifier)]? @import.alias
  path: (raw_string_literal (raw_string_literal_content) @import.source)) @import
