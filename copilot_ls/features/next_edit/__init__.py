"""Next edits: the places that the change just made asks to be changed as well, and how.

`trail` remembers what was edited; `scene` is all that one answer is made from. One kind of suggestion is one module
(`repeated`, `inserted`, …), which proposes `candidate`s; `chance` says how likely each is, `proposing` chooses one that
is likely enough and parses. `suggester` asks for it on behalf of an editor, `offers` follows what becomes of it. Called
by `copilot_ls.lsp.handlers.next_edit` and `copilot_ls.cli`.
"""
