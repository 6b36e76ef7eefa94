"""cargo check: in a shadow of the workspace, with a build folder of its own, offline.

Lines and columns count from one, columns in code points; ends are exclusive. What rustc suggests stands at the end of
the message, in its own words and with the text it would insert.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from copilot_ls.checking.reading import UnreadableOutputError, severity_of, span_of
from copilot_ls.checking.shadow import root_of
from copilot_ls.checking.tool import Tool
from copilot_ls.diagnostic import Diagnostic, RelatedPlace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_ls.checking.runner import Ran
    from copilot_ls.checking.tool import Site


def _command(site: Site) -> Sequence[str]:
    manifest = next(
        (path for folder in site.path.parents if (path := folder / "Cargo.toml").is_file()), site.root / "Cargo.toml"
    )
    # A lock file that is there is a link to the workspace's.
    locked = ("--locked",) if any((folder / "Cargo.lock").exists() for folder in site.path.parents) else ()
    return (
        site.executable, "check", "--message-format=json", "--offline", *locked, "--all-targets", "--quiet",
        "--manifest-path", str(manifest),
    )  # fmt: skip


def _environment(site: Site) -> Mapping[str, str]:
    return {"CARGO_TARGET_DIR": str(site.scratch / "target"), "CARGO_INCREMENTAL": "0"}


def _read(ran: Ran, site: Site) -> list[Diagnostic]:
    path = os.path.realpath(site.path)
    found: dict[Diagnostic, None] = {}
    n_messages = 0
    for line in ran.stdout.splitlines():
        if not line.startswith(b"{"):
            continue  # what build scripts print
        entry = json.loads(line)
        if entry.get("reason") != "compiler-message":
            continue
        n_messages += 1
        message = entry["message"]
        folder = os.path.dirname(entry["manifest_path"])  # noqa: PTH120 - a text of theirs
        for span in message["spans"]:
            if span["is_primary"] and path in _possible_paths(span["file_name"], folder, site):
                # Once for each target that has the file: a library is checked as such and with its tests.
                found[_diagnostic(message, span, site)] = None
                break
    if ran.status and not n_messages:
        raise UnreadableOutputError("could not check the package")
    return list(found)


def _possible_paths(name: str, folder: str, site: Site) -> Iterator[str]:
    """Paths are relative to the package, or to the workspace that it is in."""
    yield os.path.realpath(os.path.join(folder, name))  # noqa: PTH118 - texts of theirs
    yield os.path.realpath(site.root / name)


def _diagnostic(message: dict[str, Any], span: dict[str, Any], site: Site) -> Diagnostic:
    words = [str(message["message"])]
    if span.get("label"):
        words.append(str(span["label"]))
    words += [_advice(child) for child in message["children"]]
    related = tuple(
        RelatedPlace(str(root_of(site.draft) / other["file_name"]), int(other["line_start"]) - 1, str(other["label"]))
        for other in message["spans"]
        if not other["is_primary"] and other.get("label")
    )
    code = message.get("code") or {}
    return Diagnostic(
        span_of(
            site.text,
            (span["line_start"] - 1, span["column_start"] - 1),
            (span["line_end"] - 1, span["column_end"] - 1),
        ),
        "\n".join(words),
        "rustc",
        str(code.get("code") or ""),
        severity_of(str(message["level"])),
        related,
    )


def _advice(child: dict[str, Any]) -> str:
    inserted = [span["suggested_replacement"] for span in child["spans"] if span.get("suggested_replacement")]
    text = f"{child['level']}: {child['message']}"
    return f"{text}: `{inserted[0].strip()}`" if len(inserted) == 1 else text


TOOL = Tool(
    name="cargo",
    executables=("cargo",),
    languages=frozenset({"rust"}),
    configured_by=("Cargo.toml",),
    delivery="shadow",
    command=_command,
    read=_read,
    statuses=frozenset({0, 101}),
    environment=_environment,
)
