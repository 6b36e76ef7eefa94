(line_comment) @noncode.comment
(block_comment) @noncode.comment
(string_literal) @noncode.string
(raw_string_literal) @noncode.string
(char_literal) @noncode.string
