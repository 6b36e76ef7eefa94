"""Checks of a text that is not on disk as it stands: compilers, linters, type checkers, one test.

A checker is a command that the user has on PATH and a reader of what it prints. It runs on a shadow of the workspace,
in trusted workspaces only, with a time-out and bounded output; the workspace itself is never written to. Leaves what to
make of the diagnostics to `copilot_ls.features.fixing`.
"""
