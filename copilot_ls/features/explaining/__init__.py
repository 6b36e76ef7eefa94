"""Explaining code: what it does, and why a diagnostic is there, with the files and lines that this rests on.

What syntax and index tell is there at once and needs no model; a model of the route `explain`, where there is one, says
the rest in its words, which are marked as its own. Protocol-free; asked by `lsp` and `cli`.
"""
