"""Routing weights on scripted models: who is asked first as outcomes come in, and what that is worth.

Each scene is a route of two models as a user might order them, with the chance that an answer of each is accepted, its
length, seconds and price. Requests are asked in the order that the server's own `UserHistory` gives; where the first has
nothing (a tenth of the time), the second is asked. Beside it stands the user's order, kept. Called by `bench_calibration`.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from copilot_ls.config.settings import RouteStep, Settings
from copilot_ls.features.calibration.learning import learn
from copilot_ls.features.calibration.user_history import UserHistory

_LEARN_EVERY = 20
_SILENT = 0.1


class Model(NamedTuple):
    """The chance that an answer is accepted, in code points what is accepted, and what an answer takes and costs."""

    name: str
    accepted: float
    n_chars: int
    waits_s: float
    costs: float


class Scene(NamedTuple):
    what: str
    first: Model
    second: Model
    later: Model | None = None
    """What becomes of the first model half-way."""


SCENES = (
    Scene("the second is better, and cheaper", Model("a", 0.2, 30, 0.6, 0.010), Model("b", 0.35, 30, 0.5, 0.002)),
    Scene("the second is as good, and cheaper", Model("a", 0.3, 30, 0.6, 0.010), Model("b", 0.32, 30, 0.5, 0.002)),
    Scene("the second is better, and dearer", Model("a", 0.2, 30, 0.4, 0.002), Model("b", 0.35, 30, 0.6, 0.010)),
    Scene("the first is better, and dearer", Model("a", 0.35, 30, 0.6, 0.010), Model("b", 0.2, 30, 0.4, 0.002)),
    Scene("both are alike", Model("a", 0.3, 30, 0.5, 0.002), Model("b", 0.3, 30, 0.5, 0.002)),
    Scene(
        "the first becomes worse half-way", Model("a", 0.35, 30, 0.5, 0.002), Model("b", 0.25, 30, 0.5, 0.002),
        later=Model("a", 0.08, 30, 0.5, 0.002),
    ),
)  # fmt: skip


class Came(NamedTuple):
    """Per request: characters accepted, seconds, money; and how often the second was asked first at the end."""

    chars: float
    waits_s: float
    costs: float
    second_first: float


def simulated(scene: Scene, n: int, seed: int, *, learns: bool) -> Came:
    """What comes of `n` requests."""
    rng, chance = random.Random(seed), random.Random(seed + 1)
    history = UserHistory(
        Settings, lambda *_: None, is_on=learns, now=lambda: 0.0, wall_clock=lambda: 0.0, chance=chance.random
    )
    steps = [RouteStep(backend=scene.first.name), RouteStep(backend=scene.second.name)]
    chars = waits = costs = 0.0
    seconds_first = []
    judged: list[dict[str, object]] = []
    asked: list[dict[str, object]] = []
    for number in range(n):
        first = scene.later if scene.later is not None and number >= n // 2 else scene.first
        models = {"a": first, "b": scene.second}
        order = [models[step.backend] for step in history.ordered(steps, "python", [False, False])]
        seconds_first.append(order[0].name == "b")
        for place, model in enumerate(order):
            waits, costs = waits + model.waits_s, costs + model.costs
            asked.append(
                {"id": 2 * number + place, "request_id": str(number), "backend": model.name, "language": "python",
                 "latency_ms": 1000 * model.waits_s, "cost": model.costs}
            )  # fmt: skip
            if rng.random() < _SILENT:
                continue
            taken = model.n_chars if rng.random() < model.accepted else 0
            chars += taken
            judged.append(
                {"id": number, "request_id": str(number), "outcome": "accepted" if taken else "ignored", "kept": None,
                 "language": "python", "backend": model.name, "source": "backend", "multiline": 0,
                 "n_chars": model.n_chars, "confidence": None, "p_accept": None, "features": None,
                 "accepted_chars": taken}
            )  # fmt: skip
            break
        if number % _LEARN_EVERY == 0:
            learn(history.state, judged, [], asked)
            judged.clear()
            asked.clear()
    last = seconds_first[-n // 4 :]
    return Came(chars / n, waits / n, costs / n, sum(last) / len(last))


def report(n: int, seed: int) -> None:
    """Print the table."""
    print(f"two models, {n} requests; per request, as ordered by the user and as learned; mean of five runs")
    print(f"  {'':<36} {'characters':^15}  {'seconds':^13}  {'money':^17}  second asked first at the end")
    for scene in SCENES:
        kept, learned = (
            Came(*(sum(numbers) / 5 for numbers in zip(*runs, strict=True)))
            for runs in (
                [simulated(scene, n, seed + run, learns=learns) for run in range(5)] for learns in (False, True)
            )
        )
        print(
            f"  {scene.what:<36} {kept.chars:>6.2f}  {learned.chars:>6.2f}   {kept.waits_s:>5.2f}  {learned.waits_s:>5.2f}"
            f"   {kept.costs:>7.4f}  {learned.costs:>7.4f}   {learned.second_first:>6.0%}"
        )
