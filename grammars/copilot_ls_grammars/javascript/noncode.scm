; inherits: _ecma

(jsx_text) @noncode.string
