"""Which backends to ask for a task, in which order, and which to leave alone for a while."""
