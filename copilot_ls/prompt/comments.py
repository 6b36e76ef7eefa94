"""How each language writes a comment of one line, so that a context snippet's header is one.

Leaves everything else about languages to `copilot_ls.syntax`; what is here serves languages without a grammar too.
Called by `fim`, `chat`, the backends, and whoever gathers context for a prompt.
"""

from __future__ import annotations

from copilot_ls.context.snippet import GAP

_HASH = (
    "bash coffeescript cmake cython dockerfile elixir fish gdscript graphql gitcommit julia just make makefile nim nix "
    "perl powershell properties python r raku ruby sh shellscript starlark tcl terraform toml yaml yml zsh"
)
_DASHES = "ada cabal elm haskell lua mysql plsql postgres purescript sql vhdl"
_SEMICOLON = "asm clojure commonlisp dosini elisp emacs-lisp fennel ini lisp nasm racket scheme"
_PERCENT = "bibtex erlang latex matlab octave prolog tex"
_XML = "astro html markdown svelte svg vue xml"

_COMMENTS: dict[str, str] = {
    language: comment
    for comment, languages in (
        ("#", _HASH),
        ("--", _DASHES),
        (";", _SEMICOLON),
        ("%", _PERCENT),
        ("<!--", _XML),
        ("(*", "fsharp ocaml pascal"),
        ("/*", "css"),
    )
    for language in languages.split()
} | {"vb": "'", "vbnet": "'", "vim": '"', "viml": '"', "fortran": "!", "fortran-modern": "!"}

_CLOSERS = {"<!--": " -->", "(*": " *)", "/*": " */"}


def comment_for(language_id: str) -> str:
    """The opening of a comment in a language; `//`, the commonest, for languages that are not known."""
    return _COMMENTS.get(language_id, "//")


def comment_line(comment: str, text: str) -> str:
    """One whole line that says `text` in a comment opened by `comment`."""
    return f"{comment} {text}{_CLOSERS.get(comment, '')}\n"


def commented(comment: str, text: str) -> str:
    """`text` with every line made a comment. A closer within it is broken up, or the comment would end there."""
    closer = _CLOSERS.get(comment, "")
    if closer:
        text = text.replace(closer.strip(), " ".join(closer.strip()))
    lines = [f"{comment} {line}{closer}".rstrip() for line in text.splitlines()]
    return "".join([line + "\n" for line in lines])


def gap_mark(language_id: str) -> str:
    """One line, without its end, that says that lines are left out here."""
    return comment_line(comment_for(language_id), GAP).rstrip("\n")
