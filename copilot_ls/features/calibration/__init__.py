"""What the user's own accepts and rejects say of the next suggestion: how likely it is taken, and whether to show it.

`moment` puts a decision's circumstances in numbers, `acceptance` learns from outcomes and says how likely the next one
is, `policy` says how likely it has to be, `routes` which backend earns its wait and price. These are pure. `learning`
folds the telemetry's rows into them, off the event loop; `show_gate` is asked by the pipeline; `silence` follows what
was not shown, to see whether it would have been right; `reasons` says in words why.

Without history nothing is decided here: what the backends and the settings say stands.
"""
