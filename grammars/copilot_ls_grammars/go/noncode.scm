(comment) @noncode.comment
(interpreted_string_literal) @noncode.string
(raw_string_literal) @noncode.string
(rune_literal) @noncode.string
