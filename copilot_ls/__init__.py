"""copilot-ls: an open, local-first coding assistant that speaks plain LSP."""

__version__ = "0.1.0"
