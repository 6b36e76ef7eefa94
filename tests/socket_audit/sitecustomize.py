"""Put on PYTHONPATH, this writes down every use of the network by the interpreter, and by those that it starts.

One line per event goes to the file named by COPILOT_LS_TEST_SOCKET_AUDIT. The pair of sockets that asyncio makes to wake
itself up is none: it is neither bound nor connected. Called by Python itself, at start.
"""

import os
import sys

_EVENTS = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.sendto",
    "socket.sendmsg",
)
_FILE = os.environ.get("COPILOT_LS_TEST_SOCKET_AUDIT")


def _audit(event, arguments):
    if event.startswith("socket.") and (event in _EVENTS or (event == "socket.__new__" and arguments[1] not in _LOCAL)):
        with open(_FILE, "a", encoding="utf-8") as file:
            file.write(f"{os.getpid()} {event} {arguments[1:]}\n")


if _FILE:
    # AF_UNIX, which has no name of its own in an interpreter that has not imported `socket` yet, and "as given".
    _LOCAL = (1, -1)
    with open(_FILE, "a", encoding="utf-8") as started:
        started.write(f"{os.getpid()} watching {sys.argv[:1]}\n")
    sys.addaudithook(_audit)
