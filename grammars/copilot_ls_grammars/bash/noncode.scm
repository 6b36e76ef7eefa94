(comment) @noncode.comment
(string) @noncode.string
(raw_string) @noncode.string
(ansi_c_string) @noncode.string
(heredoc_body) @noncode.string
(command_substitution) @noncode.interpolation
(expansion) @noncode.interpolation
