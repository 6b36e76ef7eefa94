"""A workspace on disk, its index, and an explainer of it, with backends of a test's choosing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from copilot_ls.diagnostic import Diagnostic
from copilot_ls.features.explaining.question import ExplainQuestion, Explanation
from copilot_ls.index.worker import build
from copilot_ls.text import DocumentSnapshot, Span, TextSnapshot
from tests.routing.world import World

LANGUAGES = {"py": "python", "ts": "typescript", "go": "go", "java": "java", "rs": "rust", "c": "c"}


class Explained:
    """A workspace; `at` asks about a marked place, or from one mark to the other."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "workspace"
        self.database = folder / "index.db"
        self.heard: list[str] = []
        self.world: World | None = None

    async def at(
        self,
        path: str,
        marked: str,
        files: Mapping[str, str] | None = None,
        *,
        backends: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        diagnostic: tuple[str, str, str] | None = None,
        question: str = "",
    ) -> Explanation:
        from copilot_ls.index.lookup import WorkspaceIndex

        before, _, rest = marked.partition("█")
        selected, has_end, _after = rest.partition("█")
        text = marked.replace("█", "")
        for name, content in {**(files or {}), path: text}.items():
            place = self.root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        build(self.root, self.database, tell=lambda _: None)
        index = WorkspaceIndex(self.database, query_ms=5_000)
        snapshot = TextSnapshot.of(text)
        place = self.root / path
        document = DocumentSnapshot(place.as_uri(), str(place), LANGUAGES[path.rpartition(".")[2]], 1, snapshot)
        end = len(before) + (len(selected) if has_end else 0)
        span = Span(snapshot.point_at(len(before)), snapshot.point_at(end))
        reported = None
        if diagnostic is not None:
            source, code, message = diagnostic
            reported = Diagnostic(span, message, source, code)
        route = {"route": {"explain": list(backends or {})}}
        world = self.world = World({**route, **(settings or {})}, backends)
        world.folders = [str(self.root)]
        explainer = world.code_explainer()
        explainer._index_of = lambda _path: index
        try:
            return await explainer.explain(
                ExplainQuestion(document, span, reported, question), on_markdown=self.heard.append
            )
        finally:
            index.close()
            await world.aclose()


@pytest.fixture
def explained(tmp_path: Path) -> Iterator[Explained]:
    yield Explained(tmp_path)
