"""Every setting of copilot-ls: its type, default, unit, limits and description. The one place they are written down.

    completion   when and how much ghost text is offered
    context      what else of the workspace goes into a prompt
    index        what of the workspace is looked at
    telemetry    the local record of what was shown and accepted
    cache        completions kept on disk
    log          the server's own log
    backend.<name>     where completions come from
    route.<task>       which backends are asked, in order
    spend              what all backends together may cost
    redaction          secrets in what backends are sent
    fix                how code is mended, and what checks it

The sections are plain frozen dataclasses, so that `Settings()` (all defaults) costs no import of pydantic: start-up is
measured. The limits in a field's metadata use pydantic's names; `copilot_ls.config.load` hands them to pydantic when
there is something to check. `copilot_ls.config.reference` writes the reference and the JSON schema from here.

`project` in a field's metadata says what a workspace's own file may do with a key before the user has trusted it:
`any` it applies, `tighten` only if it takes away (false, more exclusions, a lower limit), `trusted` not at all; but a
route may choose among the backends of the user's own, and `model` among a backend's `models`.
"""

# ruff: noqa: RUF009 - `_key` makes a dataclass field, as `field` does, which ruff cannot know.

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations when it checks a value
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from copilot_ls.config.completion_settings import CompletionSettings
from copilot_ls.config.facts import key as _key
from copilot_ls.config.facts import price as _price
from copilot_ls.config.facts import required as _required
from copilot_ls.config.facts import table as _table
from copilot_ls.config.fix_settings import FixSettings, ToolUse  # noqa: F401 - annotations are read from here
from copilot_ls.config.next_edit_settings import NextEditSettings
from copilot_ls.config.stores_settings import CacheSettings, TelemetrySettings

LogLevel = Literal["error", "warning", "info", "debug"]
Task = Literal["completion", "next_edit", "explain", "fix"]

_ADDRESS = r"^https?://[^/\s]\S*$"

TASKS: tuple[Task, ...] = get_args(Task)

EMBEDDED = "embedded"
"""The backend that needs no model, no network and no configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSettings:
    """What else of the workspace goes into a prompt."""

    enable: bool = _key(
        default=True,
        description="Look for related code in other files. When false, only the open file is used.",
        project="tighten",
    )
    budget_tokens: int = _key(
        2048,
        "Most tokens of a prompt: the open file and the related code together.",
        unit="tokens",
        ge=64,
        le=131_072,
        project="tighten",
    )
    deadline_ms: int = _key(
        100, "Longest search for related code; what was found until then is used.", unit="milliseconds", ge=0, le=5000
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """What of the workspace is looked at. Secrets such as `.env` and private keys never are, whatever stands here."""

    enable: bool = _key(default=True, description="Keep an index of the workspace on disk.", project="tighten")
    max_files: int = _key(
        50_000, "Most files of a workspace folder; those near its top come first.", unit="files", ge=1, le=1_000_000
    )
    max_file_bytes: int = _key(1_000_000, "Larger files are left out.", unit="bytes", ge=1024, le=50_000_000)
    max_seconds: int = _key(
        1_800,
        "Longest that bringing the index up to date may take at a time; the next time goes on from there.",
        unit="seconds",
        ge=1,
        le=86_400,
    )
    max_disk_bytes: int = _key(
        2_000_000_000,
        "Size from which a workspace folder's index takes no more files. It is some three times that of the sources.",
        unit="bytes",
        ge=100_000_000,
        le=100_000_000_000,
    )
    exclude: tuple[str, ...] = _key(
        (),
        'More patterns to leave out, as in a .gitignore file; for example ["generated/", "*.sql"]. '
        "Nothing of such a file is sent to a backend either. A project file adds to the user's list.",
        project="tighten",
    )
    dependencies: bool = _key(
        default=True,
        description="Know the signatures of installed packages that the workspace imports: of its Python environment, "
        "its node_modules and Go's module cache.",
        project="tighten",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """The server's own log. Source text and keys never reach it."""

    level: LogLevel = _key("warning", "Least severe messages to log.", project="trusted")
    file: str | None = _key(
        None,
        "File to append to; at a megabyte it is turned over, and three old ones are kept. Unset, the log goes to "
        "standard error, which editors keep.",
        project="trusted",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSettings:
    """One backend, under a name of your choice: `[backend.local]`."""

    kind: str = _required(
        'Protocol: "openai", "azure", "anthropic", "gemini", "mistral", "ollama", "llama_cpp", "tgi", "embedded"; or a '
        'service or server by its name, which fills in address and key: "vllm", "lm_studio", "deepseek", "codestral", '
        '"openrouter" and more, listed in editors/BACKENDS.md; or a kind that an installed package adds.'
    )
    url: str | None = _key(
        None, 'Base address; for example "http://127.0.0.1:8080".', pattern=_ADDRESS, project="trusted"
    )
    model: str | None = _key(
        None, "Model to ask for, as the server names it. A project file may name one of `models`.", project="trusted"
    )
    models: tuple[str, ...] = _key(
        (), "Models of this server that a project file may choose among, by naming one as `model`.", project="trusted"
    )
    api_key_env: str | None = _key(
        None,
        "Name of the environment variable that holds the key. The key itself never stands in a file.",
        project="trusted",
    )
    api_key_command: tuple[str, ...] = _key(
        (),
        "Command whose first line of output is the key, as a list of arguments; for example "
        '["pass", "show", "api/example"]. No shell reads it. Asked where api_key_env gives no key; its answer is '
        "kept in memory for ten minutes.",
        project="trusted",
    )
    api_key_keyring: str | None = _key(
        None,
        "Entry of the system's keyring that holds the key, as \"service/user\"; without a user, the backend's name is "
        "taken. Needs `pip install 'copilot-ls[keyring]'`. Asked where the others give no key.",
        project="trusted",
    )
    allow_http_to: tuple[str, ...] = _key(
        (),
        "Hosts, by name, that may be spoken to over plain http, which everybody on the way can read; for example "
        '["gpu.example"]. This machine itself always may.',
        project="trusted",
    )
    profile: str | None = _key(
        None,
        "Model family whose fill-in-the-middle format is used. Unset, it is told from the model's name.",
        project="trusted",
    )
    context_window: int | None = _key(
        None,
        "Tokens that the server keeps of prompt and answer together, where that is less than the model can: for Ollama "
        "its num_ctx, for llama.cpp its --ctx-size. Unset, the model family's own.",
        unit="tokens",
        ge=256,
        le=10_000_000,
        project="trusted",
    )
    connect_timeout_ms: int = _key(
        2000, "Longest wait for a connection.", unit="milliseconds", ge=1, le=600_000, project="tighten"
    )
    first_byte_timeout_ms: int = _key(
        10_000,
        "Longest wait for the first byte of an answer.",
        unit="milliseconds",
        ge=1,
        le=600_000,
        project="tighten",
    )
    idle_timeout_ms: int = _key(
        5000, "Longest pause within an answer.", unit="milliseconds", ge=1, le=600_000, project="tighten"
    )
    total_timeout_ms: int = _key(
        30_000, "Longest time for a whole answer.", unit="milliseconds", ge=1, le=600_000, project="tighten"
    )
    max_concurrency: int = _key(
        4, "Most requests at the same time; more wait, within their deadline.", ge=1, le=64, project="tighten"
    )
    max_retries: int = _key(
        1,
        "How often a request is repeated that failed before anything was answered: no connection, or status 408, 429 "
        "or 503. A pause that the server asks for is kept.",
        ge=0,
        le=5,
        project="tighten",
    )
    input_price: float | None = _price("input tokens that were not cached")
    cached_input_price: float | None = _price("input tokens that the server had in its cache", "input_price")
    cache_write_price: float | None = _price("input tokens that the server put into its cache", "input_price")
    output_price: float | None = _price("output tokens")
    request_price: float | None = _key(None, "Price of one request, beside its tokens.", ge=0, project="trusted")
    max_spend_per_day: float | None = _key(
        None,
        "What this backend may cost in a day; a request that might cost more goes to the next of the route.",
        ge=0,
        project="tighten",
    )
    max_spend_per_month: float | None = _key(
        None, "What this backend may cost in a calendar month.", ge=0, project="tighten"
    )
    proxy: str | None = _key(
        None,
        'Proxy for this backend; for example "http://proxy.example:3128". Unset, the environment decides '
        "(HTTPS_PROXY, NO_PROXY).",
        pattern=_ADDRESS,
        project="trusted",
    )
    http2: bool = _key(
        default=True,
        description="Speak HTTP/2 over https where the server does: a request that is given up costs no connection.",
        project="trusted",
    )
    ca_file: str | None = _key(
        None, "PEM file of certificate authorities to trust for this backend.", project="trusted"
    )
    headers: Mapping[str, str] = _table(dict, "More HTTP headers. Not for keys: see api_key_env.")
    options: Mapping[str, Any] = _table(
        dict,
        "Further options of this kind of backend. `fim` says how a middle is asked for, `body` holds further fields of "
        "every request, as the service names them.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStep:
    """One step of a route: the next is tried when this one cannot answer."""

    backend: str = _required("Name of a configured backend, or `embedded`.")
    deadline_ms: int | None = _key(
        None,
        "Longest time for this step, waiting, retries and answer together; unset, the backend's total_timeout_ms.",
        unit="milliseconds",
        ge=1,
        le=600_000,
        project="trusted",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSettings:
    """Which backends are asked for a task, in order: the next when one cannot answer, rests, or would cost too much.

    A step is the name of a backend, or a table: `{ backend = "local", deadline_ms = 800 }`.
    """

    completion: tuple[RouteStep, ...] = _key(
        (RouteStep(backend=EMBEDDED),),
        "Backends for ghost text, best first. Unset, it is every configured backend in the order they are written, "
        "then `embedded`, which needs no network.",
        project="trusted",
    )
    next_edit: tuple[RouteStep, ...] = _key(
        (RouteStep(backend=EMBEDDED),),
        "Models that are asked for the next edit where the rules of `embedded`, which always come first, find none. "
        "Unset, no model is.",
        project="trusted",
    )
    explain: tuple[RouteStep, ...] = _key(
        (),
        "Backends that explain code. Unset, every configured backend but `embedded`, which cannot.",
        project="trusted",
    )
    fix: tuple[RouteStep, ...] = _key((), "Backends that mend code. Unset, as for explain.", project="trusted")
    hedge_after_ms: int = _key(
        0,
        "After this time without an answer the next model of the route is asked too, and the first answer is taken. "
        "Costs more; 0 never does.",
        unit="milliseconds",
        ge=0,
        le=60_000,
        project="trusted",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendSettings:
    """What all backends together may cost, in the unit of their prices. Beyond it, only free ones are asked."""

    max_per_day: float | None = _key(None, "Most in a day.", ge=0, project="tighten")
    max_per_month: float | None = _key(None, "Most in a calendar month.", ge=0, project="tighten")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionSettings:
    """Secrets in what a backend is sent: placeholders stand for them, which are put back in the answer."""

    loopback: bool = _key(
        default=True,
        description="Take secrets out of what is sent to this machine's own addresses too, behind which something may "
        "pass it on. What is sent anywhere else never holds one.",
        project="trusted",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. `Settings()` is the defaults, with which everything works on this machine alone."""

    completion: CompletionSettings = field(default_factory=CompletionSettings)
    context: ContextSettings = field(default_factory=ContextSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    log: LogSettings = field(default_factory=LogSettings)
    backend: Mapping[str, BackendSettings] = field(default_factory=dict)
    route: RouteSettings = field(default_factory=RouteSettings)
    spend: SpendSettings = field(default_factory=SpendSettings)
    redaction: RedactionSettings = field(default_factory=RedactionSettings)
    fix: FixSettings = field(default_factory=FixSettings)
    next_edit: NextEditSettings = field(default_factory=NextEditSettings)
