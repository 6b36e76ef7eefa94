"""Who answers: one module per wire protocol, `embedded` which needs no network, and `scripted` for tests.

A backend is anything that satisfies `copilot_ls.backends.base.Backend`; others' packages add theirs under the entry
point group `copilot_ls.backends`. Only `_http` imports the HTTP client.
"""
