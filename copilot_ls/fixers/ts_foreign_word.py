"""TypeScript and JavaScript: a word of another language in place of this one's: `bool`, `str`, `None`, `self`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.ts_globals import ECMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem

_MEANT = {
    "bool": "boolean", "Bool": "boolean", "str": "string", "char": "string", "int": "number", "float": "number",
    "double": "number", "long": "number", "Int": "number", "Float": "number", "f64": "number", "i32": "number",
    "uint": "number", "None": "null", "nil": "null", "NULL": "null", "nullptr": "null", "True": "true", "TRUE": "true",
    "False": "false", "FALSE": "false", "self": "this", "list": "Array", "List": "Array", "dict": "Record",
    "Dict": "Record",
    "Dictionary": "Record", "HashMap": "Map", "HashSet": "Set", "Any": "any", "Object": "object", "String": "string",
    "Number": "number", "Boolean": "boolean", "len": "length", "print": "console.log", "println": "console.log",
    "Exception": "Error", "ValueError": "Error", "undef": "undefined",
}  # fmt: skip
_BOXED = ("String", "Number", "Boolean", "Object")


def propose(problem: Problem) -> Iterator[Proposal]:
    """This language's word, in place of the reported one or of a boxed type's near the report."""
    reported = reported_name(problem)
    diagnostic = problem.diagnostic
    if reported is None or diagnostic is None:
        return
    name, span = reported
    meant = _MEANT.get(name)
    if meant is not None and name not in _BOXED:
        yield Proposal(
            RULE.name,
            f"Replace '{name}' with '{meant}'",
            (Replacement(span, meant),),
            0.96,
            f"'{name}' is another language's word for '{meant}'.",
        )
    # "Type 'String' is not assignable to type 'string'": the boxed type is written somewhere in the file.
    for boxed in _BOXED:
        if f"'{boxed}'" in diagnostic.message and "not assignable" in diagnostic.message:
            root = problem.tree.root
            for node in root.of_kind("type_identifier") if root is not None else ():
                if node.text == boxed:
                    yield Proposal(
                        RULE.name,
                        f"Write the type '{_MEANT[boxed]}' in line {node.line + 1}",
                        (Replacement(node.span, _MEANT[boxed]),),
                        0.8,
                        f"'{boxed}' is the type of objects around values, which are hardly ever meant.",
                    )


RULE = Rule(
    "ts_foreign_word",
    propose,
    languages=ECMA,
    codes=codes(
        "2304", "2552", "2693", "2503", "2749", "2322", "2345", "2663", "no-undef",
        "@typescript-eslint/no-wrapper-object-types",
    ),
    message=words(r"cannot find name", r"is not defined", r"is a type of objects?"),
)  # fmt: skip
