"""Says in words why a suggestion was shown or held back, from what was recorded with the decision.

Pure. Called by `cli.stats`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls_telemetry.decisions import Row

# Circumstances that moved the probability by less than this many hundredths are summed up.
_LEAST_MOVED = 0.005
_MOST_NAMED = 10
_OUTCOMES = {
    "accepted": "you accepted it",
    "partially_accepted": "you accepted {chars} characters of it",
    "typed": "you typed it out yourself",
    "rejected": "you dismissed it",
    "right": "you typed exactly this: it would have been right",
    "part": "you typed its first {chars} characters, and then something else",
    "wrong": "you typed something else",
}
_SPOKEN = {"displaced": "another suggestion took its place", "typing_disagreed": "you typed something else"}


def explained(rows: Sequence[Row]) -> list[str]:
    """The lines that explain a decision; `rows` are its events, the decision first."""
    first = rows[0]
    lines = [_heading(first)]
    if first["features"] is None:
        lines.append(_undecided(first))
    else:
        lines += _reasons(first, json.loads(first["features"]))
    lines.append(f"What became of it: {_outcome(rows)}.")
    return lines


def _heading(row: Row) -> str:
    name = row["suggestion_id"] or row["request_id"]
    what = "shown" if row["event"] == "generated" else "not shown"
    if row["decision"] == "explore":
        what = "shown against the odds, to keep learning"
    size = f", {row['n_chars']} characters" if row["n_chars"] else ""
    return f"Suggestion {name}: {row['backend'] or 'a backend'}, {row['language']}{size}; {what}."


def _undecided(row: Row) -> str:
    if row["event"] == "discarded" and row["reason"] != "unlikely":
        return f"Nothing was decided: the answer came to nothing ({row['reason']})."
    if row["p_accept"] is not None:
        return f"It went on with one that had just been held back, and is {row['p_accept']:.0%} likely."
    if row["trigger_kind"] == "invoked":
        return "Nothing was decided: what you ask for is always shown."
    return "Nothing was decided: calibration was off, or it went on with what was shown already."


def _reasons(row: Row, content: dict[str, Any]) -> list[str]:
    likely, said, n = row["p_accept"], content["said"], content["n"]
    begin = 0.3 if said is None else said
    source = "as is usual, for it does not say how sure it is" if said is None else "as the backend says"
    lines = [f"It begins with {begin:.0%}, {source}."]
    if n:
        lines.append(f"{n:,} outcomes of yours (older ones count less) make of it {likely:.0%}:")
        lines += _moves(begin, content["of"])
    else:
        lines.append("There is no history yet that could change it.")
    least = content["least"]
    if least is None:
        lines.append("There is not enough history to hold anything back: what the backend offers is shown.")
    else:
        relation = "at least" if likely >= least else "less than"
        lines.append(
            f"That is {relation} the {least:.0%} that {row['backend']} needs: about the most that, by your latest "
            "suggestions and by what holds for others, costs no accepted characters."
        )
    return lines


def _moves(begin: float, circumstances: dict[str, Any]) -> list[str]:
    """Each circumstance: what it adds to the log odds, and how far that alone moves the probability."""
    from copilot_ls.features.calibration.acceptance import base_log_odds, probability_of

    start = base_log_odds(begin)
    moved = [
        (name, value[0], value[1], probability_of(start + value[1]) - begin)
        for name, value in circumstances.items()
        if isinstance(value, list)
    ]
    moved.sort(key=lambda one: (-abs(one[2]), one[0]))
    named = [one for one in moved if abs(one[3]) >= _LEAST_MOVED][:_MOST_NAMED]
    rest = sum(one[2] for one in moved if one not in named)
    width = max((len(_spoken(name, value)) for name, value, _, _ in named), default=0)
    lines = [
        f"  {_spoken(name, value):<{width}}  {100 * points:>+4.0f} points  (log odds {addition:+.2f})"
        for name, value, addition, points in named
    ]
    if abs(rest) >= _LEAST_MOVED:
        lines.append(f"    and {len(moved) - len(named)} that matter less ({rest:+.2f})")
    return lines


def _spoken(name: str, value: float) -> str:
    kind, colon, which = name.partition(":")
    if colon:
        return f"{kind}: {which}"
    return {"always": "you, whatever the circumstances"}.get(name, name if value == 1.0 else f"{name} ({value:g})")


def _outcome(rows: Sequence[Row]) -> str:
    ended = [row for row in rows if row["event"] in _OUTCOMES or row["event"] in ("ignored", "silence_judged")]
    if not ended:
        return "not known"
    last = ended[-1]
    if last["event"] == "ignored":
        return _SPOKEN.get(last["reason"], f"ignored ({last['reason'].replace('_', ' ')})")
    name = str(last["outcome"] if last["event"] == "silence_judged" else last["event"])
    return _OUTCOMES.get(name, name).format(chars=last["accepted_length"])
