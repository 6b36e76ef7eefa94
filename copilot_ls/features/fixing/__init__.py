"""Mending code: propose, check on a shadow, reflect, give an edit with a verdict or give up and say why.

Protocol-free. `lsp` and `cli` ask for a `FixTask` and show the `FixOutcome`.
"""
