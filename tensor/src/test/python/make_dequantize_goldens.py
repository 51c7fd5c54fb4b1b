"""Writes dequantize-goldens.txt: random blocks of every DType and the floats that gguf-py reads from them.

Needs the wheels gguf (0.19) and numpy. One line for each block: type, bytes, float bits (both in hexadecimal, as in
memory, little-endian).
"""
import pathlib

import gguf
import numpy as np

OUT = pathlib.Path(__file__).parent.parent / "resources/dev/trit/tensor/dequantize-goldens.txt"
# type: blocks, offsets of its half-precision scales
TYPES = {
    "F32": (40, ()), "F16": (40, ()), "BF16": (40, ()),
    "Q8_0": (5, (0,)), "Q4_0": (5, (0,)), "Q4_1": (5, (0, 2)), "Q5_0": (5, (0,)), "Q5_1": (5, (0, 2)),
    "Q4_K": (2, (0, 2)), "Q5_K": (2, (0, 2)), "Q6_K": (2, (208,)),
}
SCALES = [0.0123, -1.7, 6e-8, 3e-5, 911.0, -0.0, 1.0, -2e-3]


def main() -> None:
    rng = np.random.default_rng(2)
    lines = []
    for name, (count, scale_offsets) in TYPES.items():
        kind = gguf.GGMLQuantizationType[name]
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        for i in range(count):
            while True:
                block = rng.integers(0, 256, size, dtype=np.uint8)
                for k, at in enumerate(scale_offsets):
                    block[at:at + 2] = np.array([SCALES[(i + 3 * k) % len(SCALES)]], np.float16).view(np.uint8)
                floats = gguf.quants.dequantize(block.reshape(1, -1), kind).astype(np.float32).reshape(-1)
                if np.isfinite(floats).all():
                    break
            assert floats.size == elements
            lines.append(f"{name} {block.tobytes().hex()} {floats.tobytes().hex()}")
    OUT.write_text("\n".join(lines) + "\n")


main()
