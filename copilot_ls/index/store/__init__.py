"""The index of one workspace on disk: one SQLite file, the only place of `copilot_ls` that speaks SQL.

`writing` puts files in (the worker), `reading` is what `copilot_ls.index.lookup` builds upon (the server), `connection`
opens the file for either.
"""

from __future__ import annotations

import sqlite3

from copilot_ls.index.store.connection import discard
from copilot_ls.index.store.dependencies import DependencyStore
from copilot_ls.index.store.inspection import Condition, inspect
from copilot_ls.index.store.writing import IndexStore, NewFile, StoredFile, UnfinishedFile

# All that the database may raise; of its kinds, that of circumstances: a full disk, a lock, an interrupt.
StoreError = sqlite3.Error
DamagedError = sqlite3.DatabaseError
CircumstanceError = sqlite3.OperationalError

__all__ = [
    "CircumstanceError",
    "Condition",
    "DamagedError",
    "DependencyStore",
    "IndexStore",
    "NewFile",
    "StoreError",
    "StoredFile",
    "UnfinishedFile",
    "discard",
    "inspect",
]
