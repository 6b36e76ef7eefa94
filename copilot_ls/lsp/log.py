"""The server's own log: to standard error, which editors keep, or to a file that is turned over when it grows.

Whatever is logged names things, places and counts; source text and keys are never given to it. Called by `server`.
"""

from __future__ import annotations

import logging
import sys

_FORMAT = "%(levelname)s %(name)s: %(message)s"
_FILE_FORMAT = "%(asctime)s %(process)d " + _FORMAT

_handler: logging.Handler | None = None
_where: str | None = ""


def set_up_log(level: str, file: str | None) -> None:
    """Log what is at least as severe as `level` (a logging level's name) to `file`, or to standard error without one.

    A file that cannot be written to is one warning on standard error, where the log then goes.
    """
    global _handler, _where
    root = logging.getLogger()
    logging.getLogger("copilot_ls").setLevel(level.upper())
    if _where == (file or None):
        return
    handler, problem = _handler_for(file)
    if _handler is not None:
        root.removeHandler(_handler)
        _handler.close()
    _handler, _where = handler, file or None
    root.addHandler(handler)
    if problem is not None:
        logging.getLogger("copilot_ls.log").warning("%s", problem)


def _handler_for(file: str | None) -> tuple[logging.Handler, str | None]:
    problem = None
    if file:
        from pathlib import Path

        from copilot_ls.lsp.log_file import PrivateLogFile

        try:
            to_file = PrivateLogFile(Path(file).expanduser())
        except OSError as error:
            problem = f"log.file {file!r} cannot be written to ({error.strerror}); the log goes to standard error"
        else:
            to_file.setFormatter(logging.Formatter(_FILE_FORMAT))
            return to_file, None
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(logging.Formatter(_FORMAT))
    return to_stderr, problem
