"""Which family of models a model belongs to, by its name, or by a name in the settings (`backend.<name>.profile`).

The families are data, in `families`. Whether a server takes a raw prompt at all is known to its backend.
"""

from __future__ import annotations

import re
from functools import lru_cache

from copilot_ls.prompt.families import CONVERSATION, CONVERSING, PROFILES
from copilot_ls.prompt.model_profile import ModelProfile

__all__ = [
    "BY_NAME",
    "CONVERSING",
    "GENERIC",
    "MAX_STOP_SEQUENCES",
    "PROFILES",
    "ModelProfile",
    "choose",
    "profile_for",
    "stop_sequences",
]

# OpenAI, and the servers that follow it, refuse requests with more stop sequences than this.
MAX_STOP_SEQUENCES = 4

# A model of no known family: what the common templates of conversations are made of must not come from a file.
GENERIC = ModelProfile(name="generic", special=CONVERSATION, tokens_ratio=0.95)

BY_NAME: dict[str, ModelProfile] = {profile.name: profile for profile in (*PROFILES, *CONVERSING, GENERIC)}


@lru_cache(maxsize=64)  # asked several times for each key
def profile_for(model: str) -> ModelProfile:
    """The profile of a model by its name (`qwen2.5-coder:1.5b`, `bigcode/starcoder2-3b`); `GENERIC` if none matches."""
    name = model.lower()
    for profile in (*PROFILES, *CONVERSING):
        if any(re.search(pattern, name) for pattern in profile.names):
            return profile
    return GENERIC


def choose(model: str, profile_name: str | None) -> ModelProfile:
    """The profile that the settings name, or else that of the model's name.

    Raises `KeyError` for a name that is not in `BY_NAME`.
    """
    return BY_NAME[profile_name] if profile_name else profile_for(model)


def stop_sequences(profile: ModelProfile, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The caller's stop sequences, then the profile's, without doubles, at most `MAX_STOP_SEQUENCES`."""
    return tuple(dict.fromkeys((*wanted, *profile.stop)))[:MAX_STOP_SEQUENCES]
