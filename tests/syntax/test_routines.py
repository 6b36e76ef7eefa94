"""Functions that branch, fail and change things, in several languages; what an inner function does is its own."""

from __future__ import annotations

from textwrap import dedent

import pytest

from copilot_ls.syntax import SyntaxDocument
from copilot_ls.syntax.routines import routine_at
from copilot_ls.text import TextSnapshot

PYTHON = '''
@cached
def load(self, path: str, *, strict=True):
    """Read a table.

    More of it.
    """
    global LOADED
    rows = []
    try:
        for line in open(path):
            if strict and not line.strip():
                raise ValueError(path)
            rows.append(self.parse(line, key=lambda row: row[0]))
    except (OSError, ValueError) as error:
        self.last = error
        raise
    def inner(x):
        yield x
        return 1
    LOADED = True
    return rows or None█
'''
JAVASCRIPT = """
// Fetches a page.
async function load(url, { retries = 3 } = {}) {
  for (let n = 0; n < retries; n++) {
    try {
      const answer = await fetch(url);
      if (!answer.ok || n > 1) throw new Error("status");
      this.pages[url] = answer;
      return answer.json();█
    } catch (error) {
      this.failed = error;
    }
  }
}
"""
GO = """
package store

// Load reads a row.
func (s *Store) Load(id int, opts ...Option) (*Row, error) {
	if id < 0 || s.closed {
		panic("negative")
	}
	for _, opt := range opts {
		opt(s)
	}
	s.n++
	s.rows[id] = nil
	go s.flush()
	return s.find(id), nil█
}
"""
RUST = """
/// Parses.
pub fn parse(&mut self, text: &str) -> Result<Row, Error> {
    let n = text.parse::<u32>()?;
    match n {
        0 => panic!("zero"),
        _ if n > 1 && self.wide => self.n += 1,
        _ => {}
    }
    self.last = n;
    Ok(Row::new(n))█
}
"""
JAVA = """
class Store {
    /** Loads. */
    Row load(int id) throws IOException {
        while (id > 0) { id--; }
        try { this.n = id; } catch (SQLException | RuntimeException e) { throw new IOException(e); }
        return id == 0 ? null : rows.get(id);█
    }
}
"""


def check(name: str, marked: str, expected: str) -> None:
    before, _, after = dedent(marked).partition("█")
    text = TextSnapshot.of(before + after)
    routine = routine_at(SyntaxDocument("", name).tree_at(text), text.point_at(len(before)))
    assert routine is not None
    said = [f"says {routine.documentation.splitlines()[0]}"]
    for kind in ("parameters", "returns", "raises", "catches", "calls", "reads", "writes"):
        said.append(f"{kind} " + " | ".join(place.text for place in getattr(routine, kind)))
    said.append(f"{routine.n_branches} branches, {routine.n_loops} loops, {routine.n_yields} yields")
    said.append(f"{routine.n_awaits} awaits")
    assert "\n".join(line.rstrip() for line in said) == dedent(expected).strip()


@pytest.mark.parametrize(
    ("name", "marked", "expected"),
    [
        (
            "a.py",
            PYTHON,
            """
            says Read a table.
            parameters self | path: str | * | strict=True
            returns rows or None
            raises ValueError(path) |
            catches (OSError, ValueError) as error
            calls open | line.strip | ValueError | rows.append | self.parse
            reads
            writes LOADED | self.last
            3 branches, 1 loops, 0 yields
            0 awaits
            """,
        ),
        (
            "a.js",
            JAVASCRIPT,
            """
            says Fetches a page.
            parameters url | { retries = 3 } = {}
            returns answer.json()
            raises new Error("status")
            catches error
            calls fetch | Error | answer.json
            reads this.pages
            writes this.pages[url] | this.failed
            2 branches, 1 loops, 0 yields
            1 awaits
            """,
        ),
        (
            "a.go",
            GO,
            """
            says Load reads a row.
            parameters id int | opts ...Option
            returns s.find(id), nil
            raises ("negative")
            catches
            calls panic | opt | s.flush | s.find
            reads
            writes s.n | s.rows[id]
            2 branches, 1 loops, 0 yields
            1 awaits
            """,
        ),
        (
            "a.rs",
            RUST,
            """
            says Parses.
            parameters &mut self | text: &str
            returns Ok(Row::new(n))
            raises text.parse::<u32>() | ("zero")
            catches
            calls text.parse::<u32> | panic | Ok | Row::new
            reads self.wide
            writes self.n | self.last
            4 branches, 0 loops, 0 yields
            0 awaits
            """,
        ),
        (
            "a.java",
            JAVA,
            """
            says Loads.
            parameters int id
            returns id == 0 ? null : rows.get(id)
            raises IOException | new IOException(e)
            catches SQLException | RuntimeException
            calls IOException | get
            reads
            writes this.n
            1 branches, 1 loops, 0 yields
            0 awaits
            """,
        ),
    ],
    ids=["python", "javascript", "go", "rust", "java"],
)
def test_what_a_function_does(name: str, marked: str, expected: str) -> None:
    check(name, marked, expected)


def test_there_is_none_outside_of_functions_and_without_a_grammar() -> None:
    text = TextSnapshot.of("x = 1\n")
    for name in ("a.py", "a.unknown"):
        assert routine_at(SyntaxDocument("", name).tree_at(text), text.point_at(2)) is None
