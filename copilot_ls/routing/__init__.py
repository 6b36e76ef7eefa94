"""Which backend answers a task: in which order they are asked, which are passed over, and what they cost.

`router` holds the routes and one `lane` for each backend: its breaker, its places, its prices. An `attempt` is one
backend's turn; `spend` remembers what was paid. Nothing here knows documents, editors or events: `features` does.
"""
