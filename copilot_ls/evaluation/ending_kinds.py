"""The endings of holes, faults and situations, and the words of their reports. Data."""

from __future__ import annotations

from copilot_ls.evaluation.ending_figures import Endings

HOLES = Endings(
    words={
        "completed": "completed: the tests pass",
        "failed": "tests fail",
        "timed_out": "tests did not end",
        "broken": "parses worse than the original",
        "nothing": "nothing was suggested",
        "not_covered": "no test covers it",
        "stopped": "cut short by the limit of cost",
    },
    good=frozenset({"completed"}),
    no_trial=frozenset({"not_covered", "stopped"}),
    group="language",
)
FIX = Endings(
    words={
        "original": "as it was",
        "clean": "clean again, in other words",
        "better": "fewer reports",
        "same": "as many reports",
        "worse": "more reports",
        "gave_up": "gave up",
        "unreported": "nobody reports the fault",
    },
    good=frozenset({"original", "clean"}),
    no_trial=frozenset({"unreported"}),
    group="kind",
)
TOOLS = Endings(
    words={"passed": "as asked", "failed": "not as asked", "fault": "the backend failed"},
    good=frozenset({"passed"}),
    no_trial=frozenset(),
    group="asks",
)
HOLES_LIMITS = (
    (
        "A body that passes the tests need not be right: tests are as good as they are. Functions that no test covers "
        "are left out, and say nothing of a backend."
    ),
    "Everything that is offered is taken without a look; a person would choose, and write a line where nothing helps.",
    "A model may have been trained on this very repository.",
    "What is committed is tested, with what is installed on this machine: files that are in no commit are missing.",
)
FIX_LIMITS = (
    "The embedded fixers are asked first, as in the editor, and a model only where they fail: backends differ in that.",
    "Faults are made by rules, one at a time, where chance puts them; people's own come in company and for a reason.",
    "A fault counts as mended when nothing is reported that was not before: what nobody reports, nobody sees.",
)
TOOLS_LIMITS = (
    (
        "Situations are few, written by hand, and their tools answer from a script: a failure is telling, a full score "
        "is no promise."
    ),
    "Asked at temperature 0; services answer differently all the same.",
)
