"""Reports of evaluations: pages as plain data (`page`), shown as markdown (`markdown`) or as one file of HTML (`html`).

What is in a page is the business of `replay_page`, `holes_page`, `fix_page` and `calls_page`. Pure.
"""
