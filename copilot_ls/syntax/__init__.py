"""Syntax of open documents: languages, incremental trees, and questions about the code at a cursor.

The only importer of tree_sitter and of the grammars' modules, and that only when the first tree is asked for. Without
a grammar the same questions are answered from lines alone. It decides nothing about completions; features and
postprocess ask, and decide.
"""

from __future__ import annotations

from copilot_ls.syntax.document import SyntaxDocument
from copilot_ls.syntax.judgement import parses_no_worse
from copilot_ls.syntax.languages import language_for
from copilot_ls.syntax.multiline import MultilineDecision
from copilot_ls.syntax.scopes import Scope
from copilot_ls.syntax.tree import SyntaxTree

__all__ = [
    "MultilineDecision",
    "Scope",
    "SyntaxDocument",
    "SyntaxTree",
    "language_for",
    "parses_no_worse",
]
