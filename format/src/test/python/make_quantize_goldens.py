"""Writes quantize-goldens.txt: rows of floats and what the reference quantizers make of them.

Needs the wheels gguf (0.19) and numpy, and for Q6_K, which gguf-py only reads, llama.cpp's library:
    python make_quantize_goldens.py path/to/libggml-base.so
One line each: type, floats, bytes (both in hexadecimal, as in memory, little-endian).
"""
import ctypes
import pathlib
import sys

import gguf
import numpy as np

OUT = pathlib.Path(__file__).parent.parent / "resources/dev/trit/format/quantize-goldens.txt"


def rows(rng, n):
    """Rows of n values: normal at several sizes, with outliers, with zeros, denormal, ties, one constant."""
    yield rng.standard_normal(n) * 0.02
    yield rng.standard_normal(n) * 300
    x = rng.standard_normal(n)
    x[:: 37] *= 40
    yield x
    x = rng.standard_normal(n)
    x[: n // 2] = 0
    yield x
    yield np.zeros(n)
    yield rng.standard_normal(n) * 1e-7
    yield rng.integers(-254, 255, n) * 0.5
    yield np.full(n, -0.37)


def q6_k(lib, x):
    out = np.zeros(x.size // 256 * 210, np.uint8)
    lib.quantize_row_q6_K_ref(
        x.ctypes.data_as(ctypes.c_void_p), out.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(x.size))
    return out


def main() -> None:
    lib = ctypes.CDLL(sys.argv[1])
    rng = np.random.default_rng(3)
    lines = []
    for name, n in ("F16", 64), ("BF16", 64), ("Q8_0", 64), ("Q6_K", 256):
        for x in rows(rng, n):
            x = x.astype(np.float32)
            if name == "Q6_K":
                packed = q6_k(lib, x)
            else:
                packed = gguf.quants.quantize(x.reshape(1, -1), gguf.GGMLQuantizationType[name])
            lines.append(f"{name} {x.tobytes().hex()} {packed.tobytes().hex()}")
    OUT.write_text("\n".join(lines) + "\n")


main()
