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
    Repository("simonw/sqlite-utils", "56dd09702fdb9e899f577ffd51693c1f2176cb08", "python"),
    Repository("marshmallow-code/marshmallow", "341b927f219205704728c05cd61f04d7e9727523", "python"),
    Repository("pypa/pipx", "9bb766c055d47b44ea36c342b87ed569e7c442b1", "python"),
    Repository("narwhals-dev/narwhals", "7880b36c45051dd6dea3c1b878bdc2f913d8efec", "python"),
    Repository("miguelgrinberg/microdot", "118f4ef71af8816b87abed32219e2c90839a2161", "python"),
    Repository("encode/uvicorn", "e6c7ce791fc634b6eedee40e0d0207faa8a9aefd", "python"),
    Repository("pydantic/pydantic-ai", "4fda38988f2939fa6ea9cdefcf120693e10ef491", "python"),
    Repository("pmndrs/zustand", "f094eebe9bd3b4b0d77b997f69ab1d273f69a877", "typescript", _GENERATED_TYPESCRIPT),
    Repository(
        "drizzle-team/drizzle-orm", "b7862528fd8fc39bc2653a6c18dad7c1f4e68d10", "typescript", _GENERATED_TYPESCRIPT
    ),
    Repository(
        "excalidraw/excalidraw", "4872083c044491b6d5c96ae134a75464f96d6831", "typescript", _GENERATED_TYPESCRIPT
    ),
    Repository("vitest-dev/vitest", "c3ba16b35847d27fb9f01f38cdcb047c77e121f8", "typescript", _GENERATED_TYPESCRIPT),
    Repository("elysiajs/elysia", "8358ff9efbcedf9534995f5977f26b9ceab59329", "typescript", _GENERATED_TYPESCRIPT),
    Repository("statelyai/xstate", "b1811bf77bc2d1a74367328cec7907aa185b70df", "typescript", _GENERATED_TYPESCRIPT),
    Repository("sindresorhus/ky", "3419113b48e034fdcf8fa6bd3be3da7b3d0d758f", "typescript", _GENERATED_TYPESCRIPT),
    Repository(
        "fabian-hiller/valibot", "a14753beaa2e968190717ebfe5f778e5e32c1e08", "typescript", _GENERATED_TYPESCRIPT
    ),
    Repository("gofiber/fiber", "c344047e102861ac2b7f0259ea3dd3af4b03ad63", "go", r"\.pb\.go$|_msgp"),
    Repository("usememos/memos", "76a762924306e782871204f131f4033be5e8e41a", "go", r"\.pb\.|proto/gen"),
    Repository(
        "prometheus/alertmanager",
        "68fb2d5759b3a92c0bb2a1a13d4ef7ff5b06256d",
        "go",
        r"\.pb\.go$|api/v2/(?:client|models|restapi)",
    ),
    Repository("miniflux/v2", "106cdd09e1557222303f3ed1376e1dadf0638621", "go"),
    Repository("pocketbase/pocketbase", "5d217ddb50cb144d80a5d0b0bdf11b52b2c3e457", "go"),
    Repository("junegunn/fzf", "956562daaa82ddf55ea8f7aeab56883377b742c6", "go", "_string.go$"),
    Repository("rqlite/rqlite", "df4edc42bada95cbe2c3445542020ea23a318827", "go", r"\.pb\.go$"),
    Repository("assertj/assertj", "4c5ab4862668e769d0e72492f400bd919469455d", "java"),
    Repository("apache/commons-csv", "d9b9f062b84ea02a30a7817789a2bb71a21c51a9", "java"),
    Repository("brettwooldridge/HikariCP", "604d7d5838e96afbbdd4e19eedab7497cf368eb6", "java"),
    Repository("mybatis/mybatis-3", "69ee03634a27808553fede707dcc4ef70478e0be", "java"),
    Repository("jdbi/jdbi", "5dff7084d112dd6e5bdccbf8fe501e644f7a56d0", "java"),
    Repository("FasterXML/jackson-core", "b367da1c30a25e99fbf2c30876e948b578c86846", "java"),
    Repository("resilience4j/resilience4j", "af9e7c979f17804f23cc1b76dd7cf268fb58b5c7", "java"),
    Repository("google/truth", "2b95613636f4d612006f4b5811f7971d5c13b489", "java"),
)
