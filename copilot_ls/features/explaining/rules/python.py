"""Rules of Pyright, mypy, Ruff and Flake8. Names: their documentation; sentences: ours."""

from __future__ import annotations

from copilot_ls.features.explaining.rules.rule import Rule

_UNDEFINED = Rule(
    "The name is not bound anywhere that this place can see.",
    "A typing slip, an import that is missing, or a definition that was renamed or moved.",
    "Correct the spelling, or import or define the name before it is used.",
)
_UNRESOLVED_IMPORT = Rule(
    "The module that is imported cannot be found.",
    "The package is not installed in the environment that the checker uses, or the path or spelling is wrong.",
    "Install the package, choose the right environment, or correct the module's name.",
)
_ATTRIBUTE = Rule(
    "The type of the object, as far as it is known, has no such attribute.",
    "A typing slip, an attribute that was renamed, or a value whose declared type is wider than the real one.",
    "Correct the name, or narrow the type first with isinstance() or an annotation.",
)
_OPTIONAL = Rule(
    "The value may be None here, and None has nothing of the kind.",
    "A function that returns None when it finds nothing (`dict.get`, `re.match`), or a default of None.",
    "Test for None first, or use something that raises instead of returning None.",
)
_ARGUMENT_TYPE = Rule(
    "The argument's type does not fit the parameter's.",
    "An argument in the wrong place, a value that may be None, or a container that is invariant (`list[int]` is no "
    "`list[float]`).",
    "Convert or narrow the value, or widen the parameter (`Sequence`, `Mapping`, `| None`).",
)
_CALL = Rule(
    "The call does not fit the signature of what is called.",
    "An argument is missing, surplus or misspelt, often after the signature was changed.",
    "Compare the call with the declaration, and give exactly what it takes.",
)
_RETURN = Rule(
    "What is returned does not fit the declared return type.",
    "A path that returns None or another type, or an annotation that has not kept up with the code.",
    "Return the declared type on every path, or change the annotation.",
)
_ASSIGNMENT = Rule(
    "The value's type does not fit that of the variable or attribute.",
    "A variable that is used for two kinds of things, or was declared too narrowly.",
    "Use a variable of its own, or widen the declaration.",
)
_UNUSED_IMPORT = Rule(
    "The imported name is used nowhere in this file.",
    "Code that used it was removed.",
    "Remove it; where it is exported on purpose, list it in `__all__` or import it `as` itself.",
)
_UNUSED_VARIABLE = Rule(
    "The variable is assigned and never read.",
    "A leftover, or a misspelt use further down.",
    "Remove the assignment, keep only its right side where that has effects, or name it `_`.",
)
_UNBOUND = Rule(
    "There is a path on which the name has no value yet.",
    "It is assigned under `if`, in a loop that may not run, or in `try`.",
    "Assign it before, or in every branch.",
)
_OPERATOR = Rule(
    "The operator is not defined for these types.",
    "Mixing text and numbers, or one side may be None.",
    "Convert one side, or test for None first.",
)
_INDEX = Rule(
    "The object cannot be indexed in this way.",
    "It may be None, is an iterator, or the key's type is wrong.",
    "Narrow the type, or make a list or mapping of it first.",
)
_SYNTAX = Rule(
    "Python cannot read the file here.",
    "A bracket, quote, colon or comma that is missing, often on a line above.",
    "Look at the last line that is surely right, and close what it opened.",
)
_MUTABLE_DEFAULT = Rule(
    "The default is made once, when the function is defined, and shared by all calls.",
    "A list, dictionary or set as the default of a parameter.",
    "Make the default None, and make a new one within the function.",
)

BY_CODE = {
    # Pyright, whose rules Basedpyright and Pylance share
    "reportUndefinedVariable": _UNDEFINED,
    "reportMissingImports": _UNRESOLVED_IMPORT,
    "reportMissingModuleSource": Rule(
        "There are type stubs for the module, but the module itself is not installed.",
        "The package is missing in this environment, though its stubs are bundled with the checker.",
        "Install the package in the environment that runs the code.",
    ),
    "reportMissingTypeStubs": Rule(
        "The package says nothing about its types.",
        "It has neither annotations of its own nor stubs.",
        "Install stubs (`types-…`), or treat its values as Any.",
    ),
    "reportAttributeAccessIssue": _ATTRIBUTE,
    "reportOptionalMemberAccess": _OPTIONAL,
    "reportOptionalSubscript": _OPTIONAL,
    "reportOptionalIterable": _OPTIONAL,
    "reportOptionalCall": _OPTIONAL,
    "reportOptionalOperand": _OPTIONAL,
    "reportOptionalContextManager": _OPTIONAL,
    "reportArgumentType": _ARGUMENT_TYPE,
    "reportCallIssue": _CALL,
    "reportReturnType": _RETURN,
    "reportAssignmentType": _ASSIGNMENT,
    "reportOperatorIssue": _OPERATOR,
    "reportIndexIssue": _INDEX,
    "reportPossiblyUnbound": _UNBOUND,
    "reportPossiblyUnboundVariable": _UNBOUND,
    "reportUnboundVariable": _UNBOUND,
    "reportUnusedImport": _UNUSED_IMPORT,
    "reportUnusedVariable": _UNUSED_VARIABLE,
    "reportUnusedExpression": Rule(
        "The value is worked out and thrown away.",
        "A call without its parentheses, `==` in place of `=`, or a leftover.",
        "Call it, assign it, or remove it.",
    ),
    "reportUnusedCoroutine": Rule(
        "The coroutine is made and never run.",
        "`await` is missing before the call.",
        "Await it, or hand it to a task.",
    ),
    "reportSelfClsParameterName": Rule(
        "The first parameter of a method stands for the object and has a customary name.",
        "`self` or `cls` is missing, or the function was meant to be static.",
        "Add `self` (`cls` in a class method), or mark it @staticmethod.",
    ),
    "reportIncompatibleMethodOverride": Rule(
        "The method cannot be called in all ways that the one it overrides can.",
        "A parameter has another name, type or place than in the base class.",
        "Make the signature the same, or one that takes more.",
    ),
    "reportIncompatibleVariableOverride": Rule(
        "The attribute has another type than the base class promises.",
        "A narrower or different declaration in the derived class.",
        "Use the base's type, or declare it there more widely.",
    ),
    "reportAbstractUsage": Rule(
        "A class with abstract methods cannot be made.",
        "A derived class leaves one of them out.",
        "Define the abstract methods that are named.",
    ),
    "reportGeneralTypeIssues": Rule(
        "The types do not fit together.",
        "Many causes; the message names the types.",
        "Follow the first type in the message to where it comes from.",
    ),
    "reportTypedDictNotRequiredAccess": Rule(
        "The key need not be there.",
        "It is declared NotRequired, or the dictionary is not total.",
        "Use `.get()`, or test with `in` first.",
    ),
    "reportRedeclaration": Rule(
        "The name is defined a second time, and the first definition is hidden.",
        "A copied function or class whose name was not changed.",
        "Rename or remove one of them.",
    ),
    "reportInvalidStringEscapeSequence": Rule(
        "The backslash begins no escape that Python knows.",
        "A regular expression or a Windows path in an ordinary string.",
        "Make it a raw string (r'…'), or double the backslash.",
    ),
    # mypy
    "name-defined": _UNDEFINED,
    "attr-defined": _ATTRIBUTE,
    "union-attr": _OPTIONAL,
    "arg-type": _ARGUMENT_TYPE,
    "call-arg": _CALL,
    "call-overload": _CALL,
    "return-value": _RETURN,
    "return": Rule(
        "There is a path through the function that returns nothing.",
        "A branch, loop or handler without a return.",
        "Return or raise on every path.",
    ),
    "assignment": _ASSIGNMENT,
    "operator": _OPERATOR,
    "index": _INDEX,
    "import-not-found": _UNRESOLVED_IMPORT,
    "import-untyped": Rule(
        "The package says nothing about its types.",
        "It is installed without a py.typed marker or stubs.",
        "Install stubs (`types-…`), or ignore it in the configuration.",
    ),
    "override": Rule(
        "The method cannot be called in all ways that the one it overrides can.",
        "A parameter or the return type is narrower than in the base class.",
        "Make the signature the same, or one that takes more.",
    ),
    "no-untyped-def": Rule(
        "The function lacks annotations.",
        "The configuration wants every function to be annotated.",
        "Annotate the parameters and what is returned.",
    ),
    "var-annotated": Rule(
        "The type of the variable cannot be told from its value.",
        "An empty container.",
        "Annotate it: `items: list[str] = []`.",
    ),
    "unused-ignore": Rule(
        "The comment silences nothing.",
        "What it silenced was mended, or another rule's name is in it.",
        "Remove it.",
    ),
    # Ruff, Flake8, Pylint's names in Ruff
    "F401": _UNUSED_IMPORT,
    "F811": Rule(
        "The name is defined a second time before the first definition was used.",
        "A copied function or a double import.",
        "Rename or remove one of them.",
    ),
    "F821": _UNDEFINED,
    "F822": Rule(
        "`__all__` lists a name that the module does not have.",
        "The definition was renamed or removed.",
        "Correct the list.",
    ),
    "F841": _UNUSED_VARIABLE,
    "F541": Rule(
        "The f-string has no placeholders.",
        "A leftover `f`, or braces that were forgotten.",
        "Remove the `f`, or put the expression in braces.",
    ),
    "F632": Rule(
        "`is` compares identity, and literals have none to rely on.",
        "`is` in place of `==`.",
        "Use `==`.",
    ),
    "F706": Rule("`return` stands outside of a function.", "Wrong indentation.", "Indent it, or remove it."),
    "F823": Rule(
        "The local variable is read before it is assigned.",
        "An assignment further down makes the name local to the function.",
        "Assign it first, or declare it `global` or `nonlocal`.",
    ),
    "E711": Rule(
        "None is compared with `==`.",
        "`==` may be redefined; None is a single object.",
        "Use `is None` or `is not None`.",
    ),
    "E712": Rule(
        "A truth value is compared with `==`.", "`== True` is nearly always more than is meant.", "Test the value."
    ),
    "E713": Rule("`not x in y` reads wrongly.", "The negation stands apart.", "Write `x not in y`."),
    "E721": Rule(
        "Types are compared with `==`.", "Derived classes are left out this way.", "Use `isinstance()`, or `is`."
    ),
    "E722": Rule(
        "A bare `except` also catches KeyboardInterrupt and SystemExit.",
        "The kind of error was not thought of.",
        "Name the exceptions, or `Exception`.",
    ),
    "E731": Rule("A lambda is given a name.", "It has no name in tracebacks.", "Make it a `def`."),
    "E741": Rule("`l`, `O` and `I` look like digits.", "A short name.", "Choose another name."),
    "E501": Rule("The line is longer than the limit.", "Long text or a long call.", "Break it."),
    "E999": _SYNTAX,
    "invalid-syntax": _SYNTAX,
    "B006": _MUTABLE_DEFAULT,
    "B008": Rule(
        "The default is a call that is made once, when the function is defined.",
        "A value that should be new for each call.",
        "Make the default None, and call it within the function.",
    ),
    "B023": Rule(
        "The inner function sees the loop's variable as it is when it runs, not as it was when it was made.",
        "A closure made in a loop.",
        "Bind it as a default: `lambda x=x: …`.",
    ),
    "B904": Rule(
        "An exception is raised in a handler without saying what it comes from.",
        "`from` is missing.",
        "Write `raise … from error`, or `from None`.",
    ),
    "SIM102": Rule("Two conditions are nested that could be one.", "Grown code.", "Join them with `and`."),
    "UP006": Rule("A type of `typing` has a built-in form.", "Older code.", "Write `list[int]` for `List[int]`."),
    "UP007": Rule("`Union` has an operator.", "Older code.", "Write `X | Y`."),
    "I001": Rule("The imports are not in the agreed order.", "A new import.", "Let the formatter sort them."),
    "RUF012": _MUTABLE_DEFAULT,
    "S101": Rule(
        "`assert` is left out when Python runs with -O.", "A check that must hold.", "Raise an error instead."
    ),
    "PLR0913": Rule("The function takes many arguments.", "Grown code.", "Group what belongs together."),
}

BY_WORDING = (
    (r"unexpected indent|expected an indented block|unindent", Rule(
        "The indentation does not fit the block.",
        "Tabs and spaces mixed, or a line that was moved.",
        "Indent it as the lines around it.",
    )),
    (r"was never closed|unterminated|expected '[)\]}:,]'|invalid syntax", _SYNTAX),
    (r"is not defined|undefined name", _UNDEFINED),
    (r"no attribute|has no attribute", _ATTRIBUTE),
    (r"missing \d+ required|unexpected keyword|takes \d+ positional", _CALL),
)  # fmt: skip
