"""The method that the one at the cursor overrides, and the same method of siblings."""

import pytest

from copilot_ls.context.gather import gather
from copilot_ls.context.overridden import overridden
from copilot_ls.context.request import Situation

BASE = (
    "class Channel:\n    def close(self, reason, *, linger=0):\n        self.flush()\n        self.link.shut(reason)\n"
)
KIN = "from net.base import Channel\n\n\nclass Pipe(Channel):\n    def close(self, reason, *, linger=0):\n        self.drain()\n"


def found_at(request_at, path, marked, files):
    return [(each.path, each.text) for each in overridden(Situation(request_at(path, marked, files)))]


@pytest.mark.parametrize(
    "rest",
    [
        "close(█",
        "close(self, █",
        "close(self, reason):\n        █",
        "close(\n        self,\n    ):\n        if x:\n            a(\n                █",
    ],
)
def test_the_signature_of_the_base_then_its_code_then_that_of_siblings(request_at, rest):
    marked = f"from net.base import Channel\n\n\nclass Socket(Channel):\n    size = 1\n\n    def {rest}\n"
    assert found_at(request_at, "net/socket.py", marked, {"net/base.py": BASE, "net/pipe.py": KIN}) == [
        ("net/base.py", "    def close(self, reason, *, linger=0):"),
        ("net/base.py", "        self.flush()\n        self.link.shut(reason)"),
        ("net/pipe.py", "    def close(self, reason, *, linger=0):\n        self.drain()"),
    ]


def test_a_base_of_the_base_declares_it_too(request_at):
    middle = "from net.base import Channel\n\n\nclass Stream(Channel):\n    def open(self):\n        pass\n"
    marked = "class Socket(Stream):\n    def close(█\n"
    found = found_at(request_at, "net/socket.py", marked, {"net/base.py": BASE, "net/stream.py": middle})
    assert ("net/base.py", "    def close(self, reason, *, linger=0):") in found


@pytest.mark.parametrize(
    "marked",
    [
        "class Socket(Channel):\n    def reopen(█\n",
        "class Socket:\n    def close(█\n",
        "class Socket(Channel):\n    close(█\n\n\ndef close(self):\n    █".replace("█", "", 1),
        "class Socket(Channel):\n    def close(self):\n        pass\n\n    size = █\n",
    ],
    ids=["another name", "no base", "no method", "below the method"],
)
def test_what_overrides_nothing_is_told_nothing(request_at, marked):
    assert found_at(request_at, "net/socket.py", marked, {"net/base.py": BASE, "net/pipe.py": KIN}) == []


def test_an_interface_and_another_class_that_implements_it(request_at):
    files = {
        "net/Channel.java": "package net;\n\npublic interface Channel {\n    void close(Reason reason, int linger);\n}\n",
        "net/Pipe.java": "package net;\n\npublic class Pipe implements Channel {\n    @Override\n"
        "    public void close(Reason reason, int linger) {\n        drain(linger);\n    }\n}\n",
    }
    marked = "package net;\n\npublic class Socket implements Channel {\n    @Override\n    public void close(█\n}\n"
    found = found_at(request_at, "net/Socket.java", marked, files)
    assert found[0] == ("net/Channel.java", "    void close(Reason reason, int linger);")
    assert (
        "net/Pipe.java",
        "    @Override\n    public void close(Reason reason, int linger) {\n        drain(linger);\n    }",
    ) in found


def test_without_an_index_there_is_nothing(request_at):
    request = request_at("a.py", "class A(B):\n    def close(█\n", with_index=False)
    assert overridden(Situation(request)) == []


def test_it_is_a_part_of_what_is_gathered(request_at):
    marked = "from net.base import Channel\n\n\nclass Socket(Channel):\n    def close(█\n"
    request = request_at("net/socket.py", marked, {"net/base.py": BASE, "net/pipe.py": KIN})
    shown = gather(request, deadline_ms=5_000, budget_tokens=300).snippets
    assert "def close(self, reason, *, linger=0):" in "\n".join(each.text for each in shown)
