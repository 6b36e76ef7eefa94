"""A language model of half a megabyte with random weights, written as a GGUF file: small enough to make in a test.

Two layers of 64 dimensions over single bytes, with the fill-in-the-middle tokens of Qwen-Coder. What it says means nothing,
but every byte of it is printable ASCII or a line end: one dimension of the residual stream stays constant through all
layers, and the output layer reads it against all other tokens. So it never ends by itself, either.

The file format is written out here, as https://github.com/ggml-org/ggml/blob/master/docs/gguf.md describes it, so that
the tests need no numpy for it.
"""

from __future__ import annotations

import random
import struct
from array import array
from collections.abc import Sequence
from pathlib import Path

N_DIMENSIONS = 64
N_FORWARD = 128
N_LAYERS = 2
N_HEADS = 4
CONTEXT_TOKENS = 32768

SPECIAL = (
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<|im_start|>",
    "<|im_end|>",
)
_FIM_KEYS = {"pre": "prefix", "mid": "middle", "suf": "suffix", "pad": "pad"}
_CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

_ALIGNMENT = 32
_NORMAL, _CONTROL = 1, 3
_UINT32, _INT32, _FLOAT32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9


def write_tiny_model(path: Path, *, seed: int = 1) -> None:
    """Write the model; the same bytes for the same seed."""
    tokens = [*_byte_tokens(), *SPECIAL]
    keys = b"".join(_keys(tokens))
    tensors = _tensors(len(tokens), random.Random(seed))
    infos, offset = b"", 0
    for name, shape, values in tensors:
        infos += _string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        offset += len(values) * 4 + -len(values) * 4 % _ALIGNMENT
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), _n_keys(tokens)) + keys + infos
    with path.open("wb") as file:
        file.write(head + b"\0" * (-len(head) % _ALIGNMENT))
        for _, _, values in tensors:
            file.write(values.tobytes() + b"\0" * (-len(values) * 4 % _ALIGNMENT))


def _byte_tokens() -> list[str]:
    """How byte-level tokenizers spell the 256 bytes: printable ones as themselves, the rest from U+0100 on."""
    itself = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    spelt = {byte: chr(byte) for byte in itself}
    for byte in range(256):
        spelt.setdefault(byte, chr(0x100 + len(spelt) - len(itself)))
    return [spelt[byte] for byte in range(256)]


def _keys(tokens: Sequence[str]) -> list[bytes]:
    at = {token: number for number, token in enumerate(tokens)}
    kinds = [_CONTROL if token in SPECIAL else _NORMAL for token in tokens]
    numbers = {
        "llama.vocab_size": len(tokens),
        "llama.context_length": CONTEXT_TOKENS,
        "llama.embedding_length": N_DIMENSIONS,
        "llama.block_count": N_LAYERS,
        "llama.feed_forward_length": N_FORWARD,
        "llama.attention.head_count": N_HEADS,
        "llama.attention.head_count_kv": N_HEADS,
        "llama.rope.dimension_count": N_DIMENSIONS // N_HEADS,
        "tokenizer.ggml.bos_token_id": at["<|endoftext|>"],
        "tokenizer.ggml.eos_token_id": at["<|endoftext|>"],
        "tokenizer.ggml.eot_token_id": at["<|im_end|>"],
        "tokenizer.ggml.fim_rep_token_id": at["<|repo_name|>"],
        "tokenizer.ggml.fim_sep_token_id": at["<|file_sep|>"],
    }
    numbers |= {f"tokenizer.ggml.fim_{short}_token_id": at[f"<|fim_{name}|>"] for short, name in _FIM_KEYS.items()}
    return [
        _key("general.architecture", _STRING, _string("llama")),
        _key("general.name", _STRING, _string("tiny-qwen-coder")),
        _key("llama.attention.layer_norm_rms_epsilon", _FLOAT32, struct.pack("<f", 1e-5)),
        *(_key(name, _UINT32, struct.pack("<I", number)) for name, number in numbers.items()),
        _key("tokenizer.ggml.model", _STRING, _string("gpt2")),
        _key("tokenizer.ggml.pre", _STRING, _string("qwen2")),
        _key("tokenizer.ggml.add_bos_token", _BOOL, b"\0"),
        _key("tokenizer.ggml.tokens", _ARRAY, _array(_STRING, [_string(token) for token in tokens])),
        _key("tokenizer.ggml.token_type", _ARRAY, _array(_INT32, [struct.pack("<i", kind) for kind in kinds])),
        _key("tokenizer.ggml.merges", _ARRAY, _array(_STRING, [_string("i n")])),
        _key("tokenizer.chat_template", _STRING, _string(_CHAT)),
    ]


def _n_keys(tokens: Sequence[str]) -> int:
    return len(_keys(tokens))


def _key(name: str, kind: int, value: bytes) -> bytes:
    return _string(name) + struct.pack("<I", kind) + value


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _array(kind: int, values: list[bytes]) -> bytes:
    return struct.pack("<IQ", kind, len(values)) + b"".join(values)


def _tensors(n_tokens: int, chance: random.Random) -> list[tuple[str, tuple[int, ...], array]]:
    """Name, shape (fastest dimension first) and values of each."""

    def weights(n_in: int, n_out: int, *, scale: float = 1.0, silent: bool = False) -> array:
        """`silent`: nothing is added to the dimension that stays constant."""
        values = array("f", (chance.gauss(0, scale * n_in**-0.5) for _ in range(n_in * n_out)))
        if silent:
            values[:n_in] = array("f", bytes(4 * n_in))
        return values

    def ones() -> array:
        return array("f", [1.0] * N_DIMENSIONS)

    n, wide = N_DIMENSIONS, N_FORWARD
    # The model is sure of what it says: samplers give up, in ways of their own, where every token is as good.
    embedding, output = weights(n, n_tokens, scale=8.0), weights(n, n_tokens, scale=4.0)
    for token in range(n_tokens):
        embedding[token * n] = 1.0
        output[token * n] = 100.0 if token in {0x0A, *range(0x20, 0x7F)} else -100.0
    found = [("token_embd.weight", (n, n_tokens), embedding)]
    for layer in range(N_LAYERS):
        block = f"blk.{layer}"
        found += [
            (f"{block}.attn_norm.weight", (n,), ones()),
            *((f"{block}.attn_{which}.weight", (n, n), weights(n, n)) for which in "qkv"),
            (f"{block}.attn_output.weight", (n, n), weights(n, n, silent=True)),
            (f"{block}.ffn_norm.weight", (n,), ones()),
            (f"{block}.ffn_gate.weight", (n, wide), weights(n, wide)),
            (f"{block}.ffn_up.weight", (n, wide), weights(n, wide)),
            (f"{block}.ffn_down.weight", (wide, n), weights(wide, n, silent=True)),
        ]
    return [*found, ("output_norm.weight", (n,), ones()), ("output.weight", (n, n_tokens), output)]
