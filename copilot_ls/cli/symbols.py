"""Find declarations of a workspace by name, and who uses, calls, extends or is called by them.

QUERY is a name or part of one, in any case: exact names come first, then names that begin with it, then those that have
it at the start of a word, anywhere, or have its letters in this order. Type.member asks for members of a type. The
folder is indexed first. Nothing is resolved: uses are those of the name, wherever it is declared. Lines count from 1.
Exit status 1 when nothing is found.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from copilot_ls.index.hits import DefinitionHit
    from copilot_ls.index.lookup import WorkspaceIndex

SUMMARY = "find declarations, their uses and callers in a workspace"

_QUERY_MS = 5_000.0
# Names that are looked at for each one wanted, where kind or language leaves some out.
_SPARE = 50
_MOST_USES = 100
_WIDEST_SIGNATURE = 100
_RELATIONS = ("references", "callers", "callees", "subtypes", "supertypes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the query and what to say of each symbol."""
    parser.add_argument("query", metavar="QUERY", help="a name or part of one, or Type.member")
    parser.add_argument("--workspace", default=".", metavar="DIR", help="workspace folder (default: this one)")
    parser.add_argument("--kind", metavar="KIND", help="class, function, variable, …: only these")
    parser.add_argument("--language", metavar="ID", help="python, typescript, go, …: only these")
    parser.add_argument("--limit", type=_positive, default=20, metavar="N", help="most symbols (default: 20)")
    parser.add_argument("--references", action="store_true", help="where each name is in use")
    parser.add_argument("--callers", action="store_true", help="what calls it")
    parser.add_argument("--callees", action="store_true", help="what it calls")
    parser.add_argument("--subtypes", action="store_true", help="what extends or implements it")
    parser.add_argument("--supertypes", action="store_true", help="what it extends or implements")
    parser.add_argument("--packages", action="store_true", help="look in installed packages that are imported, too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Look the query up and print what there is; returns the exit status."""
    from copilot_ls.cli.indexed import open_index

    root = Path(arguments.workspace).resolve()
    if not root.is_dir():
        print(
            f"copilot-ls symbols: {arguments.workspace!r} is not a folder; name the top of a project", file=sys.stderr
        )
        return 2
    index = open_index(root, "symbols", query_ms=_QUERY_MS)
    if index is None:
        return 1
    try:
        rows = [_row(hit, index, arguments) for hit in _found(index, arguments)]
        if arguments.packages:
            rows += [_plain(hit) | {"package": True} for hit in _installed(index, arguments)]
    finally:
        index.close()
    if arguments.json:
        print(json.dumps({"query": arguments.query, "symbols": rows}, indent=2))
    elif rows:
        print(render(rows))
    else:
        print(f"copilot-ls symbols: nothing in {root} is called {arguments.query!r}", file=sys.stderr)
    return 0 if rows else 1


def _found(index: WorkspaceIndex, arguments: argparse.Namespace) -> list[DefinitionHit]:
    chosen = []
    is_filtered = arguments.kind or arguments.language
    for hit in index.search_symbols(arguments.query, limit=arguments.limit * (_SPARE if is_filtered else 1)):
        file = index.file(hit.path)
        if arguments.kind not in {None, hit.kind}:
            continue
        if arguments.language is not None and (file is None or file.language != arguments.language):
            continue
        chosen.append(hit)
    ranks = {name: rank for rank, name in enumerate(dict.fromkeys(hit.name for hit in chosen))}
    return sorted(chosen, key=lambda hit: (ranks[hit.name], hit.path, hit.line))[: arguments.limit]


def _installed(index: WorkspaceIndex, arguments: argparse.Namespace) -> list[DefinitionHit]:
    container, _, name = arguments.query.rpartition(".")
    hits = index.dependencies.definitions([name], limit_each=arguments.limit * _SPARE).get(name, [])
    fitting = [hit for hit in hits if container in {"", hit.container} and arguments.kind in {None, hit.kind}]
    return fitting[: arguments.limit]


def _plain(hit: DefinitionHit) -> dict[str, Any]:
    return {
        "name": hit.name,
        "kind": hit.kind,
        "container": hit.container or None,
        "path": hit.path,
        "line": hit.line + 1,
        "end_line": max(hit.body_end, hit.line + 1),
        "signature": hit.signature,
    }


def _row(hit: DefinitionHit, index: WorkspaceIndex, arguments: argparse.Namespace) -> dict[str, Any]:
    file = index.file(hit.path)
    row = _plain(hit) | {"language": file.language if file is not None else None}
    if arguments.references:
        used = index.references([hit.name], limit_each=_MOST_USES, near=hit.path).get(hit.name, [])
        row["references"] = _uses(used)
    if arguments.callers:
        row["callers"] = _uses(index.callers(hit.name, limit=_MOST_USES, near=hit.path))
    if arguments.callees:
        row["callees"] = _uses(index.callees(hit.path, f"{hit.container}.{hit.name}" if hit.container else hit.name))
    if arguments.subtypes:
        derived = index.subtypes(hit.name, limit=_MOST_USES)
        row["subtypes"] = [{"name": each.name, "path": each.path, "line": each.line + 1} for each in derived]
    if arguments.supertypes:
        bases = index.supertypes(hit.name, hit.path)
        row["supertypes"] = [{"name": each.base, "path": each.path, "line": each.line + 1} for each in bases]
    return row


def _uses(hits: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {"name": hit.name, "kind": hit.kind, "path": hit.path, "line": hit.line + 1, "scope": hit.scope or None}
        for hit in hits
    ]


def render(rows: Sequence[dict[str, Any]]) -> str:
    """One line for each symbol, the lines of what was asked about it below."""
    places = [f"{row['path']}:{row['line']}" for row in rows]
    width = max(map(len, places))
    lines: list[str] = []
    for place, row in zip(places, rows, strict=True):
        name = f"{row['container']}.{row['name']}" if row["container"] else row["name"]
        signature = " ".join(row["signature"].split())[:_WIDEST_SIGNATURE]
        installed = "  (installed)" if row.get("package") else ""
        lines.append(f"{place:<{width}}  {row['kind']:<8}  {name}  │ {signature}{installed}")
        for relation in _RELATIONS:
            lines += [_related(relation, each) for each in row.get(relation, ())]
    return "\n".join(lines)


def _related(relation: str, each: dict[str, Any]) -> str:
    place = f"{each['path']}:{each['line']}"
    scope = f" in {each['scope']}" if each.get("scope") else ""
    said = {
        "references": f"{each.get('kind')} at {place}{scope}",
        "callers": f"called at {place}{scope}",
        "callees": f"calls {each['name']} at {place}",
        "subtypes": f"base of {each['name']} at {place}",
        "supertypes": f"extends {each['name']} at {place}",
    }
    return f"    {said[relation]}"


def _positive(word: str) -> int:
    import argparse

    if not word.isdigit() or not int(word):
        raise argparse.ArgumentTypeError(f"{word!r} is no number of symbols; give one from 1 on, such as 20")
    return int(word)
