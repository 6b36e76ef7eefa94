; inherits: _ecma

((jsx_text) @noncode.string
  (#match? @noncode.string "\\S"))
