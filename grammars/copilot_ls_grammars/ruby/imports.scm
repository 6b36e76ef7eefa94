((call
  method: (identifier) @_require
  arguments: (argument_list . (string (string_content) @import.source))) @import
  (#any-of? @_require "require" "require_relative" "load"))
((call
  method: (identifier) @_autoload
  arguments: (argument_list . (simple_symbol) @import.name (string (string_content) @import.source))) @import
  (#eq? @_autoload "autoload"))
