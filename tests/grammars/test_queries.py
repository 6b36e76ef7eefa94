"""Every query compiles, every capture is documented, every fact names something real; and faults are found."""

from __future__ import annotations

import shutil

import copilot_ls_grammars
import pytest
from copilot_ls_grammars import PURPOSES, LanguageSpecError, languages, load, loader, query_source
from copilot_ls_grammars.spec import from_mapping

from copilot_ls.syntax import check_queries
from copilot_ls.syntax.runtime import runtime_for


def test_all_is_well(capsys) -> None:
    """What `python -m copilot_ls.syntax.check_queries` says of the tree as it is."""
    assert check_queries.main([]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_whole_query_compiles(language, purpose) -> None:
    """Patterns that compile each for itself also compile together, inherited ones included."""
    assert query_source(language, purpose).strip()
    assert runtime_for(load(language)).query(purpose) is not None


@pytest.mark.parametrize("language", languages())
def test_every_pattern_for_symbols_finds_one_kind_of_thing(language) -> None:
    """By which its matches are told apart: one that had no role would be asked for and thrown away."""
    names = runtime_for(load(language)).capture_names("definitions+imports+references")
    things = [
        {name.partition(".")[0] for name in captures if not name.startswith("_")} - {"name", "body", "container"}
        for captures in names
    ]
    assert things
    assert [
        each for each in things if len(each) != 1 or not each <= {"definition", "reference", "import", "inherits"}
    ] == []


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The package's data in a place where it may be broken."""
    root = tmp_path / "copilot_ls_grammars"
    root.mkdir()
    for folder in ("_c", "bash", "c", "go", "java", "rust"):  # the others take seconds to check
        shutil.copytree(loader._ROOT / folder, root / folder)
    shutil.copy(loader._ROOT.parent / "README.md", tmp_path / "README.md")
    for module, attribute, value in (
        (loader, "_ROOT", root),
        (check_queries, "_PACKAGE", root),
        (check_queries, "_README", tmp_path / "README.md"),
        (check_queries, "_SUPPORT_TABLE", tmp_path / "SUPPORT.md"),
    ):
        monkeypatch.setattr(module, attribute, value)
    _forget()
    check_queries._SUPPORT_TABLE.write_text(check_queries.support_table())
    _forget()
    yield root
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    for cached in (loader.languages, loader.load, loader._tables):
        cached.cache_clear()


def test_every_bad_pattern_is_named_with_its_place(copied, capsys) -> None:
    """One fault does not hide the next, in a file of its own or an inherited one."""
    path = copied / "go" / "imports.scm"
    n_lines = path.read_text().count("\n")
    path.write_text(path.read_text() + "(no_such_node) @import\n\n(import_spec\n  no_field: (_) @import)\n")
    (copied / "_c" / "noncode.scm").write_text('; "a (comment\n(comment) @noncode.remark\n')
    assert check_queries.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"{path}:{n_lines + 1}:2: Invalid node type: no_such_node (with the grammar of Go)" in lines
    assert f"{path}:{n_lines + 4}:3: Invalid field name: no_field (with the grammar of Go)" in lines
    assert f"{copied / '_c' / 'noncode.scm'}:2:11: @noncode.remark is not in the table of README.md" in lines


def test_facts_that_name_nothing_are_found(copied, capsys) -> None:
    """A block kind the grammar does not have, a module that is not there, a key that nobody reads."""
    for language, old, new in (
        ("rust", '"match_block"', '"match_blok"'),
        ("bash", 'module = "tree_sitter_bash"', 'module = "tree_sitter_bush"'),
        ("java", "[indent]", "[indents]"),
        ("c", "; inherits: _c", "; inherits: _no"),
    ):
        path = copied / language / ("definitions.scm" if language == "c" else "language.toml")
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
    assert check_queries.main([]) == 1
    out = capsys.readouterr().out
    assert "the grammar of Rust has no node kind 'match_blok'" in out
    assert "No module named 'tree_sitter_bush'" in out
    assert "unknown key 'indents' in the top" in out
    assert "it inherits '_no', which is no folder here" in out


def test_a_stale_table_is_found_and_renewed(copied, capsys) -> None:
    """`--write` makes the check pass again."""
    (copied / "bash" / "language.toml").write_text(
        (copied / "bash" / "language.toml").read_text().replace('"ebuild"', '"ebuild", "zsh"')
    )
    assert check_queries.main([]) == 1
    assert "out of date" in capsys.readouterr().out
    assert check_queries.main(["--write"]) == 0
    assert check_queries.main([]) == 0
    assert "`.zsh`" in check_queries._SUPPORT_TABLE.read_text()


FACTS = {
    "name": "x",
    "title": "X",
    "language_ids": ["x"],
    "grammar": {"module": "m", "attribute": "a"},
    "indent": {"unit": "  "},
    "blocks": {"style": "braces", "kinds": []},
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": None}, "title is missing"),
        ({"name": "y"}, "name is 'y'; expected the folder's, 'x'"),
        ({"blocks": {"style": "curly", "kinds": []}}, "style is 'curly'; expected one of"),
        ({"blocks": {"style": "braces", "kinds": [], "opener": "("}}, "opener is no pattern"),
        ({"blocks": {"style": "braces", "kinds": [], "kind": []}}, "unknown key 'kind' in blocks"),
        ({"titel": "X"}, "unknown key 'titel' in the top"),
    ],
)
def test_wrong_facts_are_refused_with_the_key_named(change, message) -> None:
    """The message says which key of which file, and what was expected."""
    facts = {key: value for key, value in (FACTS | change).items() if value is not None}
    with pytest.raises(LanguageSpecError, match=f"x/language.toml: .*{message}".replace("(", r"\(")):
        from_mapping(facts, "x")
    assert from_mapping(FACTS, "x").closers == ("}",)


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    """The package's own error, not a missing file's."""
    with pytest.raises(LanguageSpecError, match="no language 'cobol'; there are bash, c, "):
        copilot_ls_grammars.load("cobol")


def test_no_two_languages_claim_one_name() -> None:
    """An id, extension, file name or interpreter belongs to one language."""
    for field in ("language_ids", "extensions", "filenames", "shebangs"):
        claimed = [value for name in languages() for value in getattr(load(name), field)]
        assert len(claimed) == len(set(claimed)), field
