"""The tools that a model may call while it mends: one per file, read-only, within the workspace.

`box` carries calls out, counts them and ends loops; `access` says which files may be read. What a tool answers is
material for the model, and is redacted with the rest of the conversation by the backend that it is sent to.
"""
