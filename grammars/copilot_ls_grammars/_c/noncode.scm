(comment) @noncode.comment
(string_literal) @noncode.string
(char_literal) @noncode.string
(system_lib_string) @noncode.string
