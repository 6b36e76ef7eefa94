"""The projects that cross-file context is measured on: pinned packages, and the workspaces that are made of their sources.

`TUNING` projects are those that weights and bounds may be tried on, `FITTING` has more of them; `JUDGING` ones are only
ever reported. A workspace
holds the sources of one language alone: npm packages also ship what was compiled from them, which would give every
answer away. Called by `bench_context`.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from copilot_ls.index.lookup import WorkspaceIndex
from copilot_ls.index.worker import build
from tests.bench.packages import CACHE, unpacked

WORKSPACES = CACHE.parent / "workspaces"
_LARGEST_FILE = 300_000
_LEFT_OUT = re.compile(
    r"\.d\.ts$|\.min\.|\.pb\.go$|_pb2\.py$|\.pb\.java$|(?:^|/)(?:node_modules|vendor|_vendor|third_party)/"
)


@dataclass(frozen=True, slots=True)
class Language:
    """How one language's sources are told, and what its open files call themselves."""

    name: str
    endings: tuple[str, ...]
    language_id: str


PYTHON = Language("Python", (".py",), "python")
TYPESCRIPT = Language("TypeScript", (".ts", ".tsx"), "typescript")
JAVA = Language("Java", (".java",), "java")
GO = Language("Go", (".go",), "go")
LANGUAGES = (PYTHON, TYPESCRIPT, JAVA, GO)

TUNING: dict[Language, tuple[str, ...]] = {
    PYTHON: (
        "pypi:werkzeug==3.0.4",
        "pypi:mkdocs==1.6.1",
        "pypi:httpx==0.27.2",
        "pypi:poetry==1.8.3",
        "pypi:celery==5.4.0",
        "pypi:pylint==3.3.1",
    ),
    TYPESCRIPT: ("npm:rxjs@7.8.1", "npm:mobx@6.13.5", "npm:ajv@8.17.1", "npm:@trpc/server@10.45.2"),
    JAVA: ("npm:cordova-android@13.0.0",),
    GO: (),
}
# Weights are fitted on the tuning projects and these (`fit_context`): large and small ones of other kinds.
FITTING: dict[Language, tuple[str, ...]] = {
    PYTHON: (
        *TUNING[PYTHON],
        "pypi:sqlalchemy==2.0.35",
        "pypi:django==5.1.1",
        "pypi:tornado==6.4.1",
        "pypi:fastapi==0.115.0",
        "pypi:docutils==0.21.2",
        "pypi:aiohttp==3.10.10",
    ),
    TYPESCRIPT: (
        *TUNING[TYPESCRIPT],
        "npm:@tanstack/query-core@5.59.20",
        "npm:@noble/curves@1.6.0",
        "npm:@trpc/client@10.45.2",
        "npm:abitype@1.0.6",
    ),
    JAVA: TUNING[JAVA],
    GO: TUNING[GO],
}
JUDGING: dict[Language, tuple[str, ...]] = {
    PYTHON: (
        "pypi:scrapy==2.11.2",
        "pypi:rich==13.9.2",
        "pypi:starlette==0.41.0",
        "pypi:httpcore==1.0.6",
        "pypi:pip-audit==2.7.3",
        "pypi:networkx==3.3",
        "pypi:sphinx==8.1.3",
        "pypi:trio==0.27.0",
        "pypi:textual==0.86.2",
        "pypi:datasette==0.65.1",
        "pypi:twisted==24.10.0",
        "pypi:jinja2==3.1.4",
    ),
    TYPESCRIPT: (
        "npm:zod@3.25.76",
        "npm:ethers@6.13.4",
        "npm:effect@3.11.6",
        "npm:viem@2.21.57",
        "npm:@reduxjs/toolkit@2.5.0",
        "npm:@tanstack/table-core@8.20.5",
    ),
    JAVA: ("npm:react-native@0.72.17", "npm:@capacitor/android@6.2.0", "sdist:jep==4.2.0", "sdist:jpype1==1.5.1"),
    GO: ("sdist:wandb==0.19.1",),
}


def workspace(package: str, language: Language) -> Path:
    """A folder with the package's sources of one language and nothing else, made once."""
    spelled = re.sub(r"[^\w.=@+-]+", "_", package)
    folder = WORKSPACES / f"{spelled}-{language.name.lower()}"
    if folder.is_dir():
        return folder
    source = unpacked(package)
    making = folder.with_name(f".{folder.name}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if (
            path.suffix in language.endings
            and path.is_file()
            and not _LEFT_OUT.search(name)
            and path.stat().st_size <= _LARGEST_FILE
        ):
            copy = making / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    making.rename(folder)
    return folder


def index_of(root: Path, query_ms: float) -> WorkspaceIndex:
    """The index of a workspace, built or brought up to date."""
    database = root.with_name(f"{root.name}.db")
    build(root, database, tell=lambda _: None)
    return WorkspaceIndex(database, query_ms=query_ms)
