"""The manifest of the VS Code extension with the server's settings in it: `python -m tests.vscode_manifest` prints it.

Everything else in `editors/vscode/package.json` is written by hand and kept. What a workspace may set in VS Code follows
from what a project file may: keys that wait for trust can be set by the user alone (VS Code's scope `machine`), and those
that may only be tightened count in workspaces that VS Code trusts. Called by `tests/generated.py`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from copilot_ls import __version__
from copilot_ls.config.keys import Key, sections
from copilot_ls.config.reference import schema

MANIFEST = Path(__file__).parents[1] / "editors" / "vscode" / "package.json"
_OWN = "The extension"
_TITLES = {
    "completion": "Suggestions", "context": "Context", "index": "Index", "telemetry": "Statistics", "cache": "Cache",
    "log": "Log", "backend": "Backends", "route": "Routes", "spend": "Spending", "redaction": "Redaction", "fix": "Fixes",
}  # fmt: skip
_WIDTH = 140
_RESTRICTED = "Until the workspace is trusted, its settings of copilot-ls that are not harmless do not count."


def manifest() -> str:
    """The whole file."""
    found = json.loads(MANIFEST.read_text("utf-8"))
    described = json.loads(schema())["properties"]
    found["version"] = __version__
    contributes = found["contributes"]
    own = [group for group in contributes["configuration"] if group["title"] == _OWN]
    groups = [_group(section, keys, described[section]) for section, keys in sections().items()]
    contributes["configuration"] = [*own, *groups]
    found["capabilities"]["untrustedWorkspaces"]["description"] = _RESTRICTED
    found["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = [
        f"copilot-ls.{section}.{key.name}"
        for section, keys in sections().items()
        for key in keys.values()
        if section not in ("backend", "route") and key.project == "tighten"
    ]
    return _laid_out(found, 0) + "\n"


def _group(section: str, keys: dict[str, Key], described: dict[str, Any]) -> dict[str, Any]:
    title = _TITLES.get(section, section.capitalize())
    if section == "backend":
        # One table by name: which backends there are is the user's own affair.
        return {"title": title, "properties": {"copilot-ls.backend": _property(described, "machine") | {"default": {}}}}
    properties = {
        f"copilot-ls.{section}.{key.name}": _property(described["properties"][key.name], _scope(section, key))
        for key in keys.values()
        if key.project != "user"  # what counts in the user's own file alone
    }
    return {"title": title, "properties": properties}


def _scope(section: str, key: Key) -> str:
    # What a route may name, a project file is asked step by step; VS Code has no such question.
    return "machine" if key.project == "trusted" or section == "route" else "window"


def _property(described: dict[str, Any], scope: str) -> dict[str, Any]:
    found = dict(described)
    found["markdownDescription"] = found.pop("description", "")
    found.setdefault("default", None)
    return found | {"scope": scope}


def _laid_out(value: object, depth: int) -> str:
    """JSON, a value in one line where it fits."""
    line = json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict) and value:
        line = "{ " + ", ".join(f"{json.dumps(key)}: {_laid_out(each, 0)}" for key, each in value.items()) + " }"
    nested = isinstance(value, dict) and depth < 3
    if (
        not isinstance(value, dict | list)
        or not value
        or (not nested and "\n" not in line and len(line) < _WIDTH - 2 * depth)
    ):
        return line
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        body = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_laid_out(each, depth + 1)}" for key, each in value.items()
        ]
        return "{\n" + ",\n".join(body) + f"\n{outer}}}"
    return "[\n" + ",\n".join(inner + _laid_out(each, depth + 1) for each in value) + f"\n{outer}]"


if __name__ == "__main__":
    sys.stdout.write(manifest())
