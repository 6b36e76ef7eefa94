"""The process that keeps one workspace's index up to date: `python -m copilot_ls.index.worker ROOT DATABASE`.

A process of its own, because taking files apart holds the interpreter for seconds; of low priority, because the editor
comes first; killable at any moment, because batches are transactions. One works at a time per workspace (a file lock);
another waits. Progress goes to standard output as JSON lines, each with `event`:

    waiting                      another worker has the lock
    started                      a pass begins
    progress  files bytes        after each batch of the first half: files are searchable
    progress  files of_files …   after each batch of the second half: their lines and symbols are known (`half` is 2)
    done      files bytes changed removed left_out bound_reached seconds searchable_seconds size
              beyond unfinished counted                     what the bound has left out: see `bounds.said_of_bound`
    refreshed changed
    packages  n_packages n_new n_declarations, or fault     with `--dependencies`
    failed    message            and exit status 1

With `--watch` it stays, takes the requests of `requests` from standard input, and ends at once when that is closed, so
that it never outlives its server. Started by `builder`; `cli.index` calls `build`.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot_ls.errors import IndexUnavailableError
from copilot_ls.index.bounds import Bounds, WalkLimits
from copilot_ls.index.crew import Crew
from copilot_ls.index.dependencies.collecting import Collector
from copilot_ls.index.indexing import PassReport, index_workspace, names_folder, refresh_files
from copilot_ls.index.parsing import finish_files
from copilot_ls.index.requests import requests
from copilot_ls.index.store import CircumstanceError, DamagedError, IndexStore, StoreError, discard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from copilot_ls.index.requests import Request

    Tell = Callable[[dict[str, Any]], None]

_NICENESS = 10


def build(
    root: Path,
    database: Path,
    *,
    tell: Tell,
    limits: WalkLimits | None = None,
    exclude: Sequence[str] = (),
    clock: Callable[[], float] = time.monotonic,
) -> PassReport:
    """One pass under the lock. A damaged database is thrown away and built anew, once."""
    limits = limits or WalkLimits()
    started = clock()
    with _locked(database, tell):
        tell({"event": "started"})
        for last in (False, True):
            store = IndexStore(database)
            try:
                bounds = Bounds(limits, clock, store.used_bytes)
                with Crew() as crew:
                    report = index_workspace(
                        root,
                        store,
                        limits=limits,
                        exclude=exclude,
                        bounds=bounds,
                        progress=lambda so_far: tell(
                            {"event": "progress", "files": so_far.n_files, "bytes": so_far.n_bytes}
                        ),
                        crew=crew,
                    )
                    searchable_s = clock() - started
                    n_finished = _finish(store, crew, report, bounds, tell)
                if report.n_changed or report.n_removed or n_finished:
                    store.optimize()
                store.set_meta(
                    root=str(root),
                    files=str(report.n_files),
                    bytes=str(report.n_bytes),
                    bound_reached=report.bound_reached or "",
                    n_beyond=str(report.n_beyond),
                    n_unfinished=str(report.n_unfinished),
                )
                break
            except DamagedError as error:
                store.close()
                # Of what a database may raise, this alone speaks of circumstances: a full disk, a lock.
                if last or isinstance(error, CircumstanceError):
                    raise IndexUnavailableError(
                        f"the workspace index {database} cannot be written ({error}); expected free space and write "
                        "permission, set COPILOT_LS_CACHE_DIR to another folder"
                    ) from error
                discard(database)
            finally:
                store.close()
    tell(
        {
            "event": "done",
            "files": report.n_files,
            "bytes": report.n_bytes,
            "changed": report.n_changed,
            "changed_bytes": report.n_changed_bytes,
            "removed": report.n_removed,
            "left_out": report.left_out,
            "bound_reached": report.bound_reached,
            "beyond": report.n_beyond,
            "unfinished": report.n_unfinished,
            "counted": report.is_whole,
            "seconds": round(clock() - started, 3),
            "searchable_seconds": round(searchable_s, 3),
            "size": database.stat().st_size,
        }
    )
    return report


def _finish(store: IndexStore, crew: Crew, report: PassReport, bounds: Bounds, tell: Tell) -> int:
    def progress(n_done: int, n_files: int) -> None:
        tell({"event": "progress", "files": n_done, "of_files": n_files, "bytes": report.n_bytes, "half": 2})

    n_finished = finish_files(store, crew, bounds=bounds, progress=progress)
    report.n_unfinished = store.n_unfinished()
    if report.n_unfinished:
        report.bound_reached = report.bound_reached or bounds.reached()
    return n_finished


@contextlib.contextmanager
def _locked(database: Path, tell: Tell) -> Iterator[None]:
    """The right to write, per workspace; freed by the system when the process dies."""
    try:
        database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        raise IndexUnavailableError(
            f"the folder {database.parent} of the workspace index cannot be written ({error}); expected write "
            "permission, set COPILOT_LS_CACHE_DIR to another folder"
        ) from error
    try:
        _lock(descriptor, tell)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, tell: Tell) -> None:
    if sys.platform == "win32":
        import msvcrt

        while True:
            with contextlib.suppress(OSError):
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # tries for ten seconds
                return
            tell({"event": "waiting"})
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell({"event": "waiting"})
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m copilot_ls.index.worker", description=__doc__)
    parser.add_argument("root", type=Path, metavar="ROOT")
    parser.add_argument("database", type=Path, metavar="DATABASE")
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("--dependencies", action="store_true")
    parser.add_argument("--exclude", action="append", default=[], metavar="GLOB")
    for bound, value in WalkLimits()._asdict().items():
        parser.add_argument(f"--{bound.replace('_', '-')}", type=type(value), default=value)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the worker; returns the exit status."""
    arguments = _parser().parse_args(argv)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    # A pass makes millions of small tuples and no cycles worth finding.
    gc.disable()
    limits = WalkLimits(*[getattr(arguments, bound) for bound in WalkLimits._fields])
    options = {"limits": limits, "exclude": arguments.exclude}
    watched: Iterator[Request] = iter(())
    if arguments.watch:
        watched = requests(sys.stdin.fileno(), arguments.root, on_end=_end_at_once)
    collector = Collector(arguments.root, arguments.database, _print) if arguments.dependencies else None
    try:
        build(arguments.root, arguments.database, tell=_print, **options)
        if collector is not None:
            collector.after_pass()
        for request in watched:
            if request.rescan or names_folder(arguments.root, request.paths, arguments.exclude):
                build(arguments.root, arguments.database, tell=_print, **options)
                if collector is not None:
                    collector.after_pass()
            else:
                _refresh(arguments.root, arguments.database, request.paths, **options)
                if collector is not None:
                    collector.after_refresh(request.paths)
    except (IndexUnavailableError, OSError, StoreError) as error:
        with contextlib.suppress(OSError):
            _print({"event": "failed", "message": str(error)})
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _refresh(root: Path, database: Path, paths: Sequence[str], **options: Any) -> None:  # noqa: ANN401 -- handed on as they are
    with _locked(database, _print), contextlib.closing(IndexStore(database)) as store:
        n_changed = refresh_files(root, store, paths, **options)
    _print({"event": "refreshed", "changed": n_changed})


def _end_at_once() -> None:
    """End, whatever is being done: nobody is left to do it for, and what is not committed does not count."""
    os._exit(0)


def _print(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
