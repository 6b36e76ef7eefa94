"""Which names the open file has from elsewhere, and from where.

By regular expressions, for any language that says so in a line.

Pure; called by `definitions`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Import(NamedTuple):
    """A name that the open file has from elsewhere.

    `local` is the name in this file, `name` its name where it is defined (empty for a whole module), `module` says from
    where.

    `module` is normalised to a path without ending: `pkg/sub/mod`; leading `./` and `../` are dropped.
    """

    local: str
    name: str
    module: str


_PYTHON_FROM = re.compile(r"^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(?:\(([^)]{0,4000})\)|([^\n]*))", re.MULTILINE)
_PYTHON_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n#;]+)", re.MULTILINE)
_WEB = re.compile(
    r"""^[ \t]*(?:import|export)[ \t]+(?:type[ \t]+)?"""
    r"""(?P<what>[^;'"]{0,2000}?)[ \t\n]*from[ \t]*['"](?P<module>[^'"\n]+)['"]""",
    re.MULTILINE,
)
_WEB_REQUIRE = re.compile(
    r"""^[ \t]*(?:const|let|var)[ \t]+(?P<what>[^=\n]+)=[ \t]*require\([ \t]*['"](?P<module>[^'"\n]+)['"]""",
    re.MULTILINE,
)
_DOTTED = re.compile(r"^[ \t]*(?:import|using)[ \t]+(?:static[ \t]+)?([\w.]+)\.(\w+|\*)[ \t]*;?[ \t]*$", re.MULTILINE)
_GO = re.compile(r'^[ \t]*(?:import[ \t]+)?(?:([\w.]+)[ \t]+)?"([\w./~-]+)"[ \t]*$', re.MULTILINE)
_RUST = re.compile(r"^[ \t]*(?:pub[ \t]+)?use[ \t]+([^;]+);", re.MULTILINE)
_PHP = re.compile(r"^[ \t]*use[ \t]+\\?([\w\\]+)\\(\w+)(?:[ \t]+as[ \t]+(\w+))?[ \t]*;", re.MULTILINE)
_AS = re.compile(r"^(?:type[ \t]+)?([\w$.*]+)(?:\s+as\s+([\w$]+)|\s*:\s*([\w$]+))?$")
_MOST = 400
# Imports stand near the top; a file that hides some far below does without.
_LONGEST_TEXT = 200_000


# Several sources ask about the same text.
@lru_cache(2)
def find_imports(text: str, family: str) -> tuple[Import, ...]:
    """The imports of a text, at most some hundreds."""
    find = _FINDERS.get(family)
    return tuple(find(text[:_LONGEST_TEXT])[:_MOST]) if find is not None else ()


def _python(text: str) -> list[Import]:
    found = []
    for match in _PYTHON_FROM.finditer(text):
        module = match[1].lstrip(".").replace(".", "/")
        for name, local in _names(re.sub(r"#[^\n]*", "", match[2] or match[3] or "")):
            if name != "*":
                found.append(Import(local, name, module))
    for match in _PYTHON_IMPORT.finditer(text):
        for name, local in _names(match[1]):
            module = name.replace(".", "/")
            found.append(Import(local if local != name else name.rpartition(".")[2], "", module))
    return found


def _web(text: str) -> list[Import]:
    found = []
    for pattern in (_WEB, _WEB_REQUIRE):
        for match in pattern.finditer(text):
            module = re.sub(r"^(?:\.{1,2}/)+|^[@~]/|\.[mc]?[jt]sx?$", "", match["module"])
            default, brace, named = match["what"].partition("{")
            for name, local in _names(named.partition("}")[0] if brace else ""):
                found.append(Import(local, name, module))
            for name, local in _names(default):
                found.append(Import(local, "" if name == "*" else name, module))
    return found


def _dotted(text: str) -> list[Import]:
    return [
        Import(match[2], match[2], f"{match[1]}.{match[2]}".replace(".", "/"))
        for match in _DOTTED.finditer(text)
        if match[2] != "*"
    ]


def _go(text: str) -> list[Import]:
    return [
        Import(match[1] or match[2].rpartition("/")[2], "", match[2])
        for match in _GO.finditer(text[: text.find("\nfunc ")] if "\nfunc " in text else text)
    ]


def _rust(text: str) -> list[Import]:
    found = []
    for match in _RUST.finditer(text):
        head, _, group = match[1].partition("{")
        module = head.strip().removesuffix("::").replace("crate::", "").replace("super::", "").replace("self::", "")
        if group:
            found += [
                Import(local, name, module.replace("::", "/"))
                for name, local in _names(group.replace("}", "").replace("{", ","))
            ]
        else:
            module, _, name = module.rpartition("::")
            found += [Import(local, each, module.replace("::", "/")) for each, local in _names(name)]
    return found


def _php(text: str) -> list[Import]:
    return [Import(m[3] or m[2], m[2], f"{m[1]}/{m[2]}".replace("\\", "/")) for m in _PHP.finditer(text)]


def _names(text: str) -> list[tuple[str, str]]:
    """`a, b as c` as pairs of original and local name."""
    pairs = []
    for part in text.split(","):
        match = _AS.match(part.strip())
        if match:
            pairs.append((match[1], match[2] or match[3] or match[1]))
    return pairs


_FINDERS = {
    "python": _python, "web": _web, "jvm": _dotted, "csharp": _dotted, "go": _go, "rust": _rust, "php": _php,
}  # fmt: skip
