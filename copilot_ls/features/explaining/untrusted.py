"""A model's markdown, made safe to be rendered: nothing in it is loaded, linked to or run.

What a model read may have told it to write an image whose address carries code away, or a link that looks like
something else. Renderers load images by themselves. Pure; called by `explainer`.
"""

from __future__ import annotations

import re

# A fence at the very start of a line is one for every renderer: it stands in no list and no quotation that may end.
_FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})")
_LOADING = (
    "a|applet|audio|base|body|button|embed|form|frame|frameset|iframe|image|img|input|link|math|meta|object|picture|"
    "script|source|style|svg|track|video"
)
# Tags that load something, any tag with attributes, declarations. `Vec<T>` is left alone.
_TAG = re.compile(rf"<(?=/?(?:{_LOADING})\b|[A-Za-z][\w:-]*[\s/]|[!?])", re.IGNORECASE)
_DEFINITION = re.compile(r"^(\s*(?:[>*+-]\s*)*)\[(?=[^\]]*\]:)")


def made_safe(markdown: str) -> str:
    """The text with images, links and HTML as plain text. Fenced code at the start of lines stays as it is."""
    lines = []
    sign = ""
    for line in markdown.splitlines():
        if sign:
            lines.append(line)
            if re.fullmatch(rf" {{0,3}}{re.escape(sign[0])}{{{len(sign)},}}\s*", line):
                sign = ""
            continue
        opened = _FENCE.match(line)
        if opened is not None:
            sign = opened[1]
            lines.append(line)
            continue
        plain = _TAG.sub("&lt;", line).replace("](", "] (")
        lines.append(_DEFINITION.sub(r"\1\[", plain))
    if sign:  # cut off in the midst: what is written below must not become code
        lines.append(sign)
    return "\n".join(lines)
