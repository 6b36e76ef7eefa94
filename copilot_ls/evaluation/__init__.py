"""What the assistant is worth on the user's own code: measured by replaying it, masking it, breaking it.

    replay   commits typed again key by key, against the pipeline that the server runs
    holes    bodies of functions masked and written anew, judged by the repository's tests
    fix      faults put into the code, mended by the fix loop
    tools    scripted situations in which a backend has to call tools

Each is a plan of `units` that processes or a cluster carry out (`crew`, `cluster`), whose records are kept as they come
(`ledger`), so that what was killed goes on; numbers with `intervals` are made of them, and pages of these (`report`).
Protocol-free, above `features`; called by `cli`, and by the benches of this repository.
"""
