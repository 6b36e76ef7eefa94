"""Keeps secrets out of prompts: finds them, puts placeholders in their place, and puts them back into the answer."""

from copilot_ls.prompt.redaction.finder import Secret, SecretFinder
from copilot_ls.prompt.redaction.judgement import is_random
from copilot_ls.prompt.redaction.placeholders import Redacted, Redactor, Restoring

__all__ = ["Redacted", "Redactor", "Restoring", "Secret", "SecretFinder", "is_random"]
