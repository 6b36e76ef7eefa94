"""What declarations look like, by family of languages: one regular expression each, matched where lines begin.

The name of the group that matches says what is declared (`GROUP_KINDS`); `indent` is the white space in front. Groups
in `MEMBER_GROUPS` are declarations only directly below a type: elsewhere such lines are statements. No quantifier
stands within another that could match the same text, so that machine-written lines cost no more than others. Pure data;
called by `definitions`.
"""

from __future__ import annotations

import re

_FLAGS = re.MULTILINE | re.VERBOSE

_PYTHON = re.compile(
    r"""^(?P<indent>[ \t]*)(?:
        (?:async[ \t]+)?def[ \t]+(?P<function>\w+) | class[ \t]+(?P<class>\w+)
      | self\.(?P<attribute>[^\W\d]\w*)[ \t]*(?::[^=\n]+)?=(?!=)
      | (?P<variable>[^\W\d]\w*)(?::(?!=)[^\n]+|[ \t]*=(?!=)[^\n]*)
    )""",
    _FLAGS,
)
_WEB = re.compile(
    r"""^(?P<indent>[ \t]*)(?:export[ \t]+)?(?:default[ \t]+)?(?:declare[ \t]+)?(?:
        (?:abstract[ \t]+)?(?:class|interface|(?:const[ \t]+)?enum|namespace)[ \t]+(?P<class>[\w$]+)
      | type[ \t]+(?P<alias>[\w$]+)(?:<[^=\n]*>)?[ \t]*=
      | (?:async[ \t]+)?function\b[ \t*]*(?P<function>[\w$]+)
      | (?:const|let|var)[ \t]+(?P<variable>[\w$]+)
      | (?:(?:public|private|protected|static|readonly|async|override|abstract|get|set|accessor)[ \t]+)*\*?
        (?P<member>
            (?!(?:if|for|while|switch|catch|return|await|new|throw|else|do|try|typeof|case|super|import|function)\b)
            [\w$\#]+
        )[?!]?(?:<[^(\n]*>)?[ \t]*(?:\(|:|=(?![=>]))
    )""",
    _FLAGS,
)
_GO = re.compile(
    r"""^(?P<indent>[ \t]*)(?:
        func[ \t]+\([ \t]*(?:\w+[ \t]+)?\*?(?P<receiver>\w+)[^)\n]*\)[ \t]*(?P<method>\w+)
      | func[ \t]+(?P<function>\w+)
      | type[ \t]+(?P<class>\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?:struct|interface)\b
      | type[ \t]+(?P<alias>\w+)
      | (?:var|const)[ \t]+(?P<variable>\w+)
      | (?P<member>(?!(?:if|for|switch|return|go|defer|select|case|default|else)\b)[^\W\d]\w*)
        (?:[ \t]*\(|(?=[ \t]+[\w*\[\]]|[ \t]*$))
    )""",
    _FLAGS,
)
_RUST = re.compile(
    r"""^(?P<indent>[ \t]*)(?:pub(?:\([^)\n]*\))?[ \t]+)?
    (?:(?:default|async|unsafe|const|extern(?:[ \t]+"[^"\n]*")?)[ \t]+)*(?:
        fn[ \t]+(?P<function>\w+)
      | (?:struct|enum|trait|union|mod)[ \t]+(?P<class>\w+)
      | impl\b(?:<[^{\n]*?>)?[ \t]+(?:[^{\n]*?\bfor[ \t]+)?(?P<impl>\w+)
      | type[ \t]+(?P<alias>\w+) | macro_rules![ \t]*(?P<macro>\w+)
      | (?:static|const)[ \t]+(?:mut[ \t]+)?(?P<variable>\w+)
      | (?P<constant>[A-Z][A-Z0-9_]+)[ \t]*:
      | (?P<member>(?!(?:if|for|while|match|return|let|loop|else|use|where)\b)[^\W\d]\w*)(?=[ \t]*[:({,])
    )""",
    _FLAGS,
)
# For Java, Kotlin, Scala, C, C++, PHP and their like: modifiers, then a declaring keyword, or a type and a name.
_BRACES = re.compile(
    r"""^(?P<indent>[ \t]*)(?:(?:@\w+|\[[^\]\n]*\])[ \t]+)*
    (?:(?:public|private|protected|internal|static|final|abstract|sealed|partial|virtual|override|async|readonly|open
        |data|inline|const|constexpr|extern|export|native|synchronized|volatile|transient|default|required|unsafe
        |friend|explicit|lateinit|suspend|operator|implicit|case|mutating|fileprivate|template<[^>\n]*>|non-sealed
        |strictfp|typedef)[ \t]+)*(?:
        (?:class|interface|enum(?:[ \t]+(?:class|struct))?|record|struct|trait|object|protocol|extension|union
            |namespace|@interface|mixin|actor)[ \t]+(?P<class>\w+)
      | (?:fun|func|def|function)[ \t]+&?(?:<[^>\n]*>[ \t]*)?(?:\w+\.)?(?P<function>\w+)
      | (?:val|var|let|const)[ \t]+\$?(?P<variable>\w+)
      | \#[ \t]*define[ \t]+(?P<macro>\w+)
      | (?P<enumerator>[A-Z][A-Z0-9_]*)[ \t]*(?:[(,;=]|$)
      | (?!(?:return|throw|new|else|if|for|while|switch|case|do|try|catch|using|package|import|goto|delete|await|yield
            |assert|foreach|echo|use|require|include)\b)
        (?:<[^>\n]+>[ \t]+)?[\w.:]+(?:<[^;={}()\n]*>)?(?:\[[\]\[,]*)?[?]?(?:[ \t]+[*&]*|[ \t]*[*&]+[ \t]*)
        (?:\w+::)*\$?(?P<member>~?\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?:[(;=,{]|$)
      | (?P<constructor>[A-Z]\w*)[ \t]*\(
    )""",
    _FLAGS,
)
_RUBY = re.compile(
    r"""^(?P<indent>[ \t]*)(?:
        def[ \t]+(?:self\.)?(?P<function>\w+[?!=]?) | (?:class|module)[ \t]+(?:\w+::)*(?P<class>\w+)
      | (?P<variable>[A-Z]\w*)[ \t]*=(?!=)
      | (?:attr_\w+|scope|has_many|belongs_to|has_one|define_method)[ \t(]+:(?P<member>\w+)
    )""",
    _FLAGS,
)
_SHELL = re.compile(
    r"""^(?P<indent>[ \t]*)(?:
        function[ \t]+(?P<function>[\w-]+) | (?P<macro>[\w-]+)[ \t]*\([ \t]*\)
      | (?:export[ \t]+|readonly[ \t]+)?(?P<variable>\w+)=
    )""",
    _FLAGS,
)

BY_FAMILY = {
    "python": _PYTHON,
    "web": _WEB,
    "go": _GO,
    "rust": _RUST,
    "ruby": _RUBY,
    "shell": _SHELL,
    "jvm": _BRACES,
    "c": _BRACES,
    "csharp": _BRACES,
    "php": _BRACES,
    "swift": _BRACES,
    "dart": _BRACES,
}

MEMBER_GROUPS = frozenset({"member", "enumerator", "constructor"})
# Groups that are not here declare variables.
GROUP_KINDS = {
    "class": "class",
    "alias": "class",
    "impl": "impl",
    "function": "function",
    "method": "function",
    "macro": "function",
    "constructor": "function",
}
# Families in which a type and a name at the margin, with a bracket behind, declare a function.
FREE_FUNCTIONS = frozenset({"jvm", "c", "csharp", "php", "dart"})
