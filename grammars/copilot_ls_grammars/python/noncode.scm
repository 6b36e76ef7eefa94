(comment) @noncode.comment
(string) @noncode.string
(interpolation) @noncode.interpolation
