"""The Python half of `bench_fix`: packages, kinds of faults, checkers, and ruff's own fixes as the baseline."""

from __future__ import annotations

from importlib.metadata import version

from copilot_ls.evaluation.faults.python import KINDS
from tests.bench.fix_checkers import PYRIGHT, RULES, check_python, ruff_fix
from tests.bench.mutations import Subject

SUBJECT = Subject(
    name="Python",
    language_id="python",
    endings=(".py",),
    kinds=KINDS,
    tuning=("pypi:starlette==0.41.0", "pypi:werkzeug==3.0.4", "pypi:rich==13.9.2", "pypi:celery==5.4.0"),
    judging=("pypi:trio==0.27.0", "pypi:scrapy==2.11.2", "pypi:mkdocs==1.6.1", "pypi:datasette==0.65.1"),
    check=check_python,
    baselines={"ruff check --fix": ruff_fix},
    checkers=f"{PYRIGHT} ruff {version('ruff')} {RULES}",
)
