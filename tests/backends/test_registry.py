"""Backends are found by kind, others' packages among them, and a broken package breaks only itself."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from copilot_ls.backends import registry
from copilot_ls.config.settings import BackendSettings
from copilot_ls.errors import SettingsError


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Installs a made-up distribution with entry points: call it with its module's text and the points."""

    def install(text: str, **points: str) -> None:
        (tmp_path / "others_backend.py").write_text(textwrap.dedent(text))
        info = tmp_path / "others-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.2\n")
        lines = "".join(f"{name} = {value}\n" for name, value in points.items())
        (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{lines}")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "others_backend", raising=False)

    return install


WORKING = """
    class Theirs:
        def __init__(self, name, options):
            self.name, self.model = name, options.model
        async def complete(self, request):
            yield
        async def check(self): ...
        async def aclose(self): ...

    def create(name, options):
        return Theirs(name, options)

    def fails(name, options):
        raise RuntimeError("no luck")

    def odd(name, options):
        return object()

    def picky(name, options):
        from copilot_ls.errors import SettingsError
        raise SettingsError("backend.it.model is odd")
"""


def test_a_package_adds_its_kind(package):
    package(WORKING, theirs="others_backend:create")
    backend = registry.create("it", BackendSettings(kind="theirs", model="m"))
    assert (backend.name, backend.model) == ("it", "m")
    assert "theirs" in registry.kinds()


def test_an_unknown_kind_is_told_with_those_that_are_known(package):
    package(WORKING, theirs="others_backend:create")
    with pytest.raises(SettingsError) as caught:
        registry.create("it", BackendSettings(kind="opanai"))
    for known in ("backend.it.kind = 'opanai'", ", ".join(registry.BUILT_IN), "theirs"):
        assert known in str(caught.value)


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ("others_backend:missing", "does not load"),
        ("nowhere_to_be_found:create", "does not load"),
        ("others_backend:fails", "RuntimeError: no luck"),
        ("others_backend:odd", "made a object, which is no backend"),
    ],
)
def test_a_broken_package_is_named_and_others_work(package, point, message):
    package(WORKING, theirs=point, good="others_backend:create")
    with pytest.raises(SettingsError) as caught:
        registry.create("it", BackendSettings(kind="theirs"))
    assert message in str(caught.value)
    assert "of others 1.2" in str(caught.value)
    assert registry.create("it", BackendSettings(kind="good")).name == "it"
    assert registry.create("it", BackendSettings(kind="openai", url="http://127.0.0.1:1")).name == "it"


def test_a_packages_own_refusal_of_its_settings_is_passed_on(package):
    package(WORKING, theirs="others_backend:picky")
    with pytest.raises(SettingsError, match=r"^backend\.it\.model is odd$"):
        registry.create("it", BackendSettings(kind="theirs"))


def test_built_in_kinds_are_those_of_the_projects_metadata():
    from importlib.metadata import entry_points

    stated = {
        point.name: point.module
        for point in entry_points(group=registry.GROUP)
        if point.module.startswith("copilot_ls.")
    }
    assert stated == registry.BUILT_IN


@pytest.mark.parametrize("kind", ["openai", "llama_cpp", "ollama", "scripted"])
def test_making_a_backend_loads_no_http_client_and_no_pydantic(kind):
    """They take longer to import than a keystroke may take to answer."""
    code = f"""
        import sys
        from copilot_ls.backends.registry import create
        from copilot_ls.config.settings import BackendSettings
        create("it", BackendSettings(kind={kind!r}, model="qwen2.5-coder"))
        print(sorted({{"httpx2", "pydantic", "ssl"}} & set(sys.modules) - {{"ssl"}}))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
