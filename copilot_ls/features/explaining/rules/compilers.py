"""Rules of the compilers of Go, Rust, C and C++, by code or wording. Sentences: ours."""

from __future__ import annotations

from copilot_ls.features.explaining.rules.rule import Rule

_BORROW = Rule(
    "The value is borrowed in two ways that exclude each other.",
    "A mutable borrow while another borrow is still in use.",
    "End the first borrow earlier, clone, or split the data.",
)
_MOVED = Rule(
    "The value was moved, and its old name has it no more.",
    "It was passed by value, or assigned to something else.",
    "Borrow it (`&`), or clone it before.",
)
_UNUSED = Rule("It is declared and not used.", "Code that used it was removed.", "Remove it, or name it `_`.")

BY_CODE = {
    "E0382": _MOVED,
    "E0499": _BORROW,
    "E0502": _BORROW,
    "E0505": _BORROW,
    "E0506": _BORROW,
    "E0308": Rule("The types do not fit.", "A missing `&`, `Some`, `Ok`, `?` or a conversion.", "Convert the value."),
    "E0425": Rule(
        "The name is not found in this scope.", "A typing slip, or a missing `use`.", "Import or correct it."
    ),
    "E0433": Rule("The path leads nowhere.", "A missing `use` or dependency.", "Import it, or add the crate."),
    "E0432": Rule("The import leads nowhere.", "A wrong path or a missing crate.", "Correct the path."),
    "E0277": Rule(
        "The type lacks a trait that is wanted here.", "A missing implementation.", "Implement or derive it."
    ),
    "E0599": Rule(
        "The type has no such method.", "A typing slip, or a trait not in scope.", "Correct it, or `use` the trait."
    ),
    "E0384": Rule("The variable is assigned twice and is not mutable.", "`mut` is missing.", "Declare it `let mut`."),
    "E0596": Rule("It is borrowed as mutable and is not.", "`mut` is missing.", "Declare it `mut`, or take `&mut`."),
    "E0106": Rule("A lifetime is missing.", "A reference in a type or return.", "Name the lifetime, or own the value."),
    "E0597": Rule(
        "The value does not live long enough.", "A reference outlives it.", "Move it further out, or own it."
    ),
    "E0004": Rule("The match leaves cases out.", "A new variant.", "Add the cases, or `_`."),
    "E0061": Rule("The number of arguments is wrong.", "The signature was changed.", "Give what it takes."),
    "unused_variables": _UNUSED,
    "unused_imports": _UNUSED,
    "unused_mut": Rule("`mut` is not needed.", "Nothing changes the variable.", "Remove it."),
    "dead_code": _UNUSED,
    "UnusedImport": _UNUSED,
    "UnusedVar": _UNUSED,
    "UndeclaredName": Rule("The name is not declared.", "A typing slip, or a missing import.", "Import or correct it."),
    "-Wunused-variable": _UNUSED,
    "-Wunused-parameter": _UNUSED,
    "-Wimplicit-function-declaration": Rule(
        "The function is called without having been declared.", "A header is missing.", "Include the header."
    ),
    "-Wreturn-type": Rule("A path returns nothing.", "A missing return.", "Return on every path."),
    "-Wformat": Rule("The format and the argument do not fit.", "A wrong conversion.", "Use the type's conversion."),
    "-Wmaybe-uninitialized": Rule("It may have no value.", "Assigned on some paths only.", "Initialise it."),
    "-Wsign-compare": Rule("Signed and unsigned are compared.", "A size and an int.", "Use one kind."),
}

BY_WORDING = (
    (r"declared and not used|imported and not used", _UNUSED),
    (r"^undefined: |undeclared (identifier|name)|use of undeclared", Rule(
        "The name is not declared where this place can see it.",
        "A typing slip, a missing import or header, or a name that is not exported.",
        "Correct the spelling, or import what declares it.",
    )),
    (r"missing return", Rule(
        "There is a path without a return.", "A branch that ends openly.", "Return on every path."
    )),
    (r"assignment mismatch", Rule(
        "The two sides have different numbers of values.",
        "A function that also returns an error.",
        "Take all values; name those that you do not need `_`.",
    )),
    (r"no new variables on left side of :=", Rule(
        "`:=` declares nothing new.", "The variables exist already.", "Use `=`."
    )),
    (r"cannot use .* as .* (value|type)|incompatible types", Rule(
        "The types do not fit.", "A missing conversion, or a pointer in place of a value.", "Convert it."
    )),
    (r"does not implement|missing method", Rule(
        "The type lacks a method of the interface.", "A method is missing or has a pointer receiver.", "Add it."
    )),
    (r"expected ['\"]?;|missing ';'|expected ['\"]?[)\]}]", Rule(
        "The parser wants another sign here.", "It is missing here or on a line above.", "Add it."
    )),
)  # fmt: skip
