"""What all backends over HTTP have in common: one client, alternatives one by one, what is refused left out, `doctor`.

Leaves the protocol to its own module. Subclassed by them.
"""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from copilot_ls.backends import _check, _options, _stream
from copilot_ls.backends._adapt import Refused, adapting
from copilot_ls.backends._http import HttpClient
from copilot_ls.backends._marks import spelt_apart
from copilot_ls.backends._stops import until_stop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from copilot_ls.backends._faults import StatusError
    from copilot_ls.backends._options import Endpoint
    from copilot_ls.backends._request import WireRequest
    from copilot_ls.backends.base import BackendCheck, Chunk, CompletionRequest
    from copilot_ls.backends.chat import ChatChunk, ChatRequest
    from copilot_ls.config.settings import BackendSettings
    from copilot_ls.prompt.profiles import ModelProfile


def _never(_: dict[str, Any]) -> bool:
    return False


class HttpBackend:
    """One server and one of its models. `options.body` holds further fields of every request.

    A protocol adds `one` and `converse`, which make one attempt each, `how` and `models`.
    """

    framing: _stream.Framing = "events"
    # The model's family, where the server reads its special tokens in text.
    profile: ModelProfile | None = None

    def __init__(
        self,
        name: str,
        settings: BackendSettings,
        endpoint: Endpoint,
        *,
        refusable: Mapping[str, str],
        key_header: str = "authorization",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.model = settings.model or ""
        self.is_loopback = endpoint.is_loopback
        self._endpoint = endpoint
        self._client = HttpClient(name, settings, endpoint, key_header=key_header, headers=headers)
        self._refused = Refused(refusable)
        self._more: Mapping[str, Any] = _options.option(name, settings, "body", dict, default={})

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        """Stream `request.n` alternatives, one after the other; see `copilot_ls.backends.base.Backend`."""
        for choice in range(max(request.n, 1)):
            answer = adapting(partial(self.one, request, choice), self.adapt)
            async with aclosing(until_stop(answer, self.ends(request), n=1)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """Stream an answer; see `copilot_ls.backends.chat.ChatBackend`."""
        if self.profile is not None:
            request = spelt_apart(request, self.profile)
        async with aclosing(adapting(partial(self.converse, request), self._refused.learn)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def check(self) -> BackendCheck:
        """Find out for `doctor` whether the server can do its work. Never raises."""
        return await _check.check(self, self._listed, host=self._endpoint.host, how=self.how)

    async def key_state(self) -> str:
        """Where the key comes from and whether it is there, in words, for `doctor`; empty where none is named."""
        return await self._client.key_state()

    async def warm(self) -> None:
        """Open a connection ahead of the first request; see `copilot_ls.backends.base.WarmBackend`."""
        await self._client.warm()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def one(self, request: CompletionRequest, choice: int) -> AsyncGenerator[Chunk, None]:
        """One attempt at one alternative."""
        raise NotImplementedError

    def converse(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """One attempt at a conversation."""
        raise NotImplementedError

    def adapt(self, error: StatusError) -> bool:
        """Change how middles are asked for so that the server may take it; False when there is nothing to change."""
        return self._refused.learn(error)

    def how(self) -> str:
        """In what way middles are asked for, as `doctor` says it."""
        raise NotImplementedError

    def ends(self, request: CompletionRequest) -> tuple[str, ...]:
        """What ends a middle, whether or not the server stops there."""
        return (*request.stop, *(self.profile.ends if self.profile is not None else ()))

    async def models(self) -> Sequence[str]:
        """The models that the server has. Raises `BackendError`."""
        raise NotImplementedError

    async def _listed(self) -> Sequence[str]:
        await self._client.prepare()
        return await self.models()

    def _messages(
        self, request: WireRequest, *, is_last: Callable[[dict[str, Any]], bool] = _never
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The messages of the answer to a request."""
        request = request.with_more(self._more)
        return _stream.stream(
            self._client, request.path, request.body, framing=self.framing, sent=request.sent, is_last=is_last
        )
