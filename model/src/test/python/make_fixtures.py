#!/usr/bin/env python3
"""Makes the tiny reference models under model/src/test/resources/fixtures.

Each fixture is a directory in Hugging Face form (config.json, generation_config.json, tokenizer.json,
tokenizer_config.json, model.safetensors) plus reference.json: what transformers computes in float32 from exactly
the stored weights. The weights are random but loud (logits spread over several units, attention far from uniform),
so that a wrong layer order, rotation, head grouping or scale direction moves the answer by much more than rounding.

    pip install torch transformers accelerate safetensors
    TORCH_COMPILE_DISABLE=1 python model/src/test/python/make_fixtures.py               # writes all fixtures
    TORCH_COMPILE_DISABLE=1 python model/src/test/python/make_fixtures.py --only NAME   # writes one
    TORCH_COMPILE_DISABLE=1 python model/src/test/python/make_fixtures.py --only NAME --search 5000   # finds a seed

Why seeds are searched. BitLinear rounds every activation to an integer; where x * 127 / absmax lies within float32
noise of k + 1/2, two correct programs may round apart, and one such flip moves the logits by more than the 1e-4 of
their range that the tests allow. Likewise two nearly equal best logits make "the greedy token" a coin toss. A seed is
accepted only if no decision is that close (see `Verdict`), so that the tests may demand equality.
"""

import argparse
import copy
import json
import math
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("TORCH_COMPILE_DISABLE", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM
from transformers.integrations.bitnet import AutoBitLinear, BitLinear

OUT = Path(__file__).resolve().parent.parent / "resources" / "fixtures"

# ---------------------------------------------------------------------------------------------------------- models

VOCAB, BOS, EOS = 258, 256, 257  # ids 0-255 are the bytes themselves
LAYERS = 2
TEXT = "Trits: \u22121, 0, +1 \u2713."  # 23 bytes of UTF-8, among them two three-byte characters
INPUT_IDS = [BOS, *TEXT.encode()]  # 24 ids
GREEDY_PROMPT = INPUT_IDS[:8]
GREEDY_STEPS = 64


@dataclass(frozen=True)
class Fixture:
    name: str
    family: str  # transformers' model_type: bitnet, llama or qwen3
    seed: int
    hidden: int
    ffn: int
    heads: int
    kv_heads: int
    head_dim: int
    tied: bool
    storage: torch.dtype  # of everything that is not packed
    bitlinear: str = "none"  # none; online (master weights); direct or inverse (packed, and what weight_scale means)
    rope: str = "default"  # default; llama3; llama3-old (the spelling with rope_theta and rope_scaling)
    shards: int = 1


FIXTURES = [
    # K = 96 and 160: no multiple of 64, 128 or 256, so every packed layout has to pad.
    Fixture("bitnet-tiny", "bitnet", 19, 96, 160, 4, 2, 24, True, torch.bfloat16, "online"),
    # K = 256 everywhere: convertible to I2_S, TQ1_0 and TQ2_0. Four query heads share one key-value head.
    Fixture("bitnet-tiny-packed", "bitnet", 376, 256, 256, 4, 1, 64, True, torch.bfloat16, "direct"),
    # K = 128 and 384: convertible to I2_S, not to the 256-wide blocks.
    Fixture("llama-bitlinear-tiny", "llama", 23, 128, 384, 4, 2, 32, False, torch.bfloat16, "inverse"),
    # heads * head_dim = 96 but hidden = 64.
    Fixture("llama-dense-tiny", "llama", 22, 64, 160, 4, 2, 24, True, torch.float16, rope="llama3-old"),
    Fixture("qwen3-dense-tiny", "qwen3", 4, 64, 160, 4, 2, 24, True, torch.bfloat16),
    Fixture("llama-dense-sharded", "llama", 10, 48, 96, 4, 1, 24, False, torch.float32, rope="llama3", shards=3),
]

# Wavelengths of head_dim 24 at theta 1e4 run 6.3, 13.5, 29, 63, ...: with these numbers the first is left alone
# (below 32/4), two are blended (below 32/1), the rest are slowed down eightfold.
LLAMA3_SCALING = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}


def config(f: Fixture) -> dict:
    c = {
        "architectures": [{"bitnet": "BitNet", "llama": "Llama", "qwen3": "Qwen3"}[f.family] + "ForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": BOS,
        "eos_token_id": EOS,
        "dtype": str(f.storage).removeprefix("torch."),
        "head_dim": f.head_dim,
        "hidden_act": "relu2" if f.family == "bitnet" else "silu",
        "hidden_size": f.hidden,
        "intermediate_size": f.ffn,
        "max_position_embeddings": 256,
        "model_type": f.family,
        "num_attention_heads": f.heads,
        "num_hidden_layers": LAYERS,
        "num_key_value_heads": f.kv_heads,
        "rms_norm_eps": 1e-6 if f.family == "qwen3" else 1e-5,
        "tie_word_embeddings": f.tied,
        "transformers_version": transformers.__version__,
        "use_cache": True,
        "vocab_size": VOCAB,
    }
    if f.family == "bitnet":
        del c["head_dim"]  # always hidden / heads there
    if f.rope == "default":
        c["rope_parameters"] = {"rope_type": "default", "rope_theta": 500000.0}
    elif f.rope == "llama3":
        c["rope_parameters"] = {**LLAMA3_SCALING, "rope_theta": 10000.0}
    else:  # what checkpoints before transformers 5 carry
        c["rope_theta"] = 10000.0
        c["rope_scaling"] = LLAMA3_SCALING
    if f.bitlinear != "none":
        c["quantization_config"] = {
            "quant_method": "bitnet",
            "linear_class": "bitlinear" if f.bitlinear == "inverse" else "autobitlinear",
            "quantization_mode": "online" if f.bitlinear == "online" else "offline",
            "modules_to_not_convert": None,
        }
    return c


def pack(codes: torch.Tensor) -> torch.Tensor:
    """[N, K] of -1, 0, +1 -> [N/4, K] bytes: byte (r, c) holds rows r, r + N/4, r + N/2, r + 3N/4, low bits first."""
    quarters = (codes + 1).to(torch.uint8).chunk(4)  # 4 x [N/4, K]
    return quarters[0] | quarters[1] << 2 | quarters[2] << 4 | quarters[3] << 6


def weights(f: Fixture) -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(f.seed)
    tensors: dict[str, torch.Tensor] = {}

    def normal(*shape: int, std: float) -> torch.Tensor:
        return torch.randn(shape, generator=random) * std

    def norm(name: str, size: int) -> None:
        tensors[name] = (1 + normal(size, std=0.25)).to(f.storage)

    def linear(name: str, rows: int, cols: int, gain: float) -> None:
        w = normal(rows, cols, std=gain / math.sqrt(cols))
        if f.bitlinear in ("none", "online"):
            tensors[name] = w.to(f.storage)
            return
        absmean = w.abs().mean().clamp(min=1e-5)
        scale = absmean if f.bitlinear == "direct" else 1 / absmean
        tensors[name] = pack((w / absmean).round().clamp(-1, 1))
        tensors[name + "_scale"] = scale.reshape(1).to(f.storage)

    # A final norm of unit rows times 1.6 / sqrt(hidden) gives logits with a standard deviation near 1.6.
    tensors["model.embed_tokens.weight"] = normal(VOCAB, f.hidden, std=1.6 / math.sqrt(f.hidden)).to(f.storage)
    for i in range(LAYERS):
        layer = f"model.layers.{i}."
        norm(layer + "input_layernorm.weight", f.hidden)
        # Gain 1.6 on both sides: attention scores with a standard deviation near 2.5, so a token picks its neighbours.
        linear(layer + "self_attn.q_proj.weight", f.heads * f.head_dim, f.hidden, 1.6)
        linear(layer + "self_attn.k_proj.weight", f.kv_heads * f.head_dim, f.hidden, 1.6)
        linear(layer + "self_attn.v_proj.weight", f.kv_heads * f.head_dim, f.hidden, 1.0)
        if f.family == "qwen3":
            norm(layer + "self_attn.q_norm.weight", f.head_dim)
            norm(layer + "self_attn.k_norm.weight", f.head_dim)
        if f.family == "bitnet":
            norm(layer + "self_attn.attn_sub_norm.weight", f.heads * f.head_dim)
        linear(layer + "self_attn.o_proj.weight", f.hidden, f.heads * f.head_dim, 1.0)
        norm(layer + "post_attention_layernorm.weight", f.hidden)
        linear(layer + "mlp.gate_proj.weight", f.ffn, f.hidden, 1.0)
        linear(layer + "mlp.up_proj.weight", f.ffn, f.hidden, 1.0)
        if f.family == "bitnet":
            norm(layer + "mlp.ffn_sub_norm.weight", f.ffn)
        linear(layer + "mlp.down_proj.weight", f.hidden, f.ffn, 1.5 if f.family == "bitnet" else 3.0)
    norm("model.norm.weight", f.hidden)
    if not f.tied:
        tensors["lm_head.weight"] = normal(VOCAB, f.hidden, std=1.6 / math.sqrt(f.hidden)).to(f.storage)
    return tensors


# ----------------------------------------------------------------------------------------------------------- files


def byte_tokenizer() -> dict:
    """Byte-level BPE without a single merge: token id = byte value; then the two special tokens."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]  # GPT-2 spells these bytes as themselves
    spelling = {b: chr(b) for b in printable}
    for b in range(256):
        spelling.setdefault(b, chr(256 + sum(other < b for other in range(256) if other not in printable)))
    special = [
        {"id": i, "content": content, "special": True, "normalized": False, "single_word": False, "lstrip": False, "rstrip": False}
        for i, content in ((BOS, "<|bos|>"), (EOS, "<|eos|>"))
    ]
    bos = {"SpecialToken": {"id": "<|bos|>", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [bos, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [bos, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<|bos|>": {"id": "<|bos|>", "ids": [BOS], "tokens": ["<|bos|>"]}},
        },
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {spelling[b]: b for b in range(256)},
            "merges": [],
        },
    }


TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": "<|bos|>",
    "eos_token": "<|eos|>",
    "clean_up_tokenization_spaces": False,
    "model_max_length": 256,
    "chat_template": "{{ bos_token }}{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}",
}


def write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_model(f: Fixture, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    write_json(directory / "config.json", config(f))
    write_json(directory / "generation_config.json", {"bos_token_id": BOS, "eos_token_id": EOS, "do_sample": False})
    write_json(directory / "tokenizer.json", byte_tokenizer())
    write_json(directory / "tokenizer_config.json", TOKENIZER_CONFIG)
    tensors = weights(f)
    if f.shards == 1:
        save_file(tensors, directory / "model.safetensors", metadata={"format": "pt"})
        return
    # Deal the tensors out in turn, so that every layer's tensors are spread over all files.
    file_of = {name: f"model-{i % f.shards + 1:05}-of-{f.shards:05}.safetensors" for i, name in enumerate(tensors)}
    for file in sorted(set(file_of.values())):
        part = {name: t for name, t in tensors.items() if file_of[name] == file}
        save_file(part, directory / file, metadata={"format": "pt"})
    total = sum(t.numel() * t.element_size() for t in tensors.values())
    write_json(directory / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": file_of})


# ------------------------------------------------------------------------------------------------------- reference


def load(directory: Path):
    model, loading = AutoModelForCausalLM.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not any(loading.values()), f"{directory.name}: tensors missing, left over or misshapen: {loading}"
    return model.eval()


def float64_twin(model):
    """The same model in double precision, rotation angles included: the distance to it is the float32 rounding noise.
    (AutoBitLinear still rounds its operands to float32, as its code says.)"""
    twin = copy.deepcopy(model).double()
    rotary = twin.model.rotary_emb
    frequencies = model.model.rotary_emb.inv_freq.double()

    def cos_sin(x, position_ids):  # [1, T] -> 2 x [1, T, head_dim]
        angles = position_ids[..., None] * frequencies
        angles = torch.cat([angles, angles], dim=-1)
        return angles.cos() * rotary.attention_scaling, angles.sin() * rotary.attention_scaling

    rotary.forward = cos_sin
    return twin


class QuantizerInputs:
    """Records x * 127 / absmax, the number BitLinear is about to round, for every BitLinear call in order."""

    def __init__(self, model):
        self.scaled: list[torch.Tensor] = []
        for module in model.modules():
            if isinstance(module, (AutoBitLinear, BitLinear)):
                module.register_forward_pre_hook(lambda _, args: self.record(args[0]))

    def record(self, x: torch.Tensor) -> None:
        self.scaled.append(x * (127 / x.abs().amax(dim=-1, keepdim=True).clamp(min=1e-5)))

    def tie_distance(self) -> float:
        """How close any recorded value comes to k + 1/2; 0.5 where nothing is rounded."""
        return min([(s - s.floor() - 0.5).abs().min().item() for s in self.scaled], default=0.5)


def weight_tie_distance(model) -> float:
    """How close any master weight / absmean comes to +-1/2, where it changes from 0 to 1; 0.5 without master weights."""
    masters = [m.weight for m in model.modules() if isinstance(m, AutoBitLinear) and m.online_quant]
    return min([((w / w.abs().mean()).abs() - 0.5).abs().min().item() for w in masters], default=0.5)


@torch.no_grad()
def greedy(model, prompt: list[int], steps: int, margin: float = 0.0) -> tuple[list[int], float]:
    """Ids (prompt included) and the smallest lead of the best logit, as a share of the logits' range. Recomputes the
    whole text at every step; stops early once the lead falls below `margin`."""
    ids, least = list(prompt), math.inf
    for _ in range(steps):
        logits = model(torch.tensor([ids]), use_cache=False).logits[0, -1]
        best, second = logits.topk(2).values.tolist()
        least = min(least, (best - second) / (logits.max() - logits.min()).item())
        if least < margin:
            break
        ids.append(int(logits.argmax()))
    return ids, least


@dataclass(frozen=True)
class Reference:
    """What a fixture answers, or why its seed is refused."""

    refused: str
    values: dict


MIN_TIE_DISTANCE = 5e-5  # int8 steps; float32 noise is about 1e-5, at its largest element 1e-4
MIN_MARGIN = 2e-3  # of the logits' range; one activation rounded the other way moves logits by about 3e-4
MIN_DISTINCT = 20  # a greedy text stuck on one token tests little


@torch.no_grad()
def reference(f: Fixture, directory: Path) -> Reference:
    model = load(directory)
    inputs = torch.tensor([INPUT_IDS])
    rounded = QuantizerInputs(model)
    out = model(inputs, use_cache=False, output_hidden_states=True)
    logits = out.logits[0]  # [24, VOCAB]
    tie_distance = rounded.tie_distance()
    if tie_distance < MIN_TIE_DISTANCE or weight_tie_distance(model) < 1e-5:
        return Reference(f"rounding too close to a tie ({tie_distance:.1e} int8 steps)", {})

    ids, margin = greedy(model, GREEDY_PROMPT, GREEDY_STEPS, MIN_MARGIN)
    if margin < MIN_MARGIN:
        return Reference(f"greedy step {len(ids) - len(GREEDY_PROMPT)} leads by only {margin:.1e} of the range", {})
    distinct = len(set(ids[len(GREEDY_PROMPT) :]))
    if distinct < MIN_DISTINCT or EOS in ids:
        return Reference(f"greedy text too plain: {distinct} different tokens, or an end of text", {})

    twin = float64_twin(model)
    noise = (twin(inputs, use_cache=False).logits[0] - logits).abs().max().item()
    spread = (logits.max() - logits.min()).item()
    if noise > 5e-6 * spread or greedy(twin, GREEDY_PROMPT, GREEDY_STEPS)[0] != ids:
        return Reference(f"float64 disagrees: logits by {noise:.1e}, or another greedy text", {})

    log_probabilities = logits[:-1].log_softmax(-1).gather(-1, inputs[0, 1:, None])[:, 0]
    return Reference(
        "",
        {
            "mode": MODES[f.bitlinear],
            "transformers": transformers.__version__,
            "torch": torch.__version__,
            "seed": f.seed,
            "input_text": TEXT,
            "input_ids": INPUT_IDS,
            "greedy_prompt": GREEDY_PROMPT,
            "greedy_ids": ids,  # prompt and 64 more
            "min_margin": margin,  # smallest lead of a greedy token, as a share of the logits' range
            "min_tie_distance": tie_distance,  # of all int8 roundings over input_ids, in int8 steps
            "float64_max_abs_diff": noise,  # logits here against the same model in double precision
            "logits_range": spread,
            "mean_nll": -log_probabilities.mean().item(),
            "next_token_logprob": log_probabilities.tolist(),
            # Embedding, after layer 0, after the last layer and the final norm (transformers' `hidden_states`).
            "hidden_last_row_per_layer": [h[0, -1].tolist() for h in out.hidden_states],
            "logits": logits.tolist(),
        },
    )


MODES = {
    "none": "float32",
    "online": "autobitlinear/online float32: master weights, absmean taken on load",
    "direct": "autobitlinear/offline float32: weight_scale = mean|W| multiplies the output",
    "inverse": "bitlinear/offline float32: output divided by weight_scale = 1/mean|W|",
}


def write_reference(path: Path, values: dict) -> None:
    """One key per line, one line per row of a matrix; seven significant digits."""

    def text(value) -> str:
        if isinstance(value, float):
            return f"{value:.7g}"
        if isinstance(value, list):
            separator = ",\n  " if value and isinstance(value[0], list) else ","
            return "[" + separator.join(map(text, value)) + "]"
        return json.dumps(value, ensure_ascii=False)

    lines = [f' "{key}": {text(value)}' for key, value in values.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def search(f: Fixture, seeds: int) -> int:
    """First seed above f.seed - 1 that is accepted; the caller writes it into FIXTURES."""
    for seed in range(f.seed, f.seed + seeds):
        with tempfile.TemporaryDirectory() as scratch:
            candidate = replace(f, seed=seed)
            write_model(candidate, Path(scratch))
            if not reference(candidate, Path(scratch)).refused:
                return seed
    raise SystemExit(f"{f.name}: none of {seeds} seeds accepted")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Makes the reference models (see the top of this file).")
    arguments.add_argument("--only", metavar="NAME", choices=[f.name for f in FIXTURES])
    arguments.add_argument("--search", metavar="SEEDS", type=int, help="print the first accepted seed, write nothing")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for f in FIXTURES:
        if options.only not in (None, f.name):
            continue
        if options.search:
            print(f.name, "seed", search(f, options.search), flush=True)
            continue
        directory = OUT / f.name
        shutil.rmtree(directory, ignore_errors=True)
        write_model(f, directory)
        answer = reference(f, directory)
        if answer.refused:
            raise SystemExit(f"{f.name}: seed {f.seed} refused: {answer.refused}; try --only {f.name} --search 5000")
        write_reference(directory / "reference.json", answer.values)
        size = sum(file.stat().st_size for file in directory.iterdir())
        print(f"{f.name}: {size} bytes, logits range {answer.values['logits_range']:.2f}, margin {answer.values['min_margin']:.1e}")


if __name__ == "__main__":
    main()
