"""What follows open documents, in the set-up that everybody starts with."""

import asyncio

from copilot_ls.features.workbench import Workbench
from copilot_ls.text import Point


def test_with_the_embedded_backend_alone_edits_are_remembered_too():
    async def session() -> list[str]:
        workbench = Workbench(record_telemetry=False, use_disk_cache=False)
        workbench.load_settings({"index": {"enable": False}})
        workbench.documents.open("file:///w/before.py", "/w/before.py", "python", 1, "old = 1\n")
        workbench.start()
        await workbench.ready()
        await asyncio.sleep(0)  # what was loaded is told of on the loop
        workbench.documents.open("file:///w/after.py", "/w/after.py", "python", 1, "one = 1\ntwo = 2\n")
        for uri in ("file:///w/before.py", "file:///w/after.py"):
            workbench.documents.change(uri, 2, [(Point(0, 0), Point(0, 3), "new")])
        edits = workbench.followers.recent_edits()
        await workbench.aclose()
        return [f"{edit.uri} {edit.old}" for edit in edits]

    assert asyncio.run(session()) == [
        "file:///w/after.py ('one = 1\\n',)",
        "file:///w/before.py ('old = 1\\n',)",
    ]
