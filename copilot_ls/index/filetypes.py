"""Which files the index reads, by name: their language, and the family of languages whose code may help one another.

Cheaper than the grammars, on purpose: the worker asks it for every file of a workspace. Knows nothing of their content.
Called by `walk` and `digest`, and by `copilot_ls.context` for the family of the open file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class FileType:
    """What kind of file something is.

    `language` is the LSP language id; `family` groups those that use each other's code; `is_code` excludes prose and
    data.
    """

    language: str
    family: str
    is_code: bool = True


_CODE = {
    "python": ("python", "py pyi pyw pyx"),
    "javascript": ("web", "js mjs cjs"),
    "javascriptreact": ("web", "jsx"),
    "typescript": ("web", "ts mts cts"),
    "typescriptreact": ("web", "tsx"),
    "vue": ("web", "vue"),
    "svelte": ("web", "svelte"),
    "go": ("go", "go"),
    "rust": ("rust", "rs"),
    "java": ("jvm", "java"),
    "kotlin": ("jvm", "kt kts"),
    "scala": ("jvm", "scala sc"),
    "groovy": ("jvm", "groovy gradle"),
    "c": ("c", "c h"),
    "cpp": ("c", "cc cpp cxx hh hpp hxx ipp inl"),
    "objective-c": ("c", "m mm"),
    "csharp": ("csharp", "cs"),
    "ruby": ("ruby", "rb rake gemspec"),
    "php": ("php", "php"),
    "shellscript": ("shell", "sh bash zsh ksh"),
    "swift": ("swift", "swift"),
    "dart": ("dart", "dart"),
    "lua": ("lua", "lua"),
    "perl": ("perl", "pl pm"),
    "r": ("r", "r"),
    "julia": ("julia", "jl"),
    "elixir": ("elixir", "ex exs"),
    "erlang": ("erlang", "erl hrl"),
    "haskell": ("haskell", "hs"),
    "ocaml": ("ocaml", "ml mli"),
    "fsharp": ("fsharp", "fs fsx fsi"),
    "clojure": ("clojure", "clj cljs cljc"),
    "zig": ("zig", "zig"),
    "nim": ("nim", "nim"),
    "sql": ("sql", "sql"),
    "proto": ("proto", "proto"),
    "graphql": ("graphql", "graphql gql"),
    "terraform": ("terraform", "tf"),
    "nix": ("nix", "nix"),
    "viml": ("vim", "vim"),
    "lisp": ("lisp", "el lisp"),
    "css": ("style", "css"),
    "scss": ("style", "scss sass less"),
    "html": ("markup", "html htm jinja j2"),
    "cmake": ("cmake", "cmake"),
}

_OTHER = {
    "markdown": ("prose", "md mdx"),
    "restructuredtext": ("prose", "rst"),
    "yaml": ("data", "yaml yml"),
    "toml": ("data", "toml"),
    "ini": ("data", "ini cfg"),
}

_NAMES = {
    "Makefile": FileType("makefile", "make"),
    "GNUmakefile": FileType("makefile", "make"),
    "Dockerfile": FileType("dockerfile", "docker"),
    "CMakeLists.txt": FileType("cmake", "cmake"),
    "Rakefile": FileType("ruby", "ruby"),
    "Gemfile": FileType("ruby", "ruby"),
    "Justfile": FileType("just", "make"),
}


@cache
def _extensions() -> dict[str, FileType]:
    table: dict[str, FileType] = {}
    for languages, is_code in ((_CODE, True), (_OTHER, False)):
        for language, (family, extensions) in languages.items():
            table |= dict.fromkeys(extensions.split(), FileType(language, family, is_code))
    return table


def file_type(path: str) -> FileType | None:
    """The type of a file by its name; None for those that the index leaves alone."""
    name = path.rpartition("/")[2]
    known = _NAMES.get(name)
    if known is not None:
        return known
    stem, dot, extension = name.rpartition(".")
    return _extensions().get(extension.lower()) if dot and stem else None


@cache
def families() -> dict[str, str]:
    """The family of every language id."""
    return {each.language: each.family for each in (*_extensions().values(), *_NAMES.values())}
