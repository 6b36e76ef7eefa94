"""Rules of the TypeScript compiler, by number. Numbers: its diagnosticMessages.json; sentences: ours."""

from __future__ import annotations

from copilot_ls.features.explaining.rules.rule import Rule

_NAME = Rule(
    "The name is not declared anywhere that this place can see.",
    "A typing slip, a missing import, or missing type declarations of a library (`@types/…`, `lib` in tsconfig).",
    "Correct the spelling, import it, or install the declarations.",
)
_PROPERTY = Rule(
    "The type has no such property.",
    "A typing slip, a type that lacks the property, or a union of which only one part has it.",
    "Correct the name, add it to the type, or narrow the union first.",
)
_ASSIGNABLE = Rule(
    "The value's type does not fit the place that it is given to.",
    "A property that is missing or has another type, or a value that may be undefined.",
    "Compare the two types in the message from the innermost line up, and convert or narrow the value.",
)
_UNDEFINED = Rule(
    "The value may be null or undefined here.",
    "An optional property, a lookup that may find nothing, with `strictNullChecks`.",
    "Test it first, or use `?.` and `??`.",
)
_ARGUMENTS = Rule(
    "The call gives more or fewer arguments than the signature takes.",
    "The signature was changed, or an argument forgotten.",
    "Compare with the declaration, and give exactly what it takes.",
)
_UNUSED = Rule(
    "It is declared and never read.",
    "Code that used it was removed; `noUnusedLocals` or `noUnusedParameters` is on.",
    "Remove it, or begin its name with `_`.",
)
_EXPECTED = Rule(
    "The parser wants another sign here.",
    "A bracket, comma or semicolon that is missing, often on a line above.",
    "Look at the last line that is surely right, and close what it opened.",
)
_ANY = Rule(
    "Nothing says of which type it is.",
    "`noImplicitAny` is on, and the type can't be told from its use.",
    "Annotate it.",
)
_MODULE = Rule(
    "The module cannot be found, or has no type declarations.",
    "The package or its `@types/…` is not installed, or the path is wrong.",
    "Install it, or correct the path.",
)

BY_CODE = {
    "1002": _EXPECTED,
    "1003": _EXPECTED,
    "1005": _EXPECTED,
    "1109": _EXPECTED,
    "1128": _EXPECTED,
    "1160": _EXPECTED,
    "17008": _EXPECTED,
    "1308": Rule(
        "`await` stands in a function that is not async.",
        "`async` is missing.",
        "Make the function async, or use `.then()`.",
    ),
    "1361": Rule(
        "What was imported as a type is used as a value.",
        "`import type` in place of `import`.",
        "Import it as a value.",
    ),
    "2300": Rule("The name is declared twice.", "A copied declaration.", "Rename or remove one of them."),
    "2304": _NAME,
    "2552": _NAME,
    "2503": _NAME,
    "2305": Rule(
        "The module exports nothing of that name.",
        "A typing slip, another version of the package, or a default export.",
        "Correct the name, or import the default.",
    ),
    "2724": Rule(
        "The module exports nothing of that name, but something like it.",
        "A typing slip.",
        "Take the name that is suggested.",
    ),
    "2307": _MODULE,
    "7016": _MODULE,
    "2314": Rule("The generic type lacks its type arguments.", "They have no defaults.", "Give them."),
    "2322": _ASSIGNABLE,
    "2345": _ASSIGNABLE,
    "2352": Rule(
        "The assertion is between types that have nothing in common.",
        "A wrong type, or one that needs a check at run time.",
        "Check the value, or assert by way of `unknown`.",
    ),
    "2339": _PROPERTY,
    "2551": _PROPERTY,
    "2353": Rule(
        "The object literal has a property that the type does not know.",
        "A typing slip, or a type that lacks it.",
        "Correct the name, or add it to the type.",
    ),
    "2349": Rule("It is not a function.", "A property that is called, or a missing operator.", "Call what is meant."),
    "2362": Rule("An arithmetic operand is no number.", "Text or a date.", "Convert it with `Number()`."),
    "2365": Rule("The operator does not take these types.", "Mixed types.", "Convert one side."),
    "2366": Rule(
        "There is a path on which nothing is returned.",
        "A branch without a return, and a return type without undefined.",
        "Return on every path.",
    ),
    "2355": Rule("The function must return a value.", "A forgotten return.", "Return one."),
    "2367": Rule(
        "The comparison can never be true.",
        "The two types share nothing; often a misspelt literal.",
        "Compare with a value that the type has.",
    ),
    "2420": Rule("The class lacks something that the interface wants.", "A member is missing or differs.", "Add it."),
    "2416": Rule(
        "The member does not fit that of the base type.", "Its type is narrower or differs.", "Make the types agree."
    ),
    "2445": Rule("The member is protected.", "It is used from outside.", "Use a public member."),
    "2341": Rule("The member is private.", "It is used from outside.", "Use a public member."),
    "2451": Rule("The variable is declared twice in the block.", "A copied line.", "Rename or remove one."),
    "2454": Rule(
        "The variable is read before it has a value.", "It is assigned on some paths only.", "Assign it first."
    ),
    "2531": _UNDEFINED,
    "2532": _UNDEFINED,
    "2533": _UNDEFINED,
    "18046": Rule("The value is `unknown`.", "A caught error or parsed JSON.", "Narrow it with a check first."),
    "18047": _UNDEFINED,
    "18048": _UNDEFINED,
    "2554": _ARGUMENTS,
    "2555": _ARGUMENTS,
    "2556": _ARGUMENTS,
    "2564": Rule(
        "The property is not given a value in the constructor.",
        "`strictPropertyInitialization` is on.",
        "Initialise it, or make it optional.",
    ),
    "2571": Rule("The value is `unknown`.", "A caught error or parsed JSON.", "Narrow it with a check first."),
    "2588": Rule("A constant is assigned to.", "`const` in place of `let`.", "Declare it with `let`."),
    "2683": Rule("`this` has no type here.", "An ordinary function in place of an arrow.", "Use an arrow function."),
    "2739": _ASSIGNABLE,
    "2740": _ASSIGNABLE,
    "2741": _ASSIGNABLE,
    "2769": Rule(
        "No overload takes these arguments.",
        "One argument's type fits none of the signatures.",
        "Read the last overload in the message, and correct the argument that it names.",
    ),
    "2801": Rule("A promise is always true.", "`await` is missing before the condition.", "Await it."),
    "2540": Rule("The property is read-only.", "It is assigned outside of the constructor.", "Make a new object."),
    "2515": Rule(
        "The class leaves an abstract member out.", "It is missing.", "Define it, or make the class abstract."
    ),
    "6133": _UNUSED,
    "6196": _UNUSED,
    "6192": _UNUSED,
    "6198": _UNUSED,
    "7006": _ANY,
    "7005": _ANY,
    "7031": _ANY,
    "7034": _ANY,
    "7053": Rule(
        "The index cannot be used on this type.",
        "A string as the key of an object without an index signature.",
        "Type the key as `keyof` the object, or give the type an index signature.",
    ),
    "7030": Rule("Not all paths return a value.", "`noImplicitReturns` is on.", "Return on every path."),
}
