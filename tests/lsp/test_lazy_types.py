"""Classes built on demand are the classes that lsprotocol defines."""

from __future__ import annotations

import subprocess
import sys

DESCRIBE = """
import sys
if sys.argv[1] == "lazy":
    from copilot_ls.lsp import _lazy_types
    assert _lazy_types.install()
import attrs, cattrs, json, re
from lsprotocol import converters, types
converter = converters.get_converter()
described = {}
for name, cls in sorted(vars(types).items()):
    if isinstance(cls, type) and attrs.has(cls):
        described[name] = [
            [f.name, repr(f.type), repr(f.default), repr(f.validator), f.kw_only, f.init, f.eq, f.alias] for f in attrs.fields(cls)
        ] + [sorted(k for k in ("__eq__", "__repr__", "__hash__", "__init__") if k in vars(cls)), repr(cls.__hash__), cls.__doc__]
samples = {
    "position": types.Position(1, 2) < types.Position(1, 3),
    "equal": types.Range(types.Position(0, 0), types.Position(0, 1)) == types.Range(types.Position(0, 0), types.Position(0, 1)),
    "wire": converter.unstructure(types.InlineCompletionItem(insert_text="x", range=types.Range(types.Position(0, 0), types.Position(0, 1)))),
    "back": repr(converter.structure({"insertText": "x"}, types.InlineCompletionItem)),
}
try:
    types.Position(line="one", character=2)
    samples["validated"] = False
except (TypeError, ValueError):
    samples["validated"] = True
print(re.sub("0x[0-9a-f]+", "0x", json.dumps([described, samples], sort_keys=True)))
"""


def described(mode: str) -> str:
    return subprocess.run([sys.executable, "-c", DESCRIBE, mode], check=True, capture_output=True, text=True).stdout


def test_every_class_is_as_it_is_when_built_at_import() -> None:
    lazy = described("lazy")
    assert len(lazy) > 100_000
    assert lazy == described("eager")


def test_install_is_refused_once_lsprotocol_is_there() -> None:
    program = (
        "import lsprotocol.types, attrs; from copilot_ls.lsp import _lazy_types; define = attrs.define;"
        "assert not _lazy_types.install(); assert attrs.define is define"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_attrs_is_as_before_after_the_import() -> None:
    program = (
        "import attrs; define = attrs.define; from copilot_ls.lsp import _lazy_types;"
        "assert _lazy_types.install(); assert attrs.define is define"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
