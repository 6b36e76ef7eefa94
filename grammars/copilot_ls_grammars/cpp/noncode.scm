; inherits: _c

(raw_string_literal) @noncode.string
