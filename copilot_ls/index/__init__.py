"""What is known of the files of a workspace: which they are, and a store of their words and symbols on disk.

`walk` and `ignore` say which files count; `filetypes`, `terms`, `definitions` and `digest` (pure) turn a text into what
is stored first, `facts` into what its grammar tells; `store` writes it, `indexing` and `parsing` are the two halves of
a pass, `crew` a second pair of hands for both, `worker` is the low-priority process that runs them, `builder` starts
that process from the server; `lookup` and its base `symbol_lookup` are the read-only handle that features ask. Nothing
here is imported when a server starts.
"""
