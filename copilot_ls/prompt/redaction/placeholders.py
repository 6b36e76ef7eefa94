"""Puts placeholders for secrets into a prompt, and the secrets back into what a model answers.

A placeholder is one word, `REDACTED_1_GITHUB_TOKEN`: code stays code, and a model copies it as it would the secret. The
same secret has the same one for a whole session. None is the beginning of another, and none that is in use stands in
the user's own text, so that putting back is never in doubt. Both sides of a secret that the cursor is in get one each.
Only what the prompt itself held is put back into its answer.

Pure but for the memory of a `Redactor`, which is not for use by several threads at once. Called by `features` for every
request that leaves this process, and by `copilot-ls context`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot_ls.prompt.redaction.finder import SecretFinder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MARK = "REDACTED_"
_NUMBERS = re.compile(_MARK + r"(\d+)")
# So much of a placeholder at the end of an answer is taken for one that was cut off.
_SURELY_A_BEGINNING = len("REDACT")


@dataclass(frozen=True, slots=True)
class Redacted:
    """Texts without secrets, parts as they were given, and the secret of each placeholder in them."""

    texts: tuple[tuple[str, ...], ...]
    secrets: Mapping[str, str]

    @property
    def kinds(self) -> dict[str, int]:
        """How many different secrets of each kind were found."""
        return dict(Counter(name.split("_", 2)[2].lower() for name in self.secrets))

    def restore(self, answer: str) -> str:
        """A whole answer with its secrets; a placeholder that was cut off at its end is dropped."""
        begun = begun_at_end(answer, self.secrets)
        return self.put_back(answer[: len(answer) - begun] if begun >= _SURELY_A_BEGINNING else answer)

    def put_back(self, piece: str) -> str:
        """Part of an answer, with the secret of every placeholder that is whole."""
        if not self.secrets:
            return piece
        pattern = re.compile("|".join(map(re.escape, self.secrets)))
        return pattern.sub(lambda match: self.secrets[match[0]], piece)

    def restoring(self) -> Restoring:
        """Puts the secrets into an answer that is still coming in."""
        return Restoring(self)


class Restoring:
    """An answer as it comes in: gives what is certain, and keeps back what may be the beginning of a placeholder."""

    def __init__(self, redacted: Redacted) -> None:
        self._redacted = redacted
        self._kept = ""

    def feed(self, piece: str) -> str:
        """What can be said after one more piece."""
        text = self._kept + piece
        begun = begun_at_end(text, self._redacted.secrets)
        self._kept = text[len(text) - begun :]
        return self._redacted.put_back(text[: len(text) - begun])

    def rest(self) -> str:
        """What was kept back and has come to nothing, once no more pieces come; empty where it is surely cut off."""
        kept, self._kept = self._kept, ""
        return "" if len(kept) >= _SURELY_A_BEGINNING else kept


class Redactor:
    """The placeholders of one session."""

    def __init__(self) -> None:
        self._finder = SecretFinder()
        self._numbers: dict[str, int] = {}
        self._next = 1

    def redact(self, texts: Sequence[Sequence[str]]) -> Redacted:
        """Each text comes in parts that follow each other, such as what stands before and after the cursor."""
        taken = {int(number) for parts in texts for part in parts for number in _NUMBERS.findall(part)}
        secrets: dict[str, str] = {}
        done = tuple(tuple(self._redact_parts(parts, taken, secrets)) for parts in texts)
        return Redacted(done, secrets)

    def holds_secret(self, text: str) -> bool:
        """Whether a secret stands in `text`."""
        return bool(self._finder.find(text))

    def _redact_parts(self, parts: Sequence[str], taken: set[int], secrets: dict[str, str]) -> Iterator[str]:
        found = self._finder.find("".join(parts))
        offset = 0
        for part in parts:
            end = offset + len(part)
            pieces: list[str] = []
            at = offset
            whole = part
            for each in found:
                start, stop = max(each.start, offset), min(each.end, end)
                if start < stop:
                    pieces += [whole[at - offset : start - offset], ""]
                    pieces[-1] = self._placeholder(whole[start - offset : stop - offset], each.kind, taken, secrets)
                    at = stop
            pieces.append(whole[at - offset :])
            yield "".join(pieces)
            offset = end

    def _placeholder(self, secret: str, kind: str, taken: set[int], secrets: dict[str, str]) -> str:
        number = self._numbers.get(secret)
        if number is None or number in taken:
            while self._next in taken:
                self._next += 1
            number = self._numbers[secret] = self._next
            self._next += 1
        name = f"{_MARK}{number}_{kind.upper()}"
        # The same secret may stand in one place where it looks like one thing and in another like another.
        name = next((known for known, value in secrets.items() if value == secret), name)
        secrets[name] = secret
        return name


def begun_at_end(text: str, placeholders: Mapping[str, str]) -> int:
    """How many signs at the end of `text` are the beginning of a placeholder, but not a whole one."""
    longest = max(map(len, placeholders), default=0)
    at = text.find(_MARK[0], max(0, len(text) - longest))
    while at >= 0:
        end = text[at:]
        if any(len(end) < len(name) and name.startswith(end) for name in placeholders):
            return len(end)
        at = text.find(_MARK[0], at + 1)
    return 0
