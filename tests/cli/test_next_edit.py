"""`copilot-ls next-edit`: what a diff asks for next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NOW = "def total(prices, rate):\n    amount = 0\n    for price in prices:\n        result += price * rate\n    return result\n"
DIFF = """\
diff --git a/shop/total.py b/shop/total.py
--- a/shop/total.py
+++ b/shop/total.py
@@ -1,4 +1,4 @@
 def total(prices, rate):
-    result = 0
+    amount = 0
     for price in prices:
         result += price * rate
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    place = tmp_path / "shop" / "total.py"
    place.parent.mkdir()
    place.write_text(NOW)
    return tmp_path


def run(workspace: Path, diff: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "copilot_ls", "next-edit", *words]
    return subprocess.run(command, input=diff, env=dict(os.environ), cwd=workspace, capture_output=True, text=True)


def test_one_edit_after_the_other(workspace: Path) -> None:
    answer = run(workspace, DIFF, "--json")
    assert answer.returncode == 0, answer.stderr
    edits = json.loads(answer.stdout)["edits"]
    assert [(each["path"], each["line"], each["new"]) for each in edits] == [
        ("shop/total.py", 4, ["        amount += price * rate"]),
        ("shop/total.py", 5, ["    return amount"]),
    ]
    assert "- " in (shown := run(workspace, DIFF).stdout)
    assert "+     return amount" in shown
    assert (workspace / "shop" / "total.py").read_text() == NOW


@pytest.mark.parametrize(
    ("diff", "said"),
    [
        ("", "git diff"),
        (DIFF.replace("amount", "sum"), "--workspace"),
        (DIFF.replace("shop/total.py", "../shop.py"), "outside"),
        (DIFF.replace("shop/total.py", "shop/none.py"), "none.py"),
    ],
)
def test_a_diff_that_does_not_fit_is_refused_with_a_way_out(workspace: Path, diff: str, said: str) -> None:
    answer = run(workspace, diff)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


def test_nothing_likely_is_said_and_told_by_the_status(workspace: Path) -> None:
    answer = run(workspace, DIFF, "--least", "0.999")
    assert (answer.returncode, answer.stdout) == (1, "nothing is likely enough\n")
