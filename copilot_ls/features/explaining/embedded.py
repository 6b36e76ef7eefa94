"""The explanation that needs no model: what a function, a type or a name is, as syntax and index tell it.

Says where each statement comes from, and marks what is inferred. Leaves finding out to `syntax.routines` and `facts`;
pure. Called by `explainer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.features.explaining.facts import last_name
from copilot_ls.features.explaining.page import code, fence, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_ls.features.explaining.facts import Declared, Facts
    from copilot_ls.features.explaining.page import Page
    from copilot_ls.index.hits import DefinitionHit, ReferenceHit
    from copilot_ls.syntax.routines import Place, Routine

_MOST_LISTED = 8
# Above these, a function is hard to test and to hold in mind: McCabe's own bound, and common linters' default.
_MANY_WAYS = 10
_FIELDS = frozenset({"attribute", "variable", "constant"})
_NO_PARAMETERS = frozenset({"self", "cls", "&self", "&mut self", "self: Self", "mut self", "void", "*", "/"})


def write_routine(page: Page, routine: Routine, facts: Facts | None, *, path: str, language: str, owner: str) -> None:
    """The sections about a function. `facts` is None where there is no index; `owner` is the type around it."""
    start, end = routine.scope.span.start.line, routine.scope.span.end.line + 1
    name = routine.scope.name or "this function"
    what = f"a method of {code(owner)}" if owner else "a function"
    page.add(f"## {code(name)}: {what}, {page.place(path, start, end)}")
    page.add(fence(routine.header, language))
    if routine.documentation:
        page.add(quoted(routine.documentation.partition("\n\n")[0]))
    page.bullets((*_what_it_does(routine), _complexity(routine, end - start)))
    if facts is not None:
        _write_relations(page, name, facts)


def _what_it_does(routine: Routine) -> Iterable[str]:
    parameters = [place.text for place in routine.parameters if place.text not in _NO_PARAMETERS]
    yield f"**Takes** {listed(map(code, parameters), 12)}" if parameters else "**Takes** nothing"
    if routine.n_yields:
        yield "**Gives** values one by one (it yields)"
    values = [place for place in routine.returns if place.text]
    if values:
        bare = " or nothing" if len(values) < len(routine.returns) else ""
        yield f"**Returns** {_at(values)}{bare}"
    elif not routine.n_yields:
        yield "**Returns** nothing" + (" (it ends early in places)" if routine.returns else "")
    if routine.raises:
        again = "what it caught"
        yield "**Raises or passes on** " + _at(routine.raises, again)
    if routine.catches:
        yield "**Handles** " + _at(routine.catches, "anything")
    if routine.reads:
        yield f"**Reads** {listed((code(place.text) for place in routine.reads), _MOST_LISTED)}"
    if routine.writes:
        yield f"**Writes** {_at(routine.writes)}"
    elif not routine.calls:
        yield "**Changes** nothing outside of itself, as far as its syntax tells"
    if routine.n_awaits:
        yield "**Waits** for others, or lets them run beside it"


def _at(places: Sequence[Place], empty: str = "nothing") -> str:
    """Pieces of code with their lines, each once."""
    lines: dict[str, list[int]] = {}
    for place in places:
        lines.setdefault(place.text, []).append(place.line + 1)
    said = [
        f"{code(text) if text else empty} (line{'s' if len(at) > 1 else ''} {', '.join(map(str, at[:4]))})"
        for text, at in lines.items()
    ]
    return listed(said, _MOST_LISTED)


def _write_relations(page: Page, name: str, facts: Facts) -> None:
    if facts.callees:
        page.add("**Calls**")
        page.bullets(_declared(page, facts.callees))
    if facts.callers:
        others = _counted(facts.n_namesakes, "other declaration")
        unsure = (
            f", by name, which {others} share{'s' if facts.n_namesakes == 1 else ''} (inferred)"
            if facts.n_namesakes
            else ""
        )
        page.add(f"**Called by**{unsure}")
        page.bullets(_used(page, facts.callers))
    else:
        also = "tests call it" if facts.tests else "neither do tests call it"
        page.add(f"**Called by** nothing that the index knows; {also}. Names put together at run time are not seen.")
    if facts.overrides:
        page.add("**Overrides**")
        page.bullets(_places(page, facts.overrides))
    if facts.overridden_by:
        page.add("**Overridden by**")
        page.bullets(_places(page, facts.overridden_by))
    if facts.tests:
        page.add("**Tests that call it**")
        page.bullets(_used(page, facts.tests))
    else:
        page.add(f"**Tests**: none that call {code(last_name(name) or name)} by name")


def _declared(page: Page, callees: Sequence[Declared]) -> Iterable[str]:
    for each in callees[:_MOST_LISTED]:
        hit = each.declaration
        where = (
            f"the installed package, {code(hit.path)}" if each.is_installed else page.place(hit.path, hit.line, hit.end)
        )
        inferred = "" if each.is_certain else " (inferred)"
        yield f"{code(each.name)} in line {each.line + 1}: {code(_signature(hit))}, {where}{inferred}"
    if len(callees) > _MOST_LISTED:
        yield f"and {len(callees) - _MOST_LISTED} more"


def _used(page: Page, hits: Sequence[ReferenceHit]) -> Iterable[str]:
    for hit in hits[:_MOST_LISTED]:
        yield f"{code(hit.scope) if hit.scope else 'the top of the file'}, {page.place(hit.path, hit.line)}"
    if len(hits) > _MOST_LISTED:
        yield f"and {len(hits) - _MOST_LISTED} more"


def _places(page: Page, hits: Sequence[DefinitionHit]) -> Iterable[str]:
    for hit in hits[:_MOST_LISTED]:
        yield f"{code(f'{hit.container}.{hit.name}')}, {page.place(hit.path, hit.line, hit.end)}"


def _complexity(routine: Routine, n_lines: int) -> str:
    ways = routine.n_ways
    note = "; above 10 it is hard to test and to hold in mind" if ways > _MANY_WAYS else ""
    counts = [_counted(n_lines, "line"), f"{_counted(ways, 'way')} through it (McCabe)"]
    counts += [_counted(routine.n_loops, "loop")] if routine.n_loops else []
    return f"**Complexity**: {', '.join(counts)}{note}"


def _signature(hit: DefinitionHit) -> str:
    # A declaration whose body stands on the same line is shown without it.
    signature = hit.signature.partition(" {")[0] if hit.signature.endswith("}") else hit.signature
    return signature.rstrip(" :{") or hit.name


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def write_type(
    page: Page, declared: DefinitionHit, members: Sequence[DefinitionHit], facts: Facts, *, language: str, says: str
) -> None:
    """The sections about a class, an interface or another type. `says` is its documentation."""
    page.add(
        f"## {code(declared.name)}: {declared.kind}, {page.place(declared.path, declared.line, declared.body_end)}"
    )
    page.add(fence(_signature(declared), language))
    if says:
        page.add(quoted(says.partition("\n\n")[0]))
    if facts.bases:
        page.add(f"**Derived from** {listed(map(code, facts.bases), _MOST_LISTED)}")
    fields = [hit for hit in members if hit.kind in _FIELDS]
    if fields:
        page.add(f"**Fields** {listed((code(hit.name) for hit in fields), 3 * _MOST_LISTED)}")
    methods = [hit for hit in members if hit.kind not in _FIELDS]
    if methods:
        page.add("**Members**")
        shown = [f"{code(_signature(hit))} (line {hit.line + 1})" for hit in methods[: 3 * _MOST_LISTED]]
        rest = len(methods) - len(shown)
        page.bullets([*shown, *([f"and {rest} more"] if rest > 0 else [])])
    if facts.subtypes:
        page.add("**Types derived from it** (by name)")
        page.bullets(f"{code(name)}, {page.place(path, line)}" for name, path, line in facts.subtypes[:_MOST_LISTED])
    if facts.callers:
        page.add("**Made or called by**")
        page.bullets(_used(page, facts.callers))
    if facts.tests:
        page.add("**Tests that use it**")
        page.bullets(_used(page, facts.tests))


def write_name(page: Page, each: Declared, used: Sequence[ReferenceHit], *, language: str) -> None:
    """The sections about a name at the cursor that is declared elsewhere."""
    hit = each.declaration
    where = f"the installed package, {code(hit.path)}" if each.is_installed else page.place(hit.path, hit.line, hit.end)
    inferred = "" if each.is_certain else " (inferred: others have the same name)"
    owner = f" of {code(hit.container)}" if hit.container else ""
    page.add(f"## {code(each.name)}: {hit.kind}{owner}, {where}{inferred}")
    page.add(fence(_signature(hit), language))
    if used:
        page.add("**Used by**")
        page.bullets(_used(page, used))


def write_file(page: Page, path: str, declared: Sequence[DefinitionHit], imports: Sequence[str]) -> None:
    """What there is to say of a place outside of any declaration: what the file holds."""
    page.add(f"## {page.place(path, 0)}")
    page.add(f"The place lies outside of any function. The file declares {len(declared)} things at its top level.")
    page.bullets(f"{code(_signature(hit))} (line {hit.line + 1})" for hit in declared[: 3 * _MOST_LISTED])
    if imports:
        page.add(f"**Imports** {listed(map(code, imports), 3 * _MOST_LISTED)}")
