; inherits: _ecma,_typescript

((jsx_text) @noncode.string
  (#match? @noncode.string "\\S"))
