"""Names that JavaScript and its common hosts bring along, and the languages that have them. Data for `names`."""

from __future__ import annotations

ECMA = frozenset({"typescript", "tsx", "javascript"})

_TEXT = (
    "Array ArrayBuffer BigInt Boolean DataView Date Error EvalError Float32Array Float64Array Function Infinity "
    "Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError "
    "ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array "
    "Uint8Array WeakMap WeakRef WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent globalThis "
    "isFinite isNaN parseFloat parseInt undefined null true false this AbortController AbortSignal Blob Event "
    "EventTarget File FormData Headers Request Response TextDecoder TextEncoder URL URLSearchParams WebSocket atob "
    "btoa clearInterval clearTimeout console crypto document fetch localStorage navigator performance "
    "queueMicrotask requestAnimationFrame sessionStorage setInterval setTimeout structuredClone window Buffer "
    "process require module exports Awaited Exclude Extract InstanceType NonNullable Omit Parameters Partial Pick "
    "Readonly ReadonlyArray ReadonlyMap ReadonlySet Record Required ReturnType Iterable AsyncIterable PromiseLike "
    "any bigint boolean never number object string symbol unknown void"
)

GLOBALS = frozenset(_TEXT.split())
