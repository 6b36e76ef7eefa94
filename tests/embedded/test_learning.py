"""The backend learns from what became of its answers, and keeps it, where it was told to."""

from __future__ import annotations

from copilot_ls.backends.embedded.backend import EmbeddedBackend


async def test_outcomes_are_kept_when_the_backend_is_closed(tmp_path):
    path = tmp_path / "confidence.json"
    backend = EmbeddedBackend("embedded")
    backend.adapt_in(path)
    for _ in range(60):
        backend.learn(0.7, "    total = ", "python", right=False)
    await backend.aclose()
    again = EmbeddedBackend("embedded")
    again.adapt_in(path)
    adaptation = again._adapted()
    assert adaptation.adapted(0.7, "after_space", "python") < adaptation.adapted(0.7, "line_start", "go") < 0.7


async def test_a_backend_that_was_not_told_where_learns_nothing():
    backend = EmbeddedBackend("embedded")
    backend.learn(0.7, "    total = ", "python", right=False)
    assert backend._adapted() is None
    await backend.aclose()
