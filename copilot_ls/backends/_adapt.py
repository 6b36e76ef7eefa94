"""What a server refuses is left out from then on.

Servers that speak the same protocol accept different parameters, models of one service too, and none says so before it
is asked. A refusal that names an optional parameter is learnt, for as long as the backend lives, and the request is
made again without it. Leaves what the parameters are to the backends. Called by the backends over HTTP.
"""

from __future__ import annotations

import re
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

from copilot_ls.backends._faults import StatusError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    _T = TypeVar("_T")

_MAX_ATTEMPTS = 6
_REFUSED_PARAMETER = {400, 422}
_SAYS_UNSUPPORTED = re.compile(
    r"unsupported|not (?:yet |currently )?(?:supported|permitted|allowed)|unrecognized|unknown|unexpected|extra"
    r"|forbidden|does not support|not support|deprecated|use '|only works|is invalid|is unavailable|cannot find field",
    re.IGNORECASE,
)


class Refused:
    """The optional parameters of one backend that its server has refused.

    `parameters` are their names, each with the regular expression by which a refusal is known to be about it.
    """

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._patterns = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in parameters.items()}
        self._found: set[str] = set()

    @property
    def names(self) -> frozenset[str]:
        """Those that are to be left out."""
        return frozenset(self._found)

    def learn(self, error: StatusError) -> bool:
        """Whether a refusal is about a parameter that was not yet left out; it is from now on."""
        if not says_unsupported(error):
            return False
        for name, pattern in self._patterns.items():
            if name not in self._found and pattern.search(error.said):
                self._found.add(name)
                return True
        return False


def says_unsupported(error: StatusError) -> bool:
    """Whether a refusal is about something in the request that the server does not know or does not do."""
    return (
        error.status in _REFUSED_PARAMETER
        and error.fault not in {"model_not_found", "context_length"}
        and _SAYS_UNSUPPORTED.search(error.said) is not None
    )


def by_name(*names: str) -> dict[str, str]:
    """Parameters that a refusal calls by their name."""
    return {name: rf"\b{re.escape(name)}\b" for name in names}


async def adapting(
    attempt: Callable[[], AsyncGenerator[_T, None]], adapt: Callable[[StatusError], bool]
) -> AsyncGenerator[_T, None]:
    """What an attempt yields; another one when the first was refused and `adapt` says that something has changed."""
    for n_attempts in range(1, _MAX_ATTEMPTS + 1):
        try:
            async with aclosing(attempt()) as found:
                async for item in found:
                    yield item
        except StatusError as error:  # nothing has been yielded yet: a status comes before any message
            if n_attempts == _MAX_ATTEMPTS or not adapt(error):
                raise
        else:
            return
