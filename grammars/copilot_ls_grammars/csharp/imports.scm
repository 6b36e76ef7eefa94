(using_directive name: (identifier) @import.alias (_) @import.source) @import
(using_directive !name [(identifier) (qualified_name)] @import.source) @import
