"""From a document, a cursor and context snippets to what a model reads: budget, layout, model profiles, chat messages.

Pure: no clock, no disk, no network, no randomness. Leaves choosing snippets to `copilot_ls.context` and sending to
`copilot_ls.backends`.
"""
