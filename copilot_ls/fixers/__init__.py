"""Fixes that need no model: one rule per file, each from a diagnostic, the syntax tree, the scope and the index.

Deterministic, without a network, a process or a clock. Leaves checking to `copilot_ls.checking`, trying
and showing to `copilot_ls.features.fixing`.
"""
