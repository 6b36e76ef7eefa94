"""Real engines with a model that the tests write themselves. Each is started once for all tests of this folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends.conftest import opened  # noqa: F401 - a fixture
from tests.engines.engine import Engine, start
from tests.engines.tiny_model import write_tiny_model

HERE = Path(__file__).parent
# Enough that generating to the end takes far longer than noticing that nobody listens.
CONTEXT_TOKENS = 16384


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder. They run in one worker: they share the engines, whose slots they watch."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.engine)


def installed(*command: str) -> Path:
    """The program that an install script finds. Where there is none and none can be had, the tests fail: a skip would
    look like a success."""
    script, *arguments = command
    run = subprocess.run([HERE / script, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if run.returncode:
        pytest.fail(
            f"there is no engine to test with: {run.stderr}(leave these tests out with -m 'not engine')", pytrace=False
        )
    return Path(run.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny-qwen-coder.gguf"
    write_tiny_model(path)
    return path


@pytest.fixture(scope="session")
def llama_server(model: Path) -> Iterator[Engine]:
    """llama.cpp's own server, with a single slot."""
    options = f"--model {model} --port 0 --parallel 1 --ctx-size {CONTEXT_TOKENS} --threads 1 --no-ui --offline --slots"
    engine = start(
        [installed("install_llama_server.sh"), *options.split()],
        model.with_name("llama-server.log"),
        listening=r"listening on (http://\S+)",
        ready="/health",
    )
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def llama_cpp_python(model: Path) -> Iterator[Engine]:
    """The server of the Python package, with the same model."""
    options = f"--model {model} --port 0 --n_ctx {CONTEXT_TOKENS} --n_threads 1 --interrupt_requests false"
    engine = start(
        [installed("install_llama_cpp_python.sh", sys.executable), "-m", "llama_cpp.server", *options.split()],
        model.with_name("llama-cpp-python.log"),
        listening=r"running on (http://127\.0\.0\.1:\d+|http://localhost:\d+)",
        ready="/v1/models",
    )
    yield engine
    engine.stop()
