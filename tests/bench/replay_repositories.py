"""The repositories whose commits are replayed, pinned, and which of them may tune: the others only judge.

Read through `replay`. All are under permissive licences; nothing of them is kept in this repository but the numbers of a
confidence model that was fitted on their history.
"""

from __future__ import annotations

from typing import NamedTuple

SUFFIXES = {
    "python": (".py",),
    "typescript": (".ts", ".tsx"),
    "go": (".go",),
    "java": (".java",),
}
LANGUAGE_IDS = {".py": "python", ".ts": "typescript", ".tsx": "typescriptreact", ".go": "go", ".java": "java"}


class Repository(NamedTuple):
    """`OWNER/NAME` on GitHub, the commit whose first-parent history is replayed, and paths (a pattern) to leave out."""

    name: str
    commit: str
    language: str
    exclude: str = ""


_GENERATED_TYPESCRIPT = r"\.d\.ts$|generated|vendor/|/bench"

JUDGES = (
    Repository("pallets/flask", "2ac89889f4cc330eabd50f295dcef02828522c69", "python"),
    Repository("psf/requests", "1f6589ec3a1ee910f9a65cc3ceac60b26677bc0e", "python"),
    Repository("encode/httpx", "ae1b9f66238f75ced3ced5e4485408435de10768", "python"),
    Repository("simonw/datasette", "481df7ff6d78a8ccf919984d27f27201b081bd53", "python"),
    Repository(
        "colinhacks/zod", "e516c3baf22615e20934116abebfed6c000222c2", "typescript", r"/deno/|\.d\.ts|bench|/v3/"
    ),
    Repository("continuedev/continue", "d0a3c0b626b5bebc3bef4742eec05a0242be0bab", "typescript", _GENERATED_TYPESCRIPT),
    Repository("gin-gonic/gin", "dcaa4296d111981ffb31ac3eba90bb63e1eb5ab9", "go", r"\.pb\.go$"),
    Repository("benbjohnson/litestream", "63225f17ccbb8dedfb26d03f7d3d07e74c6cf69f", "go", r"\.pb\.go$"),
    Repository("google/gson", "9835b6f90192f79cdf5300c528fc6212455fb6c1", "java", "proto"),
    Repository("jhy/jsoup", "46b620860af930eedc193a705eaf7cea5aec89a6", "java"),
)

TUNERS = (
    Repository("simonw/llm", "f3f4f29c6e5e623c3776cbf6455dda2345638214", "python"),
    Repository("healthchecks/healthchecks", "29b5ec251059034b79e0120e2ff0c3e35d7bd9f8", "python"),
    Repository("encode/starlette", "cb8f84f5284dc301ca7a31eb732b9e140769dd48", "python"),
    Repository("Textualize/rich", "42899d8a0a96b121a514516f4be9db44ff7aeaf3", "python", r"_unicode_data"),
    Repository("pallets/click", "2c8cd3ac958a7eb316d67f2d316c27086c4c0369", "python"),
    Repository("pytest-dev/pytest", "df87db7b0462fb764ef73fa00561adf8ad047572", "python"),
    Repository("scrapy/scrapy", "11079cb1c85b9e75a39a7269943c69d1a975d485", "python"),
    Repository("saleor/saleor", "723cd4eba87dfc72822ade45dc08a3caa548428d", "python", "locale|migrations/"),
    Repository("trpc/trpc", "340811ba5320637fbaf48fccf3dbfdd258bd34db", "typescript", _GENERATED_TYPESCRIPT),
    Repository("honojs/hono", "28a9c128912de19f3fb28b00ae289c9b93f6f392", "typescript", _GENERATED_TYPESCRIPT),
    Repository(
        "reduxjs/redux-toolkit", "74200d87c27ca2b1c0915b2fbb4c44dd7494c2aa", "typescript", _GENERATED_TYPESCRIPT
    ),
    Repository("vitejs/vite", "a98c8d95d552c6fa98ab66fb810f5b39ad5abf49", "typescript", _GENERATED_TYPESCRIPT),
    Repository("spf13/cobra", "adbc8813901bba65827259daa8e22ff94ec1f30e", "go"),
    Repository("go-chi/chi", "735ae2b87f8c733d616e809ae86e0985c1bc3350", "go"),
    Repository("labstack/echo", "05489dc1730161df26b72d1ae2a3ba6fb8178fc7", "go"),
    Repository("charmbracelet/bubbletea", "73b6d91ac1c3854dd4af046ab5f9e51d3b3b4290", "go"),
    Repository("caddyserver/caddy", "0cf03d32f7d99cf160d5375e8a40fbe3d910d515", "go", r"\.pb\.go$"),
    Repository("apache/commons-lang", "d15939ef46f0bd4144994df8be95cf5a7f91eb52", "java"),
    Repository("mockito/mockito", "ee8a330da0218f32d5964acdeaa3ac39e2c6ce14", "java"),
)
