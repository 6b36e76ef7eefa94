"""Where names are defined, found by regular expressions: a light table of signatures, at tens of megabytes per second.

Knows declarations by their first line and what contains them by indentation, which well-kept code of every language
shows; a member is what stands directly below a type. Wrong now and then, and cheap enough to be asked of every file;
syntax trees may replace it per language. Pure; called by `digest`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LONGEST_SIGNATURE = 400
_MAX_SIGNATURE_LINES = 10
_MAX_DEFINITIONS = 20_000
_TYPE_KINDS = frozenset({"class", "impl"})


class Definition(NamedTuple):
    """A name and where it is declared.

    `kind` is class, function or variable; `line` is zero-based, `end` exclusive: the lines of the signature. `container`
    is the type that has it as a member, or empty.
    """

    name: str
    kind: str
    line: int
    end: int
    container: str
    signature: str


_PYTHON = re.compile(
    r"""^(?P<indent>[ \t]*)(?:
        (?:async[ \t]+)?def[ \t]+(?P<function>\w+) | class[ \t]+(?P<class>\w+)
      | self\.(?P<attribute>[^\W\d]\w*)[ \t]*(?::[^=\n]+)?=(?!=)
      | (?P<variable>[^\W\d]\w*)(?::(?!=)[^\n]+|[ \t]*=(?!=)[^\n]*)
    )""",
    re.MULTILINE | re.VERBOSE,
)
_TEXT_BLOCK = re.compile(r"\"{3}|'{3}")
_WEB = re.compile(
    r"""^(?P<indent>[ \t]*)(?:export[ \t]+)?(?:default[ \t]+)?(?:declare[ \t]+)?(?:
        (?:abstract[ \t]+)?(?:class|interface|(?:const[ \t]+)?enum|namespace)[ \t]+(?P<class>[\w$]+)
      | type[ \t]+(?P<alias>[\w$]+)(?:<[^=\n]*>)?[ \t]*=
      | (?:async[ \t]+)?function\b[ \t*]*(?P<function>[\w$]+)
      | (?:const|let|var)[ \t]+(?P<variable>[\w$]+)
      | (?:(?:public|private|protected|static|readonly|async|override|abstract|get|set|accessor)[ \t]+)*\*?
        (?P<member>(?!(?:if|for|while|switch|catch|return|await|new|throw|else|do|try|typeof|case|super|import|function)\b)[\w$\#]+)
        [?!]?(?:<[^(\n]*>)?[ \t]*(?:\(|:|=(?![=>]))
    )""",
    re.MULTILINE | re.VERBOSE,
)
_GO = re.compile(
    r"""^(?P<indent>[ \t]*)(?:
        func[ \t]+\([ \t]*(?:\w+[ \t]+)?\*?(?P<receiver>\w+)[^)\n]*\)[ \t]*(?P<method>\w+)
      | func[ \t]+(?P<function>\w+)
      | (?:type[ \t]+)(?P<class>\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?:struct|interface)\b
      | type[ \t]+(?P<alias>\w+)
      | (?:var|const)[ \t]+(?P<variable>\w+)
      | (?P<member>(?!(?:if|for|switch|return|go|defer|select|case|default|else)\b)[^\W\d]\w*)(?=[ \t]*\(|[ \t]+[\w*\[\]]|[ \t]*$)
    )""",
    re.MULTILINE | re.VERBOSE,
)
_RUST = re.compile(
    r"""^(?P<indent>[ \t]*)(?:pub(?:\([^)\n]*\))?[ \t]+)?(?:(?:default|async|unsafe|const|extern(?:[ \t]+"[^"\n]*")?)[ \t]+)*(?:
        fn[ \t]+(?P<function>\w+)
      | (?:struct|enum|trait|union|mod)[ \t]+(?P<class>\w+)
      | impl\b(?:<[^{\n]*?>)?[ \t]+(?:[^{\n]*?\bfor[ \t]+)?(?P<impl>\w+)
      | type[ \t]+(?P<alias>\w+) | macro_rules![ \t]*(?P<macro>\w+)
      | (?:static|const)[ \t]+(?:mut[ \t]+)?(?P<variable>\w+)
      | (?P<constant>[A-Z][A-Z0-9_]+)[ \t]*:
      | (?P<member>(?!(?:if|for|while|match|return|let|loop|else|use|where)\b)[^\W\d]\w*)(?=[ \t]*[:({,])
    )""",
    re.MULTILINE | re.VERBOSE,
)
# Java, C#, Kotlin, Scala, Swift, Dart, C++, C, PHP: modifiers, then a declaring keyword, or a type and a name.
_BRACES = re.compile(
    r"""^(?P<indent>[ \t]*)(?:(?:@\w+|\[[^\]\n]*\])[ \t]+)*
    (?:(?:public|private|protected|internal|static|final|abstract|sealed|partial|virtual|override|async|readonly|open|data|inline
        |const|constexpr|extern|export|native|synchronized|volatile|transient|default|required|unsafe|friend|explicit|lateinit
        |suspend|operator|implicit|case|mutating|fileprivate|template<[^>\n]*>|non-sealed|strictfp|typedef)[ \t]+)*(?:
        (?:class|interface|enum(?:[ \t]+(?:class|struct))?|record|struct|trait|object|protocol|extension|union|namespace|@interface|mixin|actor)
        [ \t]+(?P<class>\w+)
      | (?:fun|func|def|function)[ \t]+&?(?:<[^>\n]*>[ \t]*)?(?:\w+\.)?(?P<function>\w+)
      | (?:val|var|let|const)[ \t]+\$?(?P<variable>\w+)
      | \#[ \t]*define[ \t]+(?P<macro>\w+)
      | (?P<enumerator>[A-Z][A-Z0-9_]*)[ \t]*(?:[(,;=]|$)
      | (?!(?:return|throw|new|else|if|for|while|switch|case|do|try|catch|using|package|import|goto|delete|await|yield|assert|await|foreach|echo|use|require|include)\b)
        (?:<[^>\n]+>[ \t]+)?[\w.:]+(?:<[^;={}()\n]*>)?(?:\[[\]\[,]*)?[?]?(?:[ \t]+[*&]*|[ \t]*[*&]+[ \t]*)(?:\w+::)*\$?(?P<member>~?\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?:[(;=,{]|$)
      | (?P<constructor>[A-Z]\w*)[ \t]*\(
    )""",
    re.MULTILINE | re.VERBOSE,
)
_RUBY = re.compile(
    r"""^(?P<indent>[ \t]*)(?:
        def[ \t]+(?:self\.)?(?P<function>\w+[?!=]?) | (?:class|module)[ \t]+(?:\w+::)*(?P<class>\w+)
      | (?P<variable>[A-Z]\w*)[ \t]*=(?!=) | (?:attr_\w+|scope|has_many|belongs_to|has_one|define_method)[ \t(]+:(?P<member>\w+)
    )""",
    re.MULTILINE | re.VERBOSE,
)
_SHELL = re.compile(
    r"^(?P<indent>[ \t]*)(?:function[ \t]+(?P<function>[\w-]+)|(?P<macro>[\w-]+)[ \t]*\([ \t]*\)|(?:export[ \t]+|readonly[ \t]+)?(?P<variable>\w+)=)",
    re.MULTILINE,
)

_BY_FAMILY = {
    "python": _PYTHON, "web": _WEB, "go": _GO, "rust": _RUST, "ruby": _RUBY, "shell": _SHELL,
    "jvm": _BRACES, "c": _BRACES, "csharp": _BRACES, "php": _BRACES, "swift": _BRACES, "dart": _BRACES,
}  # fmt: skip

# Groups that count only directly below a type: elsewhere they are statements.
_MEMBERS = frozenset({"member", "enumerator", "constructor"})
_KINDS = {
    "class": "class", "alias": "class", "impl": "impl", "function": "function", "method": "function", "macro": "function",
    "constructor": "function",
}  # fmt: skip


def find_definitions(text: str, family: str) -> list[Definition]:
    """The definitions of a text in order of lines; empty for families without patterns. Line ends must be LF."""
    pattern = _BY_FAMILY.get(family)
    if pattern is None:
        return []
    if family == "python":  # prose within docstrings looks like annotations
        text = _without_text_blocks(text)
    found: list[Definition] = []
    # What the current line lies within, outermost first: width of indentation, kind, name.
    around: list[tuple[int, str, str]] = []
    seen_attributes: set[tuple[str, str]] = set()
    line = start = 0
    for match in pattern.finditer(text):
        group = match.lastgroup
        name = match[group] if group else ""
        if group is None or not name:
            continue
        line += text.count("\n", start, match.start())
        start = match.start()
        indent = len(match["indent"].expandtabs(4))
        while around and around[-1][0] >= indent:
            around.pop()
        parent_kind, parent = around[-1][1:] if around else ("", "")
        container = parent if parent_kind in _TYPE_KINDS else ""
        kind = _KINDS.get(group, "variable")
        if group == "attribute":  # `self.x = …` belongs to the class around the method around it
            container = next((each for _, its_kind, each in reversed(around) if its_kind in _TYPE_KINDS), "")
            if not container or (container, name) in seen_attributes:
                continue
            seen_attributes.add((container, name))
        elif group == "method":
            container = match["receiver"]
        elif kind == "variable" and not (container or (not around and group not in _MEMBERS)):
            if group == "member" and family in {"jvm", "c", "csharp", "php", "dart"} and not around and "(" in match[0]:
                kind = "function"  # a free function of C, or one within a namespace that is not indented
            else:
                continue
        elif group == "constructor" and not container:
            continue
        if kind == "variable" and group == "member" and "(" in match[0]:
            kind = "function"
        if kind != "variable":
            around.append((indent, kind, name))
        if kind == "impl":
            continue
        signature, n_lines = _signature(text, match.start(), family)
        found.append(Definition(name, kind, line, line + n_lines, container, signature))
        if len(found) >= _MAX_DEFINITIONS:
            break
    return found


def _without_text_blocks(text: str) -> str:
    """The text with as many lines, and nothing between triple quotes."""
    pieces: list[str] = []
    at = 0
    while (opening := _TEXT_BLOCK.search(text, at)) is not None:
        closing = text.find(opening[0], opening.end())
        if closing < 0:
            break
        pieces += [text[at : opening.end()], "\n" * text.count("\n", opening.end(), closing), opening[0]]
        at = closing + len(opening[0])
    return "".join([*pieces, text[at:]])


def _signature(text: str, start: int, family: str) -> tuple[str, int]:
    """The declaration from its first line to the line where its brackets are closed, and how many lines these are."""
    first = end = text.find("\n", start)
    if end < 0:
        return text[start : start + _LONGEST_SIGNATURE], 1
    open_brackets = "([" if family != "python" else "([{"
    shut_brackets = ")]" if family != "python" else ")]}"
    depth, at, n_lines = 0, start, 1
    while True:
        piece = text[at:end]
        depth += sum(map(piece.count, open_brackets)) - sum(map(piece.count, shut_brackets))
        if depth <= 0:
            break
        at = end + 1
        end = text.find("\n", at)
        n_lines += 1
        if end < 0 or n_lines > _MAX_SIGNATURE_LINES or end - start > _LONGEST_SIGNATURE:
            return text[start : min(first, start + _LONGEST_SIGNATURE)], 1
    return text[start : min(end, start + _LONGEST_SIGNATURE)], n_lines
