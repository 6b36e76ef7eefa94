"""C and C++: a function, a type or a macro of the standard library without its header: the header is included.

Names and headers are those of C17 and POSIX.1-2017; compilers that say themselves which header it is are believed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import next_line
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem

_SAID = re.compile(r"include (?:the header )?['\u2018\"`]?<([\w./]+)>")
_HEADERS = {
    "stdio.h": (
        "printf fprintf sprintf snprintf vprintf vfprintf vsnprintf scanf fscanf sscanf puts fputs putchar fputc getc "
        "getchar fgetc fgets fopen fclose fread fwrite fseek ftell rewind fflush feof ferror perror remove rename "
        "tmpfile setvbuf FILE EOF stdin stdout stderr BUFSIZ SEEK_SET SEEK_CUR SEEK_END getline popen pclose fileno"
    ),
    "stdlib.h": (
        "malloc calloc realloc free exit abort atexit atoi atol atof strtol strtoul strtoll strtoull strtod rand "
        "srand qsort bsearch abs labs getenv system EXIT_SUCCESS EXIT_FAILURE RAND_MAX setenv mkstemp realpath"
    ),
    "string.h": (
        "strlen strcpy strncpy strcat strncat strcmp strncmp strchr strrchr strstr strtok strdup strndup strerror "
        "strspn strcspn strpbrk memcpy memmove memset memcmp memchr strtok_r"
    ),
    "strings.h": "strcasecmp strncasecmp bzero",
    "ctype.h": "isalpha isdigit isalnum isspace isupper islower ispunct isxdigit isprint toupper tolower",
    "math.h": (
        "sqrt pow sin cos tan asin acos atan atan2 exp log log10 log2 floor ceil fabs fmod round trunc hypot cbrt "
        "M_PI INFINITY NAN isnan isinf HUGE_VAL"
    ),
    "stdbool.h": "bool true false",
    "stdint.h": (
        "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t intmax_t uintmax_t "
        "INT8_MAX INT16_MAX INT32_MAX INT64_MAX UINT8_MAX UINT16_MAX UINT32_MAX UINT64_MAX SIZE_MAX INT32_MIN "
        "INT64_MIN"
    ),
    "inttypes.h": "PRId64 PRIu64 PRIx64 PRId32 PRIu32 PRIx32",
    "stddef.h": "size_t ptrdiff_t NULL offsetof wchar_t max_align_t",
    "stdarg.h": "va_list va_start va_end va_arg va_copy",
    "limits.h": "INT_MAX INT_MIN UINT_MAX LONG_MAX LONG_MIN ULONG_MAX CHAR_BIT CHAR_MAX PATH_MAX LLONG_MAX SHRT_MAX",
    "float.h": "DBL_MAX DBL_MIN DBL_EPSILON FLT_MAX FLT_MIN FLT_EPSILON",
    "errno.h": "errno EINVAL ENOMEM ENOENT EINTR EAGAIN EEXIST EACCES ERANGE EPERM",
    "assert.h": "assert static_assert",
    "time.h": (
        "time clock difftime mktime strftime localtime gmtime nanosleep clock_gettime time_t clock_t CLOCKS_PER_SEC "
        "CLOCK_MONOTONIC CLOCK_REALTIME"
    ),
    "signal.h": "signal raise sigaction kill SIGINT SIGTERM SIGKILL SIGSEGV SIGCHLD sig_atomic_t",
    "setjmp.h": "setjmp longjmp jmp_buf",
    "locale.h": "setlocale LC_ALL",
    "unistd.h": (
        "read write close lseek unlink fork execv execvp execlp pipe dup dup2 getpid getppid sleep usleep getcwd "
        "chdir access isatty STDIN_FILENO STDOUT_FILENO STDERR_FILENO ssize_t pid_t off_t sysconf getopt"
    ),
    "fcntl.h": "open creat fcntl O_RDONLY O_WRONLY O_RDWR O_CREAT O_TRUNC O_APPEND O_NONBLOCK",
    "sys/stat.h": "stat fstat lstat mkdir chmod S_ISDIR S_ISREG",
    "sys/types.h": "uid_t gid_t mode_t",
    "sys/wait.h": "wait waitpid WIFEXITED WEXITSTATUS WNOHANG",
    "sys/mman.h": "mmap munmap MAP_FAILED PROT_READ MAP_PRIVATE MAP_SHARED",
    "sys/socket.h": "socket bind listen accept connect send recv AF_INET SOCK_STREAM setsockopt",
    "arpa/inet.h": "htons htonl ntohs ntohl inet_pton inet_ntop",
    "pthread.h": "pthread_create pthread_join pthread_mutex_lock pthread_mutex_unlock pthread_t pthread_mutex_t",
    "dirent.h": "opendir readdir closedir DIR",
}


@cache
def _header_of() -> dict[str, str]:
    return {name: header for header, names in _HEADERS.items() for name in names.split()}


def propose(problem: Problem) -> Iterator[Proposal]:
    """Include what the report names, or where the name is known to be declared."""
    diagnostic, reported = problem.diagnostic, reported_name(problem)
    if diagnostic is None or reported is None:
        return
    said = _SAID.search("\n".join([diagnostic.message, *(place.message for place in diagnostic.related)]))
    header = said[1] if said else _header_of().get(reported[0])
    root = problem.tree.root
    includes = [each for each in root.named_children if each.kind == "preproc_include"] if root is not None else []
    paths = [path.text.strip('<>"') for each in includes if (path := each.field("path")) is not None]
    if header is None or header in paths:
        return
    same = [each for each, path in zip(includes, paths, strict=False) if "<" in each.text]
    last = (same or includes)[-1] if includes else None
    text = problem.document.text
    if last is not None:
        # An include holds its line end.
        at = Point(last.end.line, 0) if last.end.column == 0 else next_line(text, last.end)
        written = f"#include <{header}>\n"
    else:
        at, written = _top(problem), f"#include <{header}>\n\n"
    yield Proposal(
        RULE.name,
        f"Include <{header}>",
        (Replacement(Span(at, at), written),),
        0.95,
        f"<{header}> declares '{reported[0]}'.",
    )


def _top(problem: Problem) -> Point:
    """Before the first line that is neither a remark at the top nor a guard."""
    root = problem.tree.root
    for each in root.children if root is not None else ():
        if each.kind != "comment":
            return Point(each.line, 0)
    return Point(0, 0)


RULE = Rule(
    "c_headers",
    propose,
    languages=frozenset({"c", "cpp"}),
    codes=codes("-Wimplicit-function-declaration", "undeclared_var_use", "unknown_typename", "missing_includes"),
    message=words(
        r"implicit(?:ly)? declar", r"undeclared", r"unknown type name", r"was not declared in this scope",
        r"include (?:the header )?['\u2018]?<",
    ),
)  # fmt: skip
