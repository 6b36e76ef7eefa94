"""All that an index says, to be compared with what another one says. Called by tests and by the bench."""

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

from copilot_ls.index.line_pages import unpacked


def contents(database: Path, word: str = "shared") -> dict[str, list[Any]]:
    """Everything an index says, apart from ids; of full-text tables what they know of one word, once they are sound."""
    connection = sqlite3.connect(database)
    try:
        paths = dict(connection.execute("SELECT id, path FROM files"))
        places = [
            (text, above, paths[place >> 20], place & 0xFFFFF)
            for row in connection.execute("SELECT texts, starts, places, previous FROM line_pages")
            for text, found, marks in unpacked(*row).entries()
            for place, above in zip(found, marks, strict=True)
            if place >> 20 in paths
        ]
        said = {
            "files": sorted(connection.execute("SELECT path, size, hash, language, n_lines, skipped FROM files")),
            "lines": sorted(Counter(text for text, *_ in places).items()),
            "places": sorted(places),
            "definitions": sorted(
                (paths[file], *rest)
                for file, *rest in connection.execute(
                    "SELECT file, name, kind, line, end, container, signature, body_end FROM definitions"
                )
            ),
            "used": sorted((paths[file], data) for file, data in connection.execute("SELECT * FROM used")),
            "used_names": sorted(
                paths[file]
                for (file,) in connection.execute("SELECT rowid FROM used_names WHERE used_names MATCH ?", (word,))
            ),
            "imports": sorted((paths[file], *rest) for file, *rest in connection.execute("SELECT * FROM imports")),
            "bases": sorted((paths[file], *rest) for file, *rest in connection.execute("SELECT * FROM bases")),
            "blocks": sorted(
                (paths[at >> 20], at & 0xFFFFF, data) for at, data in connection.execute("SELECT * FROM blocks")
            ),
            "chunks": sorted(
                (paths[at >> 20], at & 0xFFFFF)
                for (at,) in connection.execute("SELECT rowid FROM chunks WHERE chunks MATCH ?", (word,))
            ),
        }
        for table in ("chunks", "used_names", "name_pieces", "repeated_words"):
            connection.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")
        return said
    finally:
        connection.close()
