"""The layers of settings: who wins, what is refused, and how that is said."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.config.load import load
from copilot_ls.config.settings import RouteStep, Settings
from copilot_ls.config.trust import PROJECT_FILE, TrustStore


def load_layers(tmp_path, *, user="", project="", editor=None, trusted=False):
    """Load with a user file, a project file and editor settings, given as text and a table."""
    user_file = tmp_path / "config.toml"
    user_file.write_text(user, encoding="utf-8")
    workspace = tmp_path / "workspace"
    workspace.mkdir(exist_ok=True)
    project_file = workspace / PROJECT_FILE
    project_file.write_text(project, encoding="utf-8")
    if trusted:
        TrustStore().trust(project_file, project_file.read_bytes())
    return load(user_file=user_file, workspace_roots=[workspace], editor=editor)


def value_of(loaded, dotted):
    section, _, key = dotted.partition(".")
    return getattr(getattr(loaded.settings, section), key)


def test_without_any_layer_all_is_default():
    """No file and no editor settings give the defaults, no problem, and no origin."""
    loaded = load(user_file=None, workspace_roots=[], editor=None)
    assert (loaded.settings, loaded.problems, loaded.origins) == (Settings(), (), {})


def test_defaults_cost_no_heavy_import():
    """Where nothing is configured, neither pydantic nor tomllib is imported."""
    code = (
        "import sys; from pathlib import Path; from copilot_ls.config.load import load;"
        "load(user_file=Path('/nowhere/config.toml'), workspace_roots=[Path('/nowhere')], editor={});"
        "print([name for name in ('pydantic', 'tomllib', 'platformdirs') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("layers", "expected", "origin"),
    [
        ({"user": "completion.max_lines = 3"}, 3, "user file"),
        ({"user": "completion.max_lines = 3", "project": "completion.max_lines = 4"}, 4, "project file"),
        (
            {
                "user": "completion.max_lines = 3",
                "project": "completion.max_lines = 4",
                "editor": {"completion": {"max_lines": 5}},
            },
            5,
            "editor",
        ),
        ({"user": "completion.max_lines = 3", "editor": {"completion": {"max_lines": 5}}}, 5, "editor"),
        ({"project": "completion.max_lines = 4", "editor": {"completion": {"max_lines": None}}}, 4, "project file"),
        ({"user": "completion.max_lines = 3", "editor": {"completion": {"max_lines": "many"}}}, 3, "user file"),
        ({"user": "completion.max_lines = 16"}, 16, "user file"),
    ],
)
def test_later_layers_win(tmp_path, layers, expected, origin):
    """The last layer with an acceptable value is the one that counts, and is named."""
    loaded = load_layers(tmp_path, **layers)
    assert loaded.settings.completion.max_lines == expected
    assert loaded.origins["completion.max_lines"].startswith(origin)


@pytest.mark.parametrize(
    "editor",
    [
        {"completion": {"max_lines": 7}},
        {"completion": {"maxLines": 7}},
        {"completion.maxLines": 7},
        {"completion.max_lines": 7},
        {"copilot-ls": {"completion": {"maxLines": 7}}},
        {"settings": {"copilot-ls": {"completion": {"max-lines": 7}}}},
        {"copilotLs": {"completion": {"maxLines": 7.0}}},
    ],
)
def test_editors_spell_as_they_like(editor):
    """Nested or dotted, in camelCase or snake_case, wrapped in the section's name or not: it is the same setting."""
    loaded = load(user_file=None, workspace_roots=[], editor=editor)
    assert loaded.problems == ()
    assert loaded.settings.completion.max_lines == 7


BAD = [
    # table, key, what the message must say, value in force
    ({"completion": {"max_lines": 0}}, "completion.max_lines", ["= 0", "from 1 to 200", "16 is used"], 16),
    ({"completion": {"max_lines": True}}, "completion.max_lines", ["= true", "a whole number"], 16),
    ({"completion": {"max_lines": 2.5}}, "completion.max_lines", ["= 2.5", "a whole number"], 16),
    ({"completion": {"max_lines": "3"}}, "completion.max_lines", ['= "3"', "a whole number"], 16),
    ({"completion": {"max_lines": 10**30}}, "completion.max_lines", ["a whole number"], 16),
    ({"completion": {"enable": 1}}, "completion.enable", ["= 1", "true or false", "true is used"], True),
    ({"completion": {"multiline": "yes"}}, "completion.multiline", ['"auto", "always", "never"', '"auto" is used'], "auto"),
    ({"completion": {"languages_disable": "python"}}, "completion.languages_disable", ["a list of strings", "[]"], ()),
    ({"completion": {"languages_disable": [1]}}, "completion.languages_disable", ["a list of strings"], ()),
    ({"completion": {"min_confidence": float("nan")}}, "completion.min_confidence", ["a number from 0.0 to 1.0"], 0.5),
    ({"log": {"file": 3}}, "log.file", ["a string", "unset is used"], None),
    ({"route": {"completion": []}}, "route.completion", ["a list of tables"], (RouteStep(backend="embedded"),)),
    ({"route": {"completion": [{"name": "x"}]}}, "route.completion", ["a list of tables"], (RouteStep(backend="embedded"),)),
    ({"route": {"completion": ["x"]}}, "route.completion", ["not configured", "known: embedded"], (RouteStep(backend="embedded"),)),
    ({"route": {"fix": [{"backend": "embedded", "deadline_ms": 0}]}}, "route.fix", ['keys "backend"', "deadline_ms"], ()),
    ({"backend": {"a": {"kind": "openai", "input_price": -1}}}, "backend.a.input_price", ["0 or more", "unset is used"], None),
    ({"spend": {"max_per_day": "10"}}, "spend.max_per_day", ["a number, 0 or more"], None),
    ({"completion": {"max_line": 3}}, "completion.max_line", ["did you mean completion.max_lines?"], None),
    ({"completion": {"zzz": 3}}, "completion.zzz", ["no such setting", "known: enable"], None),
    ({"completions": {"enable": False}}, "completions", ["did you mean completion?"], None),
    ({"completion": 3}, "completion", ["= 3", "expected a table"], None),
    ({"backend": {"a": {"url": "http://x"}}}, "backend.a.kind", ["missing", "left out"], None),
    ({"backend": {"a": 3}}, "backend.a", ["expected a table"], None),
    ({"backend": {"a": {"kind": "openai", "url": "localhost:80"}}}, "backend.a.url", ["http:// or https://", "unset is used"], None),
    ({"backend": {"a": {"kind": "openai", "headers": {"A": 1}}}}, "backend.a.headers", ["a table of strings"], None),
    ({"backend": {"a": {"kind": "openai", "total_timeout_ms": 0}}}, "backend.a.total_timeout_ms", ["milliseconds", "30000 is used"], None),
]  # fmt: skip


@pytest.mark.parametrize(("table", "key", "said", "in_force"), BAD, ids=[f"{row[1]}-{row[0]}"[:60] for row in BAD])
def test_a_bad_key_is_one_problem_and_the_rest_applies(table, key, said, in_force):
    """It names key, value, what is allowed and what is used; a good key beside it is in force."""
    loaded = load(user_file=None, workspace_roots=[], editor=table | {"context": {"budget_tokens": 99}})
    (problem,) = loaded.problems
    assert problem.key == key
    for words in [key, *said, "editor"] if key != "backend.a.kind" else [key, *said]:
        assert words in str(problem)
    assert loaded.settings.context.budget_tokens == 99
    if in_force is not None:
        assert value_of(loaded, key) == in_force
        assert key not in loaded.origins or key == "route.completion"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"[completion]\nmax_lines = \n", "config.toml:2:13: is not TOML"),
        (b"a = 1\n\xff", "config.toml:2: is not UTF-8"),
        (b"#" * 300_000, "config.toml: is larger than 256 kB"),
        (b"a = " + b"[" * 5000, "config.toml"),
    ],
)
def test_an_unusable_file_is_one_problem_with_its_place(tmp_path, content, place):
    """A file that cannot be parsed says where; the editor's settings still apply."""
    user_file = tmp_path / "config.toml"
    user_file.write_bytes(content)
    loaded = load(user_file=user_file, workspace_roots=[], editor={"completion": {"max_lines": 3}})
    (problem,) = loaded.problems
    assert place in str(problem)
    assert loaded.settings.completion.max_lines == 3


def test_a_byte_order_mark_is_no_problem(tmp_path):
    """Editors on Windows write one."""
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbfcompletion.max_lines = 3")
    loaded = load(user_file=tmp_path / "config.toml", workspace_roots=[], editor=None)
    assert (loaded.problems, loaded.settings.completion.max_lines) == ((), 3)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_named_pipe_in_a_workspace_does_not_stop_the_server(workspace):
    """A project file that is no file is a problem, not a wait."""
    os.mkfifo(workspace / PROJECT_FILE)
    (problem,) = load(user_file=None, workspace_roots=[workspace], editor=None).problems
    assert "not a regular file" in str(problem)


def test_a_folder_in_place_of_a_settings_file_is_a_problem(workspace):
    """It can be opened, as a file can, but holds nothing that could be read."""
    (workspace / PROJECT_FILE).mkdir()
    (problem,) = load(user_file=None, workspace_roots=[workspace], editor=None).problems
    assert "not a regular file" in str(problem)


PRIVILEGED = """
[backend.theirs]
kind = "openai"
url = "http://collector.example"
[[route.completion]]
backend = "theirs"
[telemetry]
max_mb = 7
[log]
level = "debug"
file = "/tmp/log"
[completion]
max_lines = 4
"""


def test_an_untrusted_project_cannot_say_where_code_goes(tmp_path):
    """Endpoints, routes, logs and the size of the record wait for trust; limits apply; one problem says all that."""
    loaded = load_layers(tmp_path, project=PRIVILEGED)
    assert loaded.settings == dataclasses.replace(
        Settings(), completion=dataclasses.replace(Settings().completion, max_lines=4)
    )
    (problem,) = loaded.problems
    for words in ("backend.theirs", "route.completion", "telemetry.max_mb", "log.file", "copilot-ls trust"):
        assert words in str(problem)


def test_a_trusted_project_can_until_its_file_changes(tmp_path):
    """Trust belongs to the content of the file."""
    loaded = load_layers(tmp_path, project=PRIVILEGED, trusted=True)
    assert loaded.problems == ()
    assert loaded.settings.backend["theirs"].url == "http://collector.example"
    assert loaded.settings.route.completion == (RouteStep(backend="theirs"),)
    assert loaded.settings.telemetry.max_mb == 7
    changed = load_layers(tmp_path, project=PRIVILEGED + "\n# changed")
    assert changed.settings.backend == {}
    assert len(changed.problems) == 1


def test_a_project_may_lower_a_spend_limit_and_not_raise_it(tmp_path):
    """Limits are the user's; less is always allowed."""
    user = "[spend]\nmax_per_day = 5"
    lowered = load_layers(tmp_path, user=user, project="[spend]\nmax_per_day = 2\nmax_per_month = 9")
    assert (lowered.settings.spend.max_per_day, lowered.settings.spend.max_per_month) == (2, 9)
    assert lowered.problems == ()
    raised = load_layers(tmp_path, user=user, project="[spend]\nmax_per_day = 6")
    assert raised.settings.spend.max_per_day == 5
    assert "spend.max_per_day" in str(raised.problems[0])


OWN = """
[backend.cheap]
kind = "openai"
url = "https://models.example/v1"
model = "small"
models = ["small", "medium"]
max_spend_per_day = 5

[backend.unused]
kind = "openai"
url = "https://other.example/v1"

[[route.completion]]
backend = "cheap"
"""


@pytest.mark.parametrize(
    ("project", "dotted", "expected", "blocked"),
    [
        ('[backend.cheap]\nmodel = "medium"', "model", "medium", None),
        ('[backend.cheap]\nmodel = "enormous"', "model", "small", "backend.cheap.model"),
        ("[backend.cheap]\nmax_spend_per_day = 1", "max_spend_per_day", 1, None),
        ("[backend.cheap]\nmax_spend_per_day = 6", "max_spend_per_day", 5, "backend.cheap.max_spend_per_day"),
        ("[backend.cheap]\nmax_spend_per_month = 6", "max_spend_per_month", 6, None),
        ("[backend.cheap]\ntotal_timeout_ms = 900", "total_timeout_ms", 900, None),
        ("[backend.cheap]\ntotal_timeout_ms = 90_000", "total_timeout_ms", 30_000, "backend.cheap.total_timeout_ms"),
        ('[backend.cheap]\nurl = "https://evil.example"', "url", "https://models.example/v1", "backend.cheap.url"),
        ('[backend.cheap]\nproxy = "http://evil.example"', "proxy", None, "backend.cheap.proxy"),
        ('[backend.cheap]\nca_file = "ca.pem"', "ca_file", None, "backend.cheap.ca_file"),
        ('[backend.cheap]\napi_key_env = "AWS_KEY"', "api_key_env", None, "backend.cheap.api_key_env"),
        ('[backend.cheap]\napi_key_command = ["sh", "x"]', "api_key_command", (), "backend.cheap.api_key_command"),
        ('[backend.cheap]\napi_key_keyring = "a/b"', "api_key_keyring", None, "backend.cheap.api_key_keyring"),
        ('[backend.cheap]\nallow_http_to = ["evil.example"]', "allow_http_to", (), "backend.cheap.allow_http_to"),
        ('[backend.cheap]\nmodels = ["enormous"]', "models", ("small", "medium"), "backend.cheap.models"),
        ('[backend.cheap]\nkind = "ollama"', "kind", "openai", "backend.cheap.kind"),
        ('[backend.cheap]\nheaders = { x = "y" }', "headers", {}, "backend.cheap.headers"),
        ('[backend.cheap]\noptions = { fim = "chat" }', "options", {}, "backend.cheap.options"),
        ("[backend.cheap]\ninput_price = 0.0", "input_price", None, "backend.cheap.input_price"),
    ],
)
def test_a_project_chooses_among_what_the_user_defined(tmp_path, project, dotted, expected, blocked):
    """Models that are offered and lower limits apply; addresses, keys, commands and prices wait for trust."""
    loaded = load_layers(tmp_path, user=OWN, project=project)
    assert getattr(loaded.settings.backend["cheap"], dotted) == expected
    assert [problem.key for problem in loaded.problems] == ([blocked] if blocked else [])


@pytest.mark.parametrize(
    ("project", "expected", "blocked"),
    [
        ('route.completion = ["embedded"]', ["embedded"], None),
        ('route.completion = ["embedded", "cheap"]', ["embedded", "cheap"], None),
        ('route.completion = ["unused"]', ["cheap"], "route.completion"),
        ('route.completion = ["cheap", "theirs"]', ["cheap"], "route.completion"),
        ("route.hedge_after_ms = 10", ["cheap"], "route.hedge_after_ms"),
    ],
)
def test_a_project_may_choose_of_the_users_own_route(tmp_path, project, expected, blocked):
    """It never leads to a backend that the user does not send this task to."""
    loaded = load_layers(tmp_path, user=OWN, project=project)
    assert [step.backend for step in loaded.settings.route.completion] == expected
    assert [problem.key for problem in loaded.problems] == ([blocked] if blocked else [])


@pytest.mark.parametrize("key", ["context.budget_tokens", "completion.max_tokens", "completion.n_candidates"])
def test_a_project_does_not_make_requests_larger(tmp_path, key):
    """What a request costs is the user's; less is always allowed."""
    before = value_of(load_layers(tmp_path), key)
    assert value_of(load_layers(tmp_path, project=f"{key} = {before // 2}"), key) == before // 2
    raised = load_layers(tmp_path, project=f"{key} = {before + 1}")
    assert (value_of(raised, key), len(raised.problems)) == (before, 1)


def test_a_project_does_not_touch_redaction(tmp_path):
    loaded = load_layers(tmp_path, project="redaction.loopback = false")
    assert loaded.settings.redaction.loopback
    assert loaded.problems[0].key == "redaction.loopback"


def test_each_task_has_a_route(tmp_path):
    """What is not set follows from the backends: `embedded` completes, and neither explains nor mends."""
    backends = '[backend.a]\nkind = "openai"\n[backend.b]\nkind = "ollama"\n'
    derived = load_layers(tmp_path, user=backends).settings.route
    assert [step.backend for step in derived.completion] == ["a", "b", "embedded"]
    assert [step.backend for step in derived.next_edit] == ["embedded"]
    assert [step.backend for step in derived.explain] == ["a", "b"]
    assert derived.fix == derived.explain
    routes = '[[route.completion]]\nbackend = "a"\ndeadlineMs = 800\n[[route.explain]]\nbackend = "a"\n'
    given = load_layers(tmp_path, user=backends + routes).settings.route
    assert given.completion == (RouteStep(backend="a", deadline_ms=800),)
    assert given.fix == (RouteStep(backend="a"),)


def test_trust_is_for_one_place(tmp_path):
    """The same content in another folder is not trusted."""
    load_layers(tmp_path, project=PRIVILEGED, trusted=True)
    other = tmp_path / "other"
    other.mkdir()
    (other / PROJECT_FILE).write_text(PRIVILEGED, encoding="utf-8")
    assert load(user_file=None, workspace_roots=[other], editor=None).settings.backend == {}


@pytest.mark.parametrize(
    ("user", "project", "dotted", "expected", "n_problems"),
    [
        ("", "telemetry.enable = false", "telemetry.enable", False, 0),
        ("telemetry.enable = false", "telemetry.enable = true", "telemetry.enable", False, 1),
        ("", "telemetry.enable = true", "telemetry.enable", True, 0),
        ("context.enable = false", "context.enable = true", "context.enable", False, 1),
        ("", "context.enable = false", "context.enable", False, 0),
        ('index.exclude = ["a"]', 'index.exclude = ["b"]', "index.exclude", ("a", "b"), 0),
        ('index.exclude = ["a"]', "index.exclude = []", "index.exclude", ("a",), 0),
        ("", "index.max_files = 10", "index.max_files", 10, 0),
    ],
)
def test_an_untrusted_project_may_only_tighten(tmp_path, user, project, dotted, expected, n_problems):
    """It may turn things off and add to lists, and cannot turn on what the user has turned off."""
    loaded = load_layers(tmp_path, user=user, project=project)
    assert value_of(loaded, dotted) == expected
    assert len(loaded.problems) == n_problems


def test_of_several_folders_the_first_counts(tmp_path):
    """Workspace folders are read so that the first one's word stands."""
    for name, lines in (("one", 3), ("two", 4)):
        (tmp_path / name).mkdir()
        (tmp_path / name / PROJECT_FILE).write_text(f"completion.max_lines = {lines}", encoding="utf-8")
    loaded = load(user_file=None, workspace_roots=[tmp_path / "one", tmp_path / "two"], editor=None)
    assert loaded.settings.completion.max_lines == 3


def test_backends_are_merged_key_by_key_and_make_a_route(tmp_path):
    """The editor can change the model of the user's backend; without a route, backends are asked as written, embedded last."""
    loaded = load_layers(
        tmp_path,
        user='[backend.b]\nkind = "ollama"\nmodel = "m"\n[backend.a]\nkind = "openai"\nheaders = { X-Team = "y" }',
        editor={"backend": {"b": {"model": "n", "totalTimeoutMs": 9}}},
    )
    assert loaded.problems == ()
    assert (loaded.settings.backend["b"].kind, loaded.settings.backend["b"].model) == ("ollama", "n")
    assert loaded.settings.backend["b"].total_timeout_ms == 9
    assert loaded.settings.backend["a"].headers == {"X-Team": "y"}
    assert [step.backend for step in loaded.settings.route.completion] == ["b", "a", "embedded"]


def test_dotted_names_reach_backends():
    """VS Code and others flatten what they send."""
    loaded = load(
        user_file=None,
        workspace_roots=[],
        editor={
            "backend.my.server.kind": "openai",
            "backend.my.server.url": "http://x",
            "route.completion": ["my.server"],
        },
    )
    assert loaded.problems == ()
    assert loaded.settings.backend["my.server"].url == "http://x"


SECRET = "sk-verysecret123"


@pytest.mark.parametrize(
    "table",
    [
        {"api_key": SECRET},
        {"apiKey": SECRET},
        {"headers": SECRET},
        {"headers": {"Authorization": [SECRET]}},
        {"password": SECRET},
        {"url": f"ftp://me:{SECRET}@host"},
        {"token": {"x": SECRET}},
    ],
)
def test_secrets_are_not_repeated(table):
    """What may be a secret is in no message."""
    loaded = load(user_file=None, workspace_roots=[], editor={"backend": {"a": {"kind": "openai"} | table}})
    assert loaded.problems
    assert not any(SECRET in problem.message for problem in loaded.problems)


def test_names_from_files_cannot_write_to_the_terminal(tmp_path):
    """Control characters in names and values are spelled out, and long ones are cut."""
    loaded = load_layers(tmp_path, project='"\\u001b[31m\\n" = 1\n[completion]\n"' + "k" * 5000 + '" = 1')
    assert len(loaded.problems) == 2
    assert all(str(problem).isprintable() and len(str(problem)) < 1100 for problem in loaded.problems)


def test_problems_are_bounded():
    """A thousand bad keys are fifty sentences and a count."""
    loaded = load(user_file=None, workspace_roots=[], editor={f"x{number}": 1 for number in range(1000)})
    assert len(loaded.problems) == 51
    assert "950 more" in str(loaded.problems[-1])


names = st.one_of(
    st.sampled_from(
        ["completion", "context", "index", "telemetry", "cache", "log", "backend", "route", "enable", "maxLines", "exclude",
         "languages_disable", "kind", "url", "headers", "options", "completion.max_lines", "backend.a.url", "copilot-ls", "."],
    ),
    st.text(max_size=8),
)  # fmt: skip
json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["openai", "auto"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=5)),
    max_leaves=25,
)


@settings(max_examples=250, deadline=None)
@given(json_values)
def test_whatever_the_editor_sends_the_settings_are_usable(editor):
    """Any JSON gives settings whose every value is allowed, and problems that are one line each."""
    loaded = load(user_file=None, workspace_roots=[], editor=editor)
    assert loaded.settings.route.completion
    for problem in loaded.problems:
        assert str(problem).isprintable()
    # What came out is accepted when it is put in again.
    again = {key: value for key, value in dataclasses.asdict(loaded.settings).items() if key != "backend"}
    again["backend"] = {name: dataclasses.asdict(backend) for name, backend in loaded.settings.backend.items()}
    assert load(user_file=None, workspace_roots=[], editor=again).settings == loaded.settings


def test_deep_nesting_is_refused_not_met_with_an_error():
    """A value nested deeper than Python likes is a bad value as any other."""
    deep: object = 1
    for _ in range(50_000):
        deep = [deep]
    loaded = load(user_file=None, workspace_roots=[], editor={"completion": {"languages_disable": deep}, "x": deep})
    assert len(loaded.problems) == 2
