(comment) @noncode.comment
(hash_bang_line) @noncode.comment
(string) @noncode.string
(template_string) @noncode.string
(regex) @noncode.string
(template_substitution) @noncode.interpolation
