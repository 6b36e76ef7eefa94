"""The tables of the index, and the number that says which form they have.

A database of another form is thrown away and built again: it holds nothing that the workspace does not.
Pure text; called by `store` (which makes the tables) and `lookup` (which checks the number).
"""

from __future__ import annotations

# Raise it whenever a table, a tokenizer, `digest`, `facts` or a query of the grammars changes.
SCHEMA_VERSION = 6

# A chunk's rowid is its file's id shifted by this, plus its number within the file.
CHUNK_BITS = 20

TABLES = f"""
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
-- No id is ever given twice: what is new has a higher one than all that was there before.
CREATE TABLE files(
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, size INTEGER, mtime_ns INTEGER, hash BLOB, language
    TEXT, family TEXT, n_lines INTEGER, skipped TEXT, finished INTEGER NOT NULL, run INTEGER
);
-- Files of which the table of lines and those of syntax know nothing yet.
CREATE INDEX files_unfinished ON files(id) WHERE finished = 0;
CREATE INDEX files_by_run ON files(run) WHERE run IS NOT NULL;
-- `id` is the file's id shifted by {CHUNK_BITS}, plus the number of the block: a key of its own would make every text
-- overflow.
CREATE TABLE blocks(id INTEGER PRIMARY KEY, text TEXT);
-- Without positions or frequencies: a fifth of the size, and ten lines seldom say a word that matters twice.
CREATE VIRTUAL TABLE chunks USING fts5(terms, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_'");
-- Runs of lines: see `line_pages`. `n_gone` of the files in one are there no more. A page's id is its run's shifted by
-- {CHUNK_BITS}, plus its number; no run's id is ever given twice.
CREATE TABLE line_runs(
    id INTEGER PRIMARY KEY AUTOINCREMENT, n_files INTEGER NOT NULL, n_gone INTEGER NOT NULL, n_places INTEGER NOT NULL
);
CREATE TABLE line_pages(
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, first TEXT NOT NULL, top INTEGER NOT NULL, texts TEXT, starts BLOB,
    places BLOB, previous BLOB
);
CREATE INDEX line_pages_by_first ON line_pages(run, first, top);
-- The lines that a run has more than once, the most frequent first; ids are made as those of pages.
CREATE TABLE repeated(id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE VIRTUAL TABLE repeated_words USING fts5(
    text, content='repeated', content_rowid='id', detail=none, columnsize=0, tokenize="ascii tokenchars '_'"
);
CREATE TABLE definitions(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT, file INTEGER, line INTEGER, end INTEGER, container TEXT,
    signature TEXT, body_end INTEGER
);
CREATE INDEX definitions_by_name ON definitions(name);
CREATE INDEX definitions_by_container ON definitions(container, file) WHERE container <> '';
CREATE INDEX definitions_by_file ON definitions(file, line);
-- Each declared name once, and the pieces of three letters in it (`facts.name_pieces`), for those who look for symbols.
-- A name may stay when its last declaration goes.
CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE INDEX names_in_any_case ON names(name COLLATE NOCASE);
CREATE VIRTUAL TABLE name_pieces USING fts5(
    pieces, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_'"
);
-- The names in use in a file, packed (`facts.pack_references`), and in which files a name is in use.
CREATE TABLE used(file INTEGER PRIMARY KEY, data BLOB);
CREATE VIRTUAL TABLE used_names USING fts5(
    names, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_'"
);
-- `tail` is the last part of the module's name without ending, in lower case: what the file is called that it may mean.
CREATE TABLE imports(file INTEGER, line INTEGER, module TEXT, name TEXT, alias TEXT, tail TEXT);
CREATE INDEX imports_by_file ON imports(file);
CREATE INDEX imports_by_tail ON imports(tail);
CREATE INDEX imports_by_name ON imports(name) WHERE name <> '';
CREATE TABLE bases(file INTEGER, line INTEGER, name TEXT, base TEXT);
CREATE INDEX bases_by_file ON bases(file);
CREATE INDEX bases_by_name ON bases(name);
CREATE INDEX bases_by_base ON bases(base);
PRAGMA user_version = {SCHEMA_VERSION};
"""
