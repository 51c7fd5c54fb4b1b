"""Writes src/test/resources/dev/trit/text/bpe.json: what Hugging Face's BpeTrainer learns from bpe.txt.

    python3 text/src/test/python/make_bpe_reference.py
"""

import json
import pathlib

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent.parent / "resources/dev/trit/text"
PATTERNS = {
    "gpt-2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "dbrx": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}

out = {}
for name, pattern in PATTERNS.items():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        min_frequency=2,
        special_tokens=["<|endoftext|>", "<|pad|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([(HERE / "bpe.txt").read_text(encoding="utf-8")], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    out[name] = {"merges": [" ".join(m) for m in model["merges"]], "tokens": sorted(model["vocab"], key=model["vocab"].get)}
(HERE / "bpe.json").write_text(json.dumps(out, indent=0, ensure_ascii=True) + "\n")
