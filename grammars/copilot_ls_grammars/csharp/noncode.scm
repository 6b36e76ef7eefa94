(comment) @noncode.comment
(string_literal) @noncode.string
(verbatim_string_literal) @noncode.string
(raw_string_literal) @noncode.string
(interpolated_string_expression) @noncode.string
(character_literal) @noncode.string
(interpolation) @noncode.interpolation
