"""Give nothing when a text holds what looks like a secret that works somewhere, and is not the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.postprocess.situation import Situation

# No shorter text completes a secret that is not known to the user.
_SHORTEST = 8


def drop_live_secrets(text: str, situation: Situation) -> str | None:
    """Give nothing if `text`, after what stands before it on its line, has a token, a key or a generated password.

    The user's own are those that stand around the cursor, or that the prompt had in it. A password that a human may
    have made up, as in an example, is not live.
    """
    if len(text) < _SHORTEST:
        return text
    from copilot_ls.prompt.redaction import SecretFinder, is_random

    before = situation.current_line_prefix
    line = before + text
    for each in SecretFinder().find(line):
        secret = line[each.start : each.end]
        said = line[max(each.start, len(before)) : each.end]
        if not said or (each.kind.startswith("password") and not is_random(secret)):
            continue
        own = secret in situation.prefix or secret in situation.suffix
        if not own and not any(secret in known or known in secret for known in situation.own_secrets):
            return None
    return text
