"""What a watching worker is asked: lines merged, rules and folders, other branches, and a server that has gone."""

import json
import os
import subprocess
import sys
import threading

import pytest

from copilot_ls.index.indexing import names_folder, refresh_files
from copilot_ls.index.requests import Request, checked_out, parse, requests
from copilot_ls.index.store import IndexStore
from copilot_ls.index.worker import build


@pytest.mark.parametrize(
    "said, wanted",
    [
        ({"refresh": ["a.py", "b.py"]}, Request(paths=("a.py", "b.py"))),
        ({"rescan": True}, Request(rescan=True)),
        ({"refresh": ["a.py", "lib/.gitignore"]}, Request(rescan=True)),
        ({"refresh": [".copilotignore"]}, Request(rescan=True)),
        ({"refresh": [".git/HEAD"]}, Request(rescan=True)),
        ({"refresh": [".git/index", ".git/objects/aa/bb", ".git"]}, Request()),
        ({"refresh": [7, None, "a.py"]}, Request(paths=("a.py",))),
        ({"refresh": "a.py"}, Request()),
        (["refresh"], Request()),
    ],
)
def test_a_line_is_a_request_or_nothing(said, wanted):
    assert parse(json.dumps(said).encode()) == wanted


@pytest.mark.parametrize("line", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_noise_asks_for_nothing(line):
    assert parse(line) == Request()


def test_merging_keeps_each_path_once_and_a_rescan_covers_all():
    one, other = Request(paths=("a", "b")), Request(paths=("b", "c"))
    assert one.merged(other) == Request(paths=("a", "b", "c"))
    assert one.merged(Request(rescan=True)) == Request(rescan=True)
    assert one.merged(Request(paths=tuple(map(str, range(2_000))))) == Request(rescan=True)


class Pipe:
    """Both ends of a pipe, and the requests that come out of it."""

    def __init__(self, root, look_every_s=0.01):
        self.reading, self.writing = os.pipe()
        self.ended = threading.Event()
        self.requests = requests(self.reading, root, on_end=self.ended.set, look_every_s=look_every_s)

    def say(self, data):
        os.write(self.writing, data)

    def close(self):
        os.close(self.writing)
        assert self.ended.wait(20)
        os.close(self.reading)


def test_requests_that_wait_become_one(tmp_path):
    pipe = Pipe(tmp_path, look_every_s=5)
    expected = {f"f{n}.py" for n in range(100)}
    pipe.say(b"".join(json.dumps({"refresh": [path]}).encode() + b"\n" for path in sorted(expected)))
    seen, n_requests = set(), 0
    while seen != expected:
        seen.update(next(pipe.requests).paths)
        n_requests += 1
    assert n_requests < 100
    pipe.close()


def test_a_line_in_pieces_is_put_together(tmp_path):
    pipe = Pipe(tmp_path)
    pipe.say(b'{"refr')
    pipe.say(b'esh": ["a.py"]}\n')
    assert next(pipe.requests) == Request(paths=("a.py",))
    pipe.close()


def git(root, *words):
    command = ["git", "-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false", *words]
    subprocess.run(command, cwd=root, check=True, capture_output=True)


def a_repository(root):
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "a.py").write_text("on_main = 1\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


def test_a_checkout_is_noticed_without_being_told(tmp_path):
    root = a_repository(tmp_path / "repository")
    pipe = Pipe(root)
    git(root, "checkout", "-q", "-b", "other")
    assert next(pipe.requests) == Request(rescan=True)
    git(root, "commit", "-q", "--allow-empty", "-m", "second")
    assert next(pipe.requests) == Request(rescan=True)
    pipe.close()


def test_a_linked_worktree_has_a_head_of_its_own(tmp_path):
    root = a_repository(tmp_path / "repository")
    git(root, "worktree", "add", "-q", str(tmp_path / "linked"), "-b", "linked")
    before = checked_out(tmp_path / "linked")
    assert before
    git(root, "checkout", "-q", "-b", "other")
    assert checked_out(tmp_path / "linked") == before
    git(tmp_path / "linked", "checkout", "-q", "--detach")
    assert checked_out(tmp_path / "linked") != before


@pytest.mark.parametrize("content", [b"", b"gitdir:", b"gitdir: \0", b"gitdir: nowhere\n", b"\xff" * 9000])
def test_a_strange_git_file_is_no_repository(tmp_path, content):
    (tmp_path / ".git").write_bytes(content)
    assert checked_out(tmp_path) == ()


def test_a_folder_that_went_takes_its_files_along(write, database):
    root = write({"lib/a.py": "x = 1\n", "lib/deep/b.py": "x = 1\n", "library.py": "x = 1\n"})
    build(root, database, tell=lambda _: None)
    (root / "lib").rename(root.parent / "elsewhere")
    store = IndexStore(database)
    assert refresh_files(root, store, ["lib"]) == 2
    assert set(store.stored_files()) == {"library.py"}
    store.close()


def test_a_folder_that_came_is_to_be_walked_unless_it_is_left_out(write):
    root = write({"lib/a.py": "x = 1\n", "node_modules/a/b.js": "x = 1\n", ".gitignore": "out2/\n", "out2/a.py": ""})
    assert names_folder(root, ["lib"])
    assert not names_folder(root, ["lib/a.py", "node_modules", "out2", "../workspace", "nowhere"])
    assert not names_folder(root, ["lib"], exclude=["lib/"])


def test_the_worker_ends_with_its_server_in_the_midst_of_a_pass(write, database):
    root = write({f"f{n}.py": "value = compute(everything)\n" * 2_000 for n in range(150)})
    command = [sys.executable, "-P", "-m", "copilot_ls.index.worker", "--watch", str(root), str(database)]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with worker:
        assert json.loads(worker.stdout.readline())["event"] == "started"
        worker.stdin.close()
        said = worker.stdout.read()
    assert worker.returncode == 0
    assert b"done" not in said
