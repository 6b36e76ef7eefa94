"""`copilot-ls eval` on real repositories, as a user gives the commands: what it says, how fast it is, that it goes on.

    python -m tests.bench.bench_evaluation --mirror DIR              all parts
    python -m tests.bench.bench_evaluation --mirror DIR replay fix   some: replay, resume, cluster, holes, fix, tools

The repositories are some of `replay_repositories`, in a folder of clones as for `bench_embedded`. *replay* sets the
embedded backend beside a real llama.cpp with the tiny model of `tests/engines`, which knows nothing: what it saves is what
the harness would give for nothing. *resume* kills a run in the midst and compares what it comes to with one that was not
killed; *cluster* does with two Dask workers. *holes* has an oracle beside the embedded backend, which knows each body and
has to complete all that tests cover. *fix* mends faults; *tools* plays a model that does all rightly and one that does not.
Speed is keys by second of processor time, the index of each stretch included.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from copilot_ls.evaluation.bodies import Hole, body_of
from copilot_ls.evaluation.git import GitRepository
from copilot_ls.evaluation.holes import find_holes
from tests.bench.replay import clone_of
from tests.bench.replay_repositories import JUDGES, TUNERS

REPLAYED = ("pallets/flask", "colinhacks/zod", "gin-gonic/gin")
# Tests that need nothing but pytest, and the packages that this environment has.
_TESTS = "test_utils test_formatting.py test_options.py test_basic.py test_types.py test_parser.py test_context.py"
HOLED = (
    "pallets/click",
    f"-m pytest -q -x -p no:cacheprovider -p no:asyncio {' '.join(f'tests/{each}' for each in _TESTS.split())}",
)
FIXED = "pallets/click"
PARTS = ("replay", "resume", "cluster", "holes", "fix", "tools")


class Desk:
    """A user's folders, the repositories, and the command."""

    def __init__(self, home: Path, mirror: Path, arguments: argparse.Namespace) -> None:
        self.home = home
        self.mirror = mirror
        self.arguments = arguments
        (home / "config").mkdir()
        kinds = ("CONFIG", "STATE", "CACHE")
        self.environment = os.environ | {f"COPILOT_LS_{kind}_DIR": str(home / kind.lower()) for kind in kinds}

    def repository(self, name: str) -> tuple[Path, str]:
        """Where a repository is, and the commit that it is pinned at."""
        pinned = next(each for each in (*JUDGES, *TUNERS) if each.name == name)
        folder = clone_of(pinned, self.mirror)
        if folder is None:
            raise SystemExit(f"{name} is not in {self.mirror}")
        return folder, pinned.commit

    def configure(self, text: str) -> None:
        (self.home / "config" / "config.toml").write_text(text, "utf-8")

    def command(self, *words: object) -> list[str]:
        return [sys.executable, "-m", "copilot_ls", "eval", *map(str, words)]

    def figures(self, *words: object, out: str = "") -> dict:
        more = ("--out", self.home / out, "--json") if out else ("--json",)
        done = subprocess.run(self.command(*words, *more), env=self.environment, stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)


def replay(desk: Desk) -> None:
    from tests.engines.conftest import installed
    from tests.engines.engine import start
    from tests.engines.tiny_model import write_tiny_model

    model = desk.home / "tiny-qwen-coder.gguf"
    write_tiny_model(model)
    options = f"--model {model} --port 0 --parallel 1 --ctx-size 8192 --threads 1 --no-ui --offline"
    engine = start(
        [installed("install_llama_server.sh"), *options.split()],
        desk.home / "llama-server.log",
        listening=r"listening on (http://\S+)",
        ready="/health",
    )
    try:
        desk.configure(
            f'[backend.tiny]\nkind = "llama_cpp"\nurl = "{engine.url}"\nmodel = "qwen2.5-coder"\n[context]\nbudget_tokens = 256\n'
        )
        for name in REPLAYED:
            folder, commit = desk.repository(name)
            found = desk.figures(
                "replay", folder, "--until", commit, "--commits", desk.arguments.commits, "--lines", desk.arguments.lines,
                "--backend", "embedded", "--backend", "tiny", "--jobs", 1, out=f"replay-{folder.parent.name}",
            )  # fmt: skip
            print(f"\n{name}:")
            for each in found["backends"]:
                _show(each)
    finally:
        engine.stop()


def _show(each: dict) -> None:
    estimates, counts = each["estimates"], each["counts"]
    told = []
    for name in ("saved", "acceptance", "precision", "exact"):
        value, low, high = estimates[name]
        interval = f" ({low:.3f} to {high:.3f})" if low is not None else ""
        told.append(f"{name} {'-' if value is None else f'{value:.3f}{interval}'}")
    speed = counts.get("requests", 0) / each["cpu_s"] if each["cpu_s"] else 0.0
    print(
        f"  {each['backend']:10} {each['commits']} commits, {counts.get('lines', 0)} lines, {counts.get('requests', 0)} keys: "
        f"{'; '.join(told)}; {speed:.0f} keys a second of processor"
    )


def resume(desk: Desk) -> None:
    folder, commit = desk.repository(REPLAYED[0])
    words = ("replay", folder, "--until", commit, "--commits", desk.arguments.commits, "--lines", 8, "--jobs", 2)
    process = subprocess.Popen(desk.command(*words), env=desk.environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 600
    while _n_records(desk) < 2 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    n_kept = _n_records(desk)
    gone_on, whole = desk.figures(*words), desk.figures(*words, "--fresh")
    same = _plain(gone_on) == _plain(whole)
    print(
        f"\nkilled after {n_kept} of {desk.arguments.commits} records; what it came to is {'the same' if same else 'ANOTHER'}"
    )


def cluster(desk: Desk) -> None:
    from tests.evaluation.test_cluster import scheduler

    folder, commit = desk.repository(REPLAYED[0])
    words = ("replay", folder, "--until", commit, "--commits", desk.arguments.commits, "--lines", 8)
    local = desk.figures(*words)
    with scheduler(desk.home, 2) as address:
        there = desk.figures(*words, "--scheduler", address, "--fresh")
    print(f"\ntwo Dask workers: {'the same figures' if _plain(there) == _plain(local) else 'OTHER FIGURES'}")


def _n_records(desk: Desk) -> int:
    files = list((desk.home / "state" / "evaluations").glob("*/records.jsonl"))
    newest = max(files, key=lambda each: each.stat().st_mtime, default=None)
    return newest.read_bytes().count(b'"key"') if newest is not None else 0


def _plain(found: dict) -> list[dict]:
    return [{name: each[name] for name in ("estimates", "counts")} for each in found["backends"]]


def oracle(text: str, hole: Hole) -> list[dict[str, str]]:
    """Who knows how the body goes on from each of its lines; what is cut of an answer is there at the next."""
    lines, body = text.split("\n"), body_of(text, hole)
    answers = []
    for at, line in enumerate(body):
        if line.strip():
            above = "\n".join(each for each in lines[max(0, hole.first + at - 8) : hole.first + at] if each.strip())
            indent = line[: len(line) - len(line.lstrip())]
            pattern = re.escape(above).replace("\\\n", r"\s*\n")
            rest = "\n".join(body[at:]).removeprefix(indent)
            answers.append({"prefix": f"{pattern}\\s*\n{indent}$", "text": rest})
    return answers


def holes(desk: Desk) -> None:
    name, test = HOLED
    folder, commit = desk.repository(name)
    _, found = find_holes(folder, commit, desk.arguments.holes, (), 1)
    answers = []
    with GitRepository(folder) as repository:
        for hole in found:
            answers += oracle(repository.text(commit, hole.path) or "", hole)
    script = desk.home / "oracle.json"
    script.write_text(json.dumps({"answers": answers}))
    desk.configure(f'[backend.oracle]\nkind = "scripted"\noptions.script = {json.dumps(str(script))}\n')
    figures = desk.figures(
        "holes", folder, "--until", commit, "--holes", desk.arguments.holes, "--run-tests", "--backend", "oracle",
        "--backend", "embedded", "--test", f"{sys.executable} {test}", "--jobs", 2, out="holes",
    )  # fmt: skip
    print(f"\nholes in {name}:")
    for each in figures["backends"]:
        print(f"  {each['backend']:10} {each['endings']}: {each['n_good']} of {each['trials']} that a test covers")


def fix(desk: Desk) -> None:
    folder, commit = desk.repository(FIXED)
    desk.configure('[backend.bad]\nkind = "scripted"\n[[backend.bad.options.answers]]\ntext = "I would not know."\n')
    figures = desk.figures(
        "fix", folder, "--until", commit, "--faults", desk.arguments.faults, "--backend", "embedded", "--backend", "bad",
        "--check", f"{sys.executable} -m ruff check --isolated --no-cache --select E9,F --output-format concise {{file}}",
        "--jobs", 2, out="fix",
    )  # fmt: skip
    print(f"\nfaults in {FIXED}, for ruff alone:")
    for each in figures["backends"]:
        print(f"  {each['backend']:10} {each['endings']}: {each['n_good']} of {each['trials']} clean again")


def tools(desk: Desk) -> None:
    from tests.evaluation.test_tools import GOOD

    script = desk.home / "good.json"
    script.write_text(json.dumps({"answers": GOOD}))
    call = '[{ name = "find_symbol", arguments = { name = "load" } }]'
    desk.configure(
        f'[backend.good]\nkind = "scripted"\noptions.script = {json.dumps(str(script))}\n[backend.circles]\nkind = "scripted"\n'
        f'[[backend.circles.options.answers]]\nmessage = ""\ntool_calls = {call}\n'
    )
    figures = desk.figures("tools", "--backend", "good", "--backend", "circles", out="tools")
    print("\ntools:")
    for each in figures["backends"]:
        print(f"  {each['backend']:10} {each['endings']}, {each['sums'].get('spun', 0)} times in circles")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="parts (default: all)")
    parser.add_argument("--mirror", type=Path, required=True, help="folder of clones, as for bench_embedded")
    parser.add_argument("--commits", type=int, default=12, help="commits of each repository (%(default)s)")
    parser.add_argument("--lines", type=int, default=20, help="lines of each commit (%(default)s)")
    parser.add_argument("--holes", type=int, default=20, help="functions (%(default)s)")
    parser.add_argument("--faults", type=int, default=40, help="faults (%(default)s)")
    parser.add_argument("--out", type=Path, help="keep the reports there")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        home = arguments.out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="copilot-ls-bench-eval-")))
        home.mkdir(parents=True, exist_ok=True)
        desk = Desk(home, arguments.mirror, arguments)
        for part in arguments.parts or PARTS:
            globals()[part](desk)
    return 0


if __name__ == "__main__":
    sys.exit(main())
