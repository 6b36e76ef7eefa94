"""Rust: a name without its `use`, and a `use` that nothing needs.

The compiler's own suggestion first, then the standard library by name, then what the workspace's other files use.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import next_line, without_item, without_lines
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem

_SAID = re.compile(r"`use ([\w:]+);?`|consider importing[^`]*`([\w:]+)`")
_UNUSED = re.compile(r"unused imports?: (.+)")
_MOST = 4
# What the prelude of edition 2021 does not bring along, by module.
_STANDARD = {
    "std::collections": "HashMap HashSet BTreeMap BTreeSet VecDeque BinaryHeap LinkedList",
    "std::sync": "Arc Mutex RwLock Once OnceLock Condvar Barrier Weak LazyLock mpsc",
    "std::sync::atomic": "AtomicBool AtomicUsize AtomicU64 AtomicU32 AtomicI64 AtomicI32 Ordering",
    "std::rc": "Rc",
    "std::cell": "RefCell Cell OnceCell UnsafeCell",
    "std::fmt": "Display Debug Formatter Write",
    "std::io": "Read BufRead BufReader BufWriter Seek stdin stdout stderr",
    "std::path": "Path PathBuf",
    "std::fs": "File OpenOptions",
    "std::time": "Duration Instant SystemTime UNIX_EPOCH",
    "std::error": "Error",
    "std::str": "FromStr Utf8Error",
    "std::borrow": "Cow Borrow",
    "std::ops": "Deref DerefMut Add Sub Mul Div Neg Index IndexMut Range RangeInclusive",
    "std::cmp": "Ordering Reverse",
    "std::hash": "Hash Hasher BuildHasher",
    "std::marker": "PhantomData",
    "std::any": "Any TypeId",
    "std::net": "TcpListener TcpStream UdpSocket SocketAddr IpAddr Ipv4Addr Ipv6Addr",
    "std::process": "Command Stdio",
    "std::ffi": "OsStr OsString CStr CString",
    "std::iter": "FromIterator Peekable once repeat",
    "std::pin": "Pin",
    "std::future": "Future",
    "std::task": "Poll Context Waker",
    "std::num": "NonZeroU32 NonZeroUsize ParseIntError",
    "std::mem": "swap replace take MaybeUninit",
    "std": "fs env io fmt mem thread process path time collections sync str iter ops cmp ptr",
}


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edits for what is reported."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    unused = _UNUSED.search(diagnostic.message.partition("\n")[0])
    if unused is not None:
        yield from _removals(problem, re.findall(r"`([^`]+)`", unused[1]))
        return
    reported = reported_name(problem)
    if reported is None:
        return
    ranked = sorted(_candidates(problem, reported[0]).items(), key=lambda each: (-each[1][0], each[0]))
    for path, (certainty, why) in ranked[:_MOST]:
        yield _proposal(f"Add 'use {path};'", _with_use(problem, path), certainty, why)


def _candidates(problem: Problem, name: str) -> dict[str, tuple[float, str]]:
    """Certainty and reason of each path that the name may have."""
    diagnostic = problem.diagnostic
    told = [diagnostic.message, *(place.message for place in diagnostic.related)] if diagnostic is not None else []
    found: dict[str, tuple[float, str]] = {}
    for rank, said in enumerate(_SAID.finditer("\n".join(told))):
        found.setdefault(said[1] or said[2], (0.96 - 0.05 * rank, "The compiler itself suggests it."))
    for module, names in _STANDARD.items():
        if name in names.split():
            found.setdefault(f"{module}::{name}", (0.9 - 0.02 * module.count("::"), "The standard library has it."))
    ways: Counter[str] = Counter()
    for hit in problem.index.imports_of_name(name) if problem.index is not None else ():
        if hit.path.endswith(".rs") and not hit.alias:
            ways[hit.module if hit.module.endswith(f"::{name}") else f"{hit.module}::{name}"] += 1
    for path, n_files in ways.items():
        found[path] = (0.92 + 0.01 * min(n_files, 4), "Other files of the workspace use it.")
    return found


def _with_use(problem: Problem, path: str) -> Replacement:
    root = problem.tree.root
    top = root.named_children if root is not None else []
    uses = [each for each in top if each.kind == "use_declaration"]
    text = problem.document.text
    if uses:
        at = next_line(text, uses[-1].end)
        return Replacement(Span(at, at), f"use {path};\n")
    first = next(
        (each for each in top if each.kind not in ("inner_attribute_item", "line_comment", "block_comment")), None
    )
    at = Point(first.line, 0) if first is not None else Point(0, 0)
    return Replacement(Span(at, at), f"use {path};\n\n")


def _removals(problem: Problem, names: list[str]) -> Iterator[Proposal]:
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    declaration = node.within("use_declaration") if node is not None else None
    argument = declaration.field("argument") if declaration is not None else None
    if declaration is None or argument is None or node is None:
        return
    text = problem.document.text
    lists = list(argument.of_kind("use_list"))
    title = "Remove the unused import" + (f" of '{names[0]}'" if len(names) == 1 else "s")
    entries = [each for one in lists for each in one.named_children]
    items = [each for each in entries if each.text in names or each.text.rpartition("::")[2] in names]
    if lists and items and len(items) < len(lists[0].named_children):
        edits = tuple(without_item(text, each) for each in items[:1])
        yield Proposal(RULE.name, title, edits, 0.9, "Nothing in this file uses it.")
    else:
        yield _proposal(title, without_lines(text, declaration), 0.93, "Nothing in this file uses it.")


def _proposal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal("rust_imports", title, (edit,), certainty, why)


RULE = Rule(
    "rust_imports",
    propose,
    languages=frozenset({"rust"}),
    codes=codes("E0412", "E0433", "E0405", "E0404", "E0425", "E0599", "unused_imports", "unresolved-name"),
    message=words(
        r"unused imports?:",
        r"cannot find (?:type|trait|struct|value|function)",
        r"use of undeclared",
        r"not found in this scope",
    ),
)
