"""Makes importing lsprotocol cheap: each of its 554 attrs classes is built when it is first used, not at import.

attrs writes and compiles an `__init__`, `__eq__` and `__repr__` for every class at import, which is two thirds of the
start-up time of a pygls server; a session uses a tenth of the classes. While `lsprotocol.types` is imported,
`attrs.define` is replaced by one that leaves two stubs on the class, and the first instance or the first look at its
fields builds it. The classes are then built without slots, because slots would need a new class object, and the old one
is referred to by then.

This leans on `attrs.define` being how lsprotocol decorates, on `__attrs_attrs__` being how attrs knows its own, and on
`lsprotocol._hooks._resolved_forward_references`; the versions are pinned, `tests/lsp/test_lazy_types.py` compares all
classes with eagerly built ones, and when anything is not as expected the ordinary import takes place.

`install()` must run before the first import of lsprotocol or pygls; `copilot_ls.lsp.server` calls it.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from typing import Any

_FIELDS = "__attrs_attrs__"
_building = threading.RLock()


class _FieldsOnDemand:
    """Stands in for the fields of a class that is not built yet."""

    def __get__(self, instance: object, owner: type) -> Any:  # noqa: ANN401 - attrs' own tuple type is private
        _build(owner)
        return getattr(owner, _FIELDS)


_on_demand = _FieldsOnDemand()


def install() -> bool:
    """Import `lsprotocol.types` with classes that are built on demand; False when the ordinary import was made."""
    if "lsprotocol.types" in sys.modules:
        return False
    import attrs

    define = attrs.define
    attrs.define = _define_later  # type: ignore[assignment]
    try:
        import_module("lsprotocol.types")
    finally:
        attrs.define = define
    import lsprotocol._hooks as hooks

    if not hasattr(hooks, "_resolved_forward_references"):
        return False
    # Resolving all references at once would build all classes; `_build` resolves those of one.
    hooks._resolved_forward_references = True  # noqa: SLF001 - see the module's docstring
    return True


def _define_later(maybe_class: type | None = None, **options: Any) -> Any:  # noqa: ANN401 - attrs.define's own type
    if maybe_class is None or options or "__init__" in vars(maybe_class):
        from attr._next_gen import define

        return define(maybe_class, **options)  # type: ignore[no-untyped-call]
    cls: Any = maybe_class

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401, N807 - the stub of a constructor
        _build(cls)
        cls.__init__(self, *args, **kwargs)

    cls.__init__ = __init__
    setattr(cls, _FIELDS, _on_demand)
    return cls


def _build(cls: Any) -> None:  # noqa: ANN401 - any attrs class
    import attrs
    import lsprotocol.types

    with _building:
        if vars(cls).get(_FIELDS) is not _on_demand:
            return
        delattr(cls, _FIELDS)
        del cls.__init__
        attrs.define(cls, slots=False)
        attrs.resolve_types(cls, lsprotocol.types.ALL_TYPES_MAP, {})
