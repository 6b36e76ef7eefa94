"""The n-gram engine: what to say token by token, each as the nearest of the longest agreeing contexts have it.

A cache model in the sense of Hindle et al. (2012) and Hellendoorn and Devanbu (2017): the open file counts most, the
other open documents less. Where the copy engine needs one place that goes on as the user will, this one goes over
from one place to another, and says how sure each step is; it says so of others' continuations, too. Called by
`propose`; `streams` finds the contexts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded import lexing, streams
from copilot_ls.backends.embedded.evidence import Found
from copilot_ls.backends.embedded.streams import Following

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.backends.embedded.situation import Situation

# A context is compared over this many tokens, of which the last two must agree.
_MOST_CONTEXT, _PAIR = 10, 2
_MOST_PLACES = 40
_BASE = 2.5
_POWERS = [_BASE**depth for depth in range(_MOST_CONTEXT + 1)]
_WEIGHT = {"above": 2.0, "below": 1.6, "open": 1.0, "workspace": 0.7}
_MOST_TOKENS = 14
_BEAM = 3
# Below this probability a path is not followed, and a continuation no longer looked at.
_LEAST, _LEAST_LOOKED_AT = 0.04, 0.001
# Of a token that was never seen after its context: the chance if it is a word or mark of the neighbourhood, and if not.
_KNOWN, _UNKNOWN = 0.02, 0.003
# A path that goes on with less than this share is one that ends here, too.
_FALTERING = 0.3
# Tokens of a line that is there already, whose chance is asked for.
_MOST_ASKED = 5


# Where a token was learnt: the stretch, its place in that, and how many tokens before it agree.
_Place = tuple[streams.Stretch, int, int]


class _Path(NamedTuple):
    """Text so far with the tokens before it, its probability, and where its first token was learnt."""

    context: tuple[str, ...]
    text: str
    chance: float
    best: _Place | None


class Model:
    """The n-grams of one cursor's surroundings, which are `where`; `memo` is what is known to follow contexts there."""

    __slots__ = ("_context", "_memo", "_partial", "_situation", "_where", "where")

    def __init__(
        self,
        situation: Situation,
        where: Sequence[streams.Stretch],
        memo: dict[tuple[str, ...], Following] | None = None,
    ) -> None:
        self._situation = situation
        self._context, self._partial = _context(situation)
        self._memo: dict[tuple[str, ...], Following] = {} if memo is None else memo
        self.where = where
        self._where = [
            (one.chunk.pairs, one.chunk.tokens, one.source == "above", _WEIGHT[one.source], one) for one in where
        ]

    def places(self) -> list[Found]:
        """The likeliest paths, each as far as it goes."""
        if self._situation.region == "comment":
            return []
        found = []
        for path in self._paths():
            place = path.best
            if place is not None and path.text:
                stretch, at, depth = place
                line = stretch.first_line + stretch.chunk.line_of(at)
                found.append(Found(path.text, depth, stretch.source, stretch.path, line, engine="ngram"))
        return found

    def chances(self, text: str) -> tuple[float, ...]:
        """The probability of each beginning of `text`, and last that of `text` being the rest of the line."""
        context, partial = self._context, self._partial
        if partial and not lexing.is_word(text[:1]):
            context, partial = (*context, partial)[-_MOST_CONTEXT:], ""
        chance = 1.0
        chances: list[float] = []
        for token in lexing.visible_tokens(text):
            word = partial + token
            chance *= self._share(context, word, partial)
            chances.append(chance)
            if chance < _LEAST_LOOKED_AT:
                return tuple(chances)
            context, partial = (*context[1 - _MOST_CONTEXT :], word), ""
        following = self._following(context)
        ends = sum(share for token, share in following.shares.items() if token[0] == "\n")
        return (*chances, chance * ends / following.total) if following.total else tuple(chances)

    def expected(self) -> tuple[float, float]:
        """The mean log chance of the last tokens of the line so far, and of the line above, had they been asked about.

        0 where there is none; what the line above itself says of it is left out.
        """
        tokens = self._context
        ends = [at for at, token in enumerate(tokens) if token[0] == "\n"]
        if not ends:
            return 0.0, 0.0
        start = ends[-1] + 1
        head = self._foreseen(tokens, max(start, len(tokens) - _MOST_ASKED), len(tokens), -1)
        own = self._where[0][1] if self._where and self._where[0][2] else []
        first = ends[-2] + 1 if len(ends) > 1 else 1
        # The line above is the last of the nearest stretch: its tokens are found there, too.
        return head, self._foreseen(tokens, first, min(ends[-1], first + _MOST_ASKED), len(own) - ends[-1] + first)

    def _foreseen(self, tokens: Sequence[str], start: int, end: int, own: int) -> float:
        """The mean log chance of the tokens from `start` to `end`; from `own` on, the nearest stretch is left out."""
        total = 0.0
        for at in range(start, end):
            context = tuple(tokens[:at])
            shares, whole = self._following(context) if own < 0 else self._looked_up(context, own)
            share = shares.get(tokens[at])
            total += math.log(share / whole if share is not None else _UNKNOWN)
        return total / (end - start) if end > start else 0.0

    def ends(self) -> float:
        """The probability that nothing more is written on the cursor's line."""
        chances = self.chances("")
        return chances[-1] if chances else 0.0

    def _share(self, context: tuple[str, ...], token: str, partial: str) -> float:
        shares, total = self._following(context)
        if partial:
            total = sum(share for other, share in shares.items() if other.startswith(partial) and other != partial)
            total *= 1.2
        share = shares.get(token)
        if share is not None and total:
            return share / total
        return _KNOWN if token in self._situation.last_use or not lexing.is_word(token[0]) else _UNKNOWN

    def _following(self, context: tuple[str, ...]) -> Following:
        known = self._memo.get(context)
        if known is None:
            known = self._memo[context] = self._looked_up(context)
        return known

    def _looked_up(self, context: tuple[str, ...], until: int = -1) -> Following:
        """What stands where the context ended before, or its last two tokens at least; the nearest places first.

        With `until`, the tokens of the nearest stretch count up to there.
        """
        shares: dict[str, float] = {}
        if len(context) < _PAIR:
            return Following(shares, 0.0)
        key = context[-2], context[-1]
        third = context[-3] if len(context) > _PAIR else None
        n_context = len(context)
        total, deepest, n_found = 0.0, _PAIR, 0
        nearest = self._where[0][1] if self._where and until >= 0 else None
        for pairs, tokens, upwards, trust, _ in self._where:
            known = pairs.get(key)
            if known is None:
                continue
            most = until if tokens is nearest else len(tokens)
            least = _POWERS[_PAIR] * trust
            ends = [known] if isinstance(known, int) else known[::-1] if upwards else known
            for end in ends:
                if end + 1 >= most:
                    continue
                # Most places agree in no more than the pair.
                if end >= _PAIR and tokens[end - 2] == third:
                    depth = _PAIR + 1
                    while depth < n_context and depth <= end and tokens[end - depth] == context[-1 - depth]:
                        depth += 1
                    deepest = max(deepest, depth)
                    weight = _POWERS[depth] * trust / (1 + 0.02 * n_found)
                else:
                    weight = least / (1 + 0.02 * n_found)
                n_found += 1
                total += weight
                token = tokens[end + 1]
                shares[token] = shares.get(token, 0.0) + weight
            if n_found >= _MOST_PLACES:
                break
        # For what was never seen here, as in Witten and Bell (1991): a share for each token that was.
        return Following(shares, total + _POWERS[deepest] * 0.5 * len(shares))

    def _best_place(self, context: tuple[str, ...], token: str) -> _Place | None:
        """The weightiest place that `_looked_up` found of a token, the nearest of several; few are asked for."""
        best: _Place | None = None
        heaviest, n_found = 0.0, 0
        for pairs, tokens, upwards, trust, stretch in self._where:
            known = pairs.get((context[-2], context[-1]))
            if known is None:
                continue
            ends = [known] if isinstance(known, int) else known[::-1] if upwards else known
            for end in ends:
                if end + 1 >= len(tokens):
                    continue
                if tokens[end + 1] == token:
                    depth = _agreeing(tokens, end, context)
                    weight = _POWERS[depth] * trust / (1 + 0.02 * n_found)
                    if weight > heaviest:
                        heaviest, best = weight, (stretch, end + 1, depth)
                n_found += 1
            if n_found >= _MOST_PLACES:
                break
        return best

    def _paths(self) -> list[_Path]:
        paths = [_Path(self._context, "", 1.0, None)]
        done: list[_Path] = []
        for _ in range(_MOST_TOKENS):
            grown: list[_Path] = []
            for path in paths:
                steps = self._steps(path)
                grown += steps
                if path.text and max((step.chance for step in steps), default=0.0) < _FALTERING * path.chance:
                    done.append(path)
            grown.sort(key=lambda path: -path.chance)
            paths = grown[:_BEAM]
            if not paths:
                break
        return sorted([*done, *paths], key=lambda path: -path.chance)[: 2 * _BEAM]

    def _steps(self, path: _Path) -> list[_Path]:
        partial = "" if path.text else self._partial
        shares, total = self._following(path.context)
        if partial:
            shares = {token: share for token, share in shares.items() if token.startswith(partial) and token != partial}
            total = 1.2 * sum(shares.values())
        steps: list[_Path] = []
        for token in sorted(shares, key=lambda token: -shares[token])[:_BEAM]:
            chance = path.chance * shares[token] / total
            if chance < _LEAST or token[0] == "\n":
                continue
            place = self._best_place(path.context, token)
            if place is None:
                continue
            space = place[0].chunk.spaces[place[1]]
            if path.text:
                piece = space + token
            elif partial:
                piece = token[len(partial) :]
            else:
                piece = token if self._situation.place in {"line_start", "after_space"} else space + token
            context = (*path.context, token)[-_MOST_CONTEXT:]
            steps.append(_Path(context, path.text + piece, chance, path.best or place))
        return steps


def _agreeing(tokens: list[str], end: int, context: tuple[str, ...]) -> int:
    """How many tokens up to `end` are the last ones of `context`, of which two are known to be."""
    most = min(len(context), end + 1)
    depth = _PAIR
    while depth < most and tokens[end - depth] == context[-1 - depth]:
        depth += 1
    return depth


def _context(situation: Situation) -> tuple[tuple[str, ...], str]:
    """The tokens before the cursor, across line ends, and the beginning of the word that is being typed."""
    tokens: list[str] = []
    lines = [*zip(situation.previous, situation.previous_indents, strict=True)][:2][::-1]
    depth = lines[0][1] if lines else 0
    for line, indent in lines:
        tokens += [streams.line_end(depth, indent), *(token for _, token in streams.line_tokens(line))]
        depth = indent
    tokens.append(streams.line_end(depth, situation.indent))
    head = [token for _, token in streams.line_tokens(situation.head)]
    partial = head.pop() if head and situation.place == "in_word" else ""
    return tuple([*tokens, *head][-_MOST_CONTEXT:]), partial
