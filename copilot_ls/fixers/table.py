"""All rules, the more special ones first. Modules are imported when the first problem comes."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.fixers.rule import Rule

_MODULES = (
    "suggested_name",
    "misspelt_name",
    "misspelt_member",
    "misspelt_keyword",
    "missing_self",
    "missing_await",
    "missing_return",
    "missing_import",
    "argument_count",
    "missing_comma",
    "optional_access",
    "mutable_default",
    "wrong_comparison",
    "string_prefix",
    "moved_import",
    "missing_async",
    "bare_except",
    "invalid_escape",
    "unused_import",
    "unused_variable",
    "ts_unused",
    "ts_foreign_word",
    "ts_missing_import",
    "ts_nullish",
    "ts_async",
    "ts_missing_return",
    "ts_constant_assigned",
    "ts_implicit_any",
    "ts_call",
    "ts_comparison",
    "ts_this",
    "ts_misspelt_member",
    "ts_module_path",
    "ts_modifiers",
    "ts_missing_property",
    "ts_lint",
    "go_imports",
    "go_variables",
    "go_returns",
    "go_values",
    "rust_imports",
    "rust_bindings",
    "rust_types",
    "missing_semicolon",
    "c_headers",
    "c_statements",
    "smallest_edit",
)


@cache
def rules() -> tuple[Rule, ...]:
    """The rules, in the order in which equally certain proposals are shown."""
    return tuple(import_module(f"copilot_ls.fixers.{name}").RULE for name in _MODULES)
