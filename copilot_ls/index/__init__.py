"""What is known of the files of a workspace: which they are, and a lexical store of them on disk.

`walk` and `ignore` say which files count; `filetypes`, `terms`, `definitions` and `digest` (pure) turn a text into what
is stored; `store` writes it, `worker` is the low-priority process that does so, `builder` starts that process from the
server; `lookup` is the read-only handle that features ask. Nothing here is imported when the server starts.
"""
