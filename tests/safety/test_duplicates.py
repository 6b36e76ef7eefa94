"""A suggestion that repeats an installed package under another licence is noticed, or not shown, as the setting says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_ls.features.duplicates import DuplicateCheck, longest_run
from copilot_ls.index.licences import licence_of_folder, licence_of_text
from copilot_ls.text import DocumentSnapshot, TextSnapshot
from tests.backends.model_server import ModelServer, says
from tests.e2e.conftest import House
from tests.safety.test_what_leaves import configure, files, server

__all__ = ["server"]

THEIRS = """\
def quicksort_records(records, key_of):
    if len(records) <= 1:
        return list(records)
    pivot = key_of(records[len(records) // 2])

    smaller = [each for each in records if key_of(each) < pivot]
    equal = [each for each in records if key_of(each) == pivot]
    larger = [each for each in records if key_of(each) > pivot]
    return quicksort_records(smaller, key_of) + equal + quicksort_records(larger, key_of)
"""
BODY = THEIRS.partition("\n")[2]
GPL = "# This program is free software: see the GNU General Public License version 3.\n"
MIT = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    package = folder / ".venv" / "lib" / "python3.11" / "site-packages" / "sorting"
    package.mkdir(parents=True)
    for number in range(20):
        (package / f"other{number}.py").write_text(f"def f{number}():\n    return list(records)\n")
    (package / "quick.py").write_text(GPL + "\n" + THEIRS)
    (folder / "LICENSE").write_text(MIT)
    return folder


def document(root: Path, language_id: str = "python") -> DocumentSnapshot:
    return DocumentSnapshot((root / "a.py").as_uri(), str(root / "a.py"), language_id, 1, TextSnapshot.of(""))


async def find(root: Path, text: str, **options) -> str:
    return str(await DuplicateCheck(lambda _: root, **options).find(text, document(root)))


async def test_a_long_run_is_found_with_its_place_and_licence(root: Path) -> None:
    assert await find(root, BODY) == "7 lines as in sorting/quick.py (GPL-3.0)"


async def test_indentation_and_blank_lines_make_no_difference(root: Path) -> None:
    other = "\n\n".join("\t\t" + line.strip() for line in BODY.split("\n"))
    assert (
        await find(root, f"x = first_of_all()\n{other}\nreturn something_else(x)")
        == "7 lines as in sorting/quick.py (GPL-3.0)"
    )


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(BODY.split("\n")[:5]),
        BODY.replace("smaller", "lesser"),
        "\n".join(reversed(BODY.split("\n"))),
        "x = 1\n" * 40,
        "",
    ],
)
async def test_what_is_short_or_different_is_none(root: Path, text: str) -> None:
    assert await find(root, text) == "None"


async def test_the_same_licence_is_no_matter(root: Path) -> None:
    (root / "LICENSE").write_text("GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n")
    assert await find(root, BODY) == "None"


async def test_a_package_without_headers_says_its_licence_elsewhere(root: Path) -> None:
    site = root / ".venv" / "lib" / "python3.11" / "site-packages"
    (site / "sorting" / "quick.py").write_text(THEIRS)
    assert await find(root, BODY) == "7 lines as in sorting/quick.py (unknown licence)"
    (site / "sorting-1.0.dist-info").mkdir()
    (site / "sorting-1.0.dist-info" / "METADATA").write_text("Name: sorting\nLicense-Expression: Apache-2.0\n\nLong\n")
    assert await find(root, BODY) == "7 lines as in sorting/quick.py (Apache-2.0)"
    (site / "sorting" / "LICENSE").write_text(MIT)
    assert await find(root, BODY) == "None"


async def test_node_modules_are_looked_at_for_javascript(root: Path) -> None:
    package = root / "node_modules" / "sorting"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "sorting", "license": "ISC"}')
    lines = [f"  const value{number} = compute(first, second, {number}); // step" for number in range(8)]
    (package / "index.js").write_text("function f() {\n" + "\n".join(lines) + "\n}\n")
    check = DuplicateCheck(lambda _: root)
    assert (
        str(await check.find("\n".join(lines), document(root, "typescript"))) == "8 lines as in sorting/index.js (ISC)"
    )
    assert await check.find("\n".join(lines), document(root)) is None


async def test_the_deadline_is_kept(root: Path) -> None:
    ticks = iter(range(1_000))
    assert await find(root, BODY, clock=lambda: next(ticks), deadline_s=0.5) == "None"


async def test_outside_of_a_workspace_nothing_is_looked_for(root: Path) -> None:
    assert await DuplicateCheck(lambda _: None).find(BODY, document(root)) is None


lines = st.lists(st.sampled_from(["a" * 20, "b" * 30, "c" * 40, "d" * 25]), max_size=30)


@given(lines, lines)
def test_the_longest_run_is_that_of_a_plain_search(one: list[str], other: list[str]) -> None:
    best = 0
    for start in range(len(one)):
        for end in range(start + 1, len(one) + 1):
            run = one[start:end]
            if sum(map(len, run)) >= 150 and any(other[at : at + len(run)] == run for at in range(len(other))):
                best = max(best, len(run))
    assert longest_run(one, other) == best


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("// SPDX-License-Identifier: LGPL-2.1-only\n", "LGPL-2.1-only"),
        ("# Licensed under the Apache License,\n# Version 2.0", "Apache-2.0"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL-3.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE", "LGPL"),
        ("GNU GENERAL PUBLIC LICENSE\n                       Version 2, June 1991", "GPL-2.0"),
        ("Mozilla Public License Version 2.0", "MPL-2.0"),
        (MIT, "MIT"),
        ("Redistribution and use in source and binary forms", "BSD"),
        ("Copyright 2020 Somebody. All rights reserved.", "proprietary"),
        ("def f():\n    return 1\n", None),
    ],
)
def test_licences_are_known_by_their_words(text: str, licence: str | None) -> None:
    assert licence_of_text(text) == licence


def test_a_folder_says_its_licence(tmp_path: Path) -> None:
    assert licence_of_folder(tmp_path) is None
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nlicense = { text = "BSD-3-Clause" }\n')
    assert licence_of_folder(tmp_path) == "BSD"
    (tmp_path / "package.json").write_text('{"license": "UNLICENSED-OURS"}')
    assert licence_of_folder(tmp_path) == "Unlicense" or licence_of_folder(tmp_path) == "UNLICENSED-OURS"
    (tmp_path / "LICENSE").write_text(MIT)
    assert licence_of_folder(tmp_path) == "MIT"


@pytest.mark.parametrize("mode", ["off", "warn", "block"])
async def test_the_setting_decides(house: House, server: ModelServer, mode: str) -> None:
    """From outside: blocked suggestions are not shown and say who cut them; warnings are in the log."""
    site = house.workspace / ".venv" / "lib" / "python3.11" / "site-packages" / "sorting"
    site.mkdir(parents=True)
    (site / "quick.py").write_text(GPL + THEIRS)
    server.script = says("openai", BODY.lstrip().replace("\n\n", "\n"))
    configure(house, server, "warning")
    config = house.root / "config" / "config.toml"
    config.write_text(
        config.read_text().replace("[completion]", f'[completion]\nduplicates = "{mode}"\nmultiline = "always"')
    )
    async with house.serve() as client:
        client.open(house.uri("main.py"), "def quicksort_records(records, key_of):\n    \n")
        items = await client.inline_completion(house.uri("main.py"), 1, 4)
        assert bool(items) == (mode != "block")
        if mode == "warn":
            await logged(house, b"7 lines as in sorting/quick.py (GPL-3.0)")
    events = b"".join(files(house, "state").values())
    assert (b"duplicate_of_dependency" in events) == (mode == "block")
    if mode == "off":
        assert b"sorting" not in b"".join(files(house, "log").values())


async def logged(house: House, words: bytes) -> None:
    import asyncio

    async with asyncio.timeout(10):
        while words not in b"".join(files(house, "log").values()):
            await asyncio.sleep(0.02)
