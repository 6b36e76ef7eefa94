"""Who would be asked for a task, in which order, and why somebody would not: `copilot-ls doctor --route`.

Looks at the settings, at what was spent, and at what running servers recorded of each backend last. Contacts nobody;
`copilot-ls doctor` alone does. Holds no key.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from copilot_ls.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from copilot_ls.backends.base import Backend
    from copilot_ls.config.settings import BackendSettings, Settings, Task
    from copilot_ls.routing.lane import Lane
    from copilot_ls.routing.router import Router, Step
    from copilot_ls.routing.spend import SpendLog

Row = dict[str, Any]

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
# The longest that a circuit breaker stays open.
_RESTS_AT_MOST_S = 60.0


def routes(
    settings: Settings, tasks: Sequence[Task], environment: Mapping[str, str] = os.environ
) -> dict[str, list[Row]]:
    """For each task, its backends in order, with everything that decides about them."""
    from copilot_ls.features.spending import Spending
    from copilot_ls.routing.router import Router

    spending = Spending(time.time)
    router = Router(settings, _maker(settings), now=time.monotonic, spend=spending.log_for(settings))
    spending.load()
    seen = _seen_by_servers()
    return {task: _route(router, settings, task, seen, environment) for task in tasks}


def text_of(found: Mapping[str, Sequence[Row]]) -> str:
    """The routes for a terminal."""
    parts = []
    for task, rows in found.items():
        lines = [f"Route of {task}"]
        if not rows:
            lines.append("  no backend: none is configured that can do this; add [backend.<name>] to the settings")
        width = max((len(row["backend"]) for row in rows), default=0)
        for row in rows:
            lines.append(f"  {row['order']}. {row['backend']:<{width}}  {row['verdict']}")
            lines += [f"     {'':<{width}}  {name}: {value}" for name, value in row["details"].items()]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _route(
    router: Router, settings: Settings, task: Task, seen: Mapping[str, Row], environment: Mapping[str, str]
) -> list[Row]:
    rows: list[Row] = []
    for order, step in enumerate(router.steps(task), 1):
        options = _options(step.lane.name, settings)
        details = dict(_details(step, options, router.spend, settings, environment))
        if (last := seen.get(step.lane.name)) is not None:
            details["running servers"] = _last_seen(last)
        key_missing = options is not None and _key(options, environment).endswith("NOT set")
        first = not any(row["asked"] for row in rows)
        rows.append(
            {
                "order": order,
                "backend": step.lane.name,
                "asked": step.reason is None and not key_missing,
                "reason": step.reason or ("no_key" if key_missing else None),
                "verdict": _verdict(step, first=first, key_missing=key_missing),
                "details": details,
            }
        )
    return rows


def _verdict(step: Step, *, first: bool, key_missing: bool) -> str:
    if step.reason == "unusable":
        return f"passed over: {step.lane.why_unusable}"
    if step.reason == "cannot_chat":
        return "passed over: it completes code and holds no conversations"
    if step.reason is not None:
        return f"passed over: the limit {step.reason} is reached"
    if key_missing:
        return "would fail: its key is not set"
    if first:
        return "asked first"
    return "asked when those before it cannot answer or have nothing"


def _details(
    step: Step,
    options: BackendSettings | None,
    spend: SpendLog | None,
    settings: Settings,
    environment: Mapping[str, str],
) -> Iterable[tuple[str, str]]:
    lane = step.lane
    if options is None:
        yield "kind", "embedded, in this process; costs nothing"
        return
    model = f", model {lane.backend.model}" if lane.backend is not None and lane.backend.model else ""
    yield "kind", f"{settings.backend[lane.name].kind}{model}"
    if lane.in_process:
        return
    own = "" if step.settings.deadline_ms is not None else " (its total_timeout_ms)"
    yield "deadline", f"{step.deadline_s * 1000:.0f} ms{own}"
    yield (
        "limits",
        f"at most {options.max_concurrency} at once; repeated at most {options.max_retries} times where safe",
    )
    if key := _key(options, environment):
        yield "key", key
    yield "prices", _prices(options)
    if spend is not None and lane.prices is not None:
        yield "spent", _spent(lane, options, spend, settings)


def _options(name: str, settings: Settings) -> BackendSettings | None:
    """The settings of a backend, with what the name of its service fills in."""
    from copilot_ls.backends import presets

    options = settings.backend.get(name)
    try:
        return None if options is None else presets.effective(name, options)
    except SettingsError:  # the verdict says why
        return options


def _key(options: BackendSettings, environment: Mapping[str, str]) -> str:
    """Where the key would come from; nobody is asked for it here."""
    if options.api_key_env and environment.get(options.api_key_env):
        return f"{options.api_key_env} is set"
    asked = [f"the command {options.api_key_command[0]}"] if options.api_key_command else []
    asked += [f"the keyring's entry {options.api_key_keyring}"] if options.api_key_keyring else []
    if asked:
        return " or ".join(asked) + " is asked for it"
    return f"{options.api_key_env} is NOT set" if options.api_key_env else ""


def _prices(options: BackendSettings) -> str:
    names = ("input", "cached_input", "cache_write", "output")
    given = [f"{name} {price:g}" for name in names if (price := getattr(options, f"{name}_price")) is not None]
    texts = [f"{', '.join(given)} per million tokens"] if given else []
    texts += [f"{options.request_price:g} per request"] if options.request_price is not None else []
    return "; ".join(texts) or "none: it is taken to be free"


def _spent(lane: Lane, options: BackendSettings, spend: SpendLog, settings: Settings) -> str:
    def of(paid: float, limit: float | None) -> str:
        return f"{paid:.4g}" + (f" of {limit:g}" if limit is not None else "")

    text = (
        f"{of(spend.today(lane.name), options.max_spend_per_day)} today, "
        f"{of(spend.this_month(lane.name), options.max_spend_per_month)} this month"
    )
    limits = settings.spend
    if limits.max_per_day is not None or limits.max_per_month is not None:
        text += (
            f"; all backends {of(spend.today(), limits.max_per_day)} today, "
            f"{of(spend.this_month(), limits.max_per_month)} this month"
        )
    return text


def _maker(settings: Settings) -> Any:  # noqa: ANN401 - a function
    from copilot_ls.backends.registry import create
    from copilot_ls.config.settings import EMBEDDED, BackendSettings

    def make(name: str) -> Backend:
        options = settings.backend.get(name)
        if options is None and name != EMBEDDED:
            raise SettingsError(f"there is no [backend.{name}]")
        return create(name, options or BackendSettings(kind=EMBEDDED))

    return make


def _seen_by_servers() -> Mapping[str, Row]:
    """What servers recorded of each backend last; nothing where statistics are off."""
    from copilot_ls_telemetry.report import last_of_backends
    from copilot_ls_telemetry.store import StoreError

    from copilot_ls.config.paths import state_dir

    try:
        return last_of_backends(state_dir() / "telemetry.db")
    except StoreError:
        return {}


def _last_seen(row: Row) -> str:
    """When it answered and failed last, and whether a breaker may still be open."""
    now = time.time()
    parts = []
    answered, failed, passed = row["answered_at"], row["failed_at"], row["rested_at"]
    if answered is not None:
        parts.append(f"answered {_ago(now - answered)}")
    if failed is not None:
        parts.append(f"failed {_ago(now - failed)} ({row['fault']})")
    latest = max(filter(None, (failed, passed)), default=0.0)
    if latest > (answered or 0.0) and now - latest < _RESTS_AT_MOST_S:
        parts.append("breaker open")
    return ", ".join(parts) or "not asked yet"


def _ago(seconds: float) -> str:
    for length, name in ((_DAY_S, "days"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {name} ago"
    return f"{max(seconds, 0):.0f} s ago"
