"""Statistics for the user's own OpenTelemetry collector: what is counted, and how it is sent. Never text, never a path.

Called by `copilot_ls.cli.forward` in a process of its own. Needs the extra `otlp`.
"""
