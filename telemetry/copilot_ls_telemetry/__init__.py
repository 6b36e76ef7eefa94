"""Local acceptance telemetry: events, a SQLite store, and the metrics computed from it. Knows nothing of copilot_ls."""
