"""From what a model wrote to what a developer sees: pure filters, one per file, in the order that `chain` explains.

A filter sees text and a `Situation`, nothing else: no clock, disk, network or randomness. It drops, and never adds
anything but whitespace. Called by `copilot_ls.features.inline_completion`; adding a filter means adding its file, its
name in `chain`, and cases under tests/postprocess/cases.
"""

from copilot_ls.postprocess.chain import Outcome, run, stop_early
from copilot_ls.postprocess.replaced_suffix import replaced_suffix
from copilot_ls.postprocess.situation import Situation

__all__ = ["Outcome", "Situation", "replaced_suffix", "run", "stop_early"]
