(comment) @noncode.comment
(text) @noncode.string
(string) @noncode.string
(encapsed_string) @noncode.string
(heredoc) @noncode.string
(nowdoc) @noncode.string
(shell_command_expression) @noncode.string
