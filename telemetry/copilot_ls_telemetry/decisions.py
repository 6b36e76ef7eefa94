"""What became of decisions, for those who learn from them; and one decision, for those who ask why.

Reads only, and in order of ids, so that a reader who remembers the last id never reads a row twice. Called by
`copilot_ls.features.calibration.learning`, off the event loop, and by `copilot-ls stats --why`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

# The most that is learned from at once: what is older has faded anyway.
_MOST_EVENTS = 200_000
# How far before the first new event a decision may stand whose outcome is new.
_BEFORE = 5_000
# How far back a decision is looked for by its name.
_LOOKED_AT = 1_000_000

_OUTCOMES = "('accepted', 'partially_accepted', 'typed', 'rejected', 'ignored')"
# The first outcome of each chain that was shown, with its first offer, and what was taken and stayed.
_JUDGED = f"""
SELECT
    ending.id, ending.at, ending.event AS outcome, offer.language, offer.backend, offer.source, offer.multiline,
    offer.n_chars, offer.confidence, offer.p_accept, offer.features, offer.request_id,
    (SELECT max(accepted_length) FROM events AS part WHERE part.session_id = ending.session_id
        AND part.chain_id = ending.chain_id AND part.event IN ('accepted', 'partially_accepted')) AS accepted_chars,
    (SELECT kept FROM events AS kept WHERE kept.session_id = ending.session_id AND kept.chain_id = ending.chain_id
        AND kept.event = 'retention_checked' AND kept.moment IN ('15s', '30s', '120s')
        ORDER BY kept.id DESC LIMIT 1) AS kept
FROM events AS ending
JOIN events AS offer ON offer.session_id = ending.session_id AND offer.chain_id = ending.chain_id
    AND offer.event = 'generated' AND offer.suggestion_id = offer.chain_id
WHERE ending.id > :after AND ending.event IN {_OUTCOMES}
    AND (ending.event <> 'ignored' OR ending.reason = 'typing_disagreed')
    AND offer.trigger_kind = 'automatic'
    AND EXISTS (SELECT 1 FROM events AS shown WHERE shown.session_id = ending.session_id
        AND shown.chain_id = ending.chain_id AND shown.event = 'shown')
    AND NOT EXISTS (SELECT 1 FROM events AS earlier WHERE earlier.session_id = ending.session_id
        AND earlier.chain_id = ending.chain_id AND earlier.event IN {_OUTCOMES} AND earlier.id < ending.id)
ORDER BY ending.id
"""  # noqa: S608 - our own names
_SILENCES = """
SELECT ending.id, ending.at, ending.outcome, ending.accepted_length AS accepted_chars, was.language, was.backend,
    was.p_accept, was.features
FROM events AS ending
JOIN (SELECT * FROM events WHERE id > :before AND event = 'discarded' AND reason = 'unlikely') AS was
    ON was.request_id = ending.request_id AND was.session_id = ending.session_id
WHERE ending.id > :after AND ending.event = 'silence_judged'
ORDER BY ending.id
"""
# Whom a request asked first; later backends of a route answer what the first could not.
_ASKED = """
SELECT id, at, session_id, request_id, backend, language, latency_ms, cost, outcome
FROM events
WHERE id > :after AND event = 'backend_asked' AND task = 'completion' AND request_id IS NOT NULL
ORDER BY id
"""

_LATEST = f"""
SELECT
    coalesce(suggestion_id, request_id) AS name, at, event, language, backend, n_chars, confidence, p_accept,
    coalesce(decision, CASE event WHEN 'generated' THEN 'show' END) AS decision,
    coalesce(
        (SELECT later.event FROM events AS later WHERE later.session_id = one.session_id
            AND later.chain_id = one.chain_id AND later.event IN {_OUTCOMES} ORDER BY later.id DESC LIMIT 1),
        (SELECT later.outcome FROM events AS later WHERE later.id > one.id AND later.event = 'silence_judged'
            AND one.event = 'discarded' AND later.request_id = one.request_id LIMIT 1)
    ) AS outcome
FROM events AS one
WHERE (event = 'generated' AND suggestion_id = chain_id)
    OR (event = 'discarded' AND reason = 'unlikely' AND features IS NOT NULL)
ORDER BY id DESC
LIMIT ?
"""  # noqa: S608 - our own names


class History(NamedTuple):
    """What happened after an event: rows in order of their ids, and the id of the last event that is settled.

    `judged` are suggestions that were shown and what became of them, `silences` those that were not shown, `asked` the
    turns of backends. `seen` is 0 where there are no events; then what was learned of others that are gone is
    forgotten.
    """

    seen: int
    judged: list[Row]
    silences: list[Row]
    asked: list[Row]


def history(path: Path, *, after: int, settled_before: float) -> History:
    """What happened after the event with the id `after`, and before `settled_before` (unix time).

    Raises `copilot_ls_telemetry.store.StoreError` where there is no database, or it cannot be read.
    """
    from copilot_ls_telemetry.store import reading

    with reading(path) as connection:
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
        if last < after:
            after = 0  # another database than before: everything in it is new
        after = max(after, last - _MOST_EVENTS)
        (unsettled,) = connection.execute(
            "SELECT min(id) FROM events WHERE id > ? AND at >= ?", (after, settled_before)
        ).fetchone()
        seen = last if unsettled is None else unsettled - 1
        limits = {"after": after, "before": after - _BEFORE}
        judged, silences, asked = (
            [dict(row) for row in connection.execute(question, limits) if row["id"] <= seen]
            for question in (_JUDGED, _SILENCES, _ASKED)
        )
    return History(seen, judged, silences, asked)


def decision(path: Path, name: str) -> list[Row]:
    """The events of the decision whose suggestion, chain or request has an id that begins with `name`, oldest first.

    The latest, where there are several. Raises as `history`.
    """
    from copilot_ls_telemetry.store import reading

    with reading(path) as connection:
        found = connection.execute(
            "SELECT * FROM events WHERE id > (SELECT max(id) FROM events) - :looked_at"
            " AND event IN ('generated', 'discarded') AND"
            " :name IN (substr(suggestion_id, 1, :n), substr(chain_id, 1, :n), substr(request_id, 1, :n))"
            " ORDER BY (p_accept IS NOT NULL) DESC, id DESC LIMIT 1",
            {"name": name, "n": len(name), "looked_at": _LOOKED_AT},
        ).fetchone()
        if found is None:
            return []
        rows = connection.execute(
            "SELECT * FROM events WHERE session_id = :session_id AND id >= :first AND"
            " ((:chain_id IS NOT NULL AND chain_id = :chain_id) OR (:chain_id IS NULL AND request_id = :request_id)"
            " OR id = :first) ORDER BY id",
            {
                "session_id": found["session_id"],
                "chain_id": found["chain_id"],
                "request_id": found["request_id"],
                "first": found["id"],
            },
        ).fetchall()
    return [dict(row) for row in rows]


def latest_decisions(path: Path, n: int) -> list[Row]:
    """The last `n` decisions, the latest first, each with what became of it (`outcome`, None where nothing yet)."""
    from copilot_ls_telemetry.store import reading

    with reading(path) as connection:
        rows = connection.execute(_LATEST, (n,)).fetchall()
    return [dict(row) for row in rows]
