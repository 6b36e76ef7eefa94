(line_comment) @noncode.comment
(block_comment) @noncode.comment
(string_literal) @noncode.string
(character_literal) @noncode.string
(string_interpolation) @noncode.interpolation
