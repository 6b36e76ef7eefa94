(template_literal_type) @noncode.string
(template_type) @noncode.interpolation
