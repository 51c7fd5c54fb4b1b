"""Makes the small vocabularies and token ids in ../resources/tokenizers.

The text is written here; the vocabularies are trained on it, and the ids are what the Hugging Face `tokenizers` and
Google `sentencepiece` packages answer. Run with both installed:

    python make_tokenizer_goldens.py
"""
import base64
import json
import random
import sys
from pathlib import Path

import sentencepiece
import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

OUT = Path(__file__).parent.parent / "resources" / "tokenizers"

PROSE = """A weight that is only minus one, zero or plus one needs no multiplication: the sum of some activations less
the sum of others is the product. The scale is one number for the whole matrix. What is lost in each weight is won back
by having more of them, and by training with the rounding in place, so that the network learns around it.

It isn't the arithmetic that's slow on a laptop, it's the memory. A model of 2,412,820,480 parameters at 16 bits reads
4.8 GB for every token; at 1.58 bits it reads 0.5 GB. We've measured it: they'll differ by 7 to 9 times. I'd guess you're
not surprised, and I'm not either. DON'T trust a figure that nobody can repeat; THEY'RE often wrong.

for (int i = 0; i < n; i++) { sum += trits[i] * x[i]; }  // the specification
def quantize(x):
    scale = 127 / max(1e-5, abs(x).max())
    return (x * scale).round().clip(-128, 127), scale

\tif (a == b && c != d || !e) {\r\n\t\treturn "x" + 'y';\r\n\t}

Ein Gewicht, das nur minus eins, null oder plus eins ist, braucht keine Multiplikation: für größere Übung genügt Addition.
Un poids ternaire ne coûte presque rien ; déjà l'été dernier, où nous étions. El niño comió mañana. Naïve café, smörgåsbord.
Вес, который равен только минус одному, нулю или плюс одному, не требует умножения. Память медленнее счёта.
Τα βάρη είναι μόνο μείον ένα, μηδέν ή συν ένα. الوزن لا يحتاج إلى ضرب. המשקל אינו דורש כפל.
वज़न को गुणा की ज़रूरत नहीं है। น้ำหนักไม่ต้องคูณ 权重只有负一、零和正一，不需要乘法。重みは掛け算を必要としません。무게는 곱셈이 필요 없습니다.
The answer is 42, not 1234567 and not ٣٤٥ or ½ or ²; see §3.2 (page 17) <a href="#x">here</a> 🙂 👍🏽 👩‍👩‍👧 🇩🇪 ✅
"""

CASES = [
    "",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "a",
    " a",
    "  a",
    "a ",
    "a  ",
    "a\n",
    "a \n b",
    "a\n\n\n b",
    " \n \n  x",
    "x\t\ty",
    "x \t y",
    "\u00a0a\u00a0\u00a0b",
    "\u3000a\u2003\u2003b\u2028c\u2029d\u0085e\u200bf\ufeffg",
    "\x0b\x0c\x1c\x1f x",
    "it's IT'S it'S I'll I'LL we'Ve you'd 'tis 'x ''s s' 's't",
    "it'\u017f, \u2019s",
    "0 1 12 123 1234 12345 123456 1234567",
    "3.14 1,000,000 1e-5 0xFF v2 2x x2y",
    "\u0663\u0664 \u00bd\u00b2\u00b3 \u2167 \uff11\uff12\uff13 \u2460 \U0001d7d8",
    "!!!!!! ...... ??!! -- --- ==== => <= != && || // /* */",
    "(a) [b] {c} <d> \"e\" 'f' `g` ~h ^i |j $k +l",
    "\u00a1hola! \u00bfqu\u00e9? \u00abx\u00bb \u201cy\u201d \u2026 \u3002\u3001",
    "cafe\u0301 na\u0131\u0308ve \u1e9b\u0323 \ufb01 \u212b \u00c5 A\u030a",
    "Hello\u200dWorld \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea \u2705\ufe0f",
    "\u6743\u91cd\u53ea\u6709\u8d1f\u4e00 hello\u4e16\u754c \U00020000\U00020001",
    "\u0935\u091c\u093c\u0928 \u0e19\u0e49\u0e33\u0e2b\u0e19\u0e31\u0e01 \u0627\u0644\u0648\u0632\u0646",
    "\x00\x01\x02 \x7f\x80\x9f",
    "<|begin|>Hi<|end|>",
    "<|begin|> <|end|>\n<|end|>x<|en d|>",
    "a<mask>b <mask> c  <mask>  d xword word words word",
    "\u2581 \u2581\u2581a \u0120 \u0120a <0x0A> <unk> <s> </s>",
    "the the the weight weights weightless",
    "def quantize(x):\n    return (x * scale).round()\n",
    "a" * 300,
    " " * 100 + "x" + "\n" * 50,
    "ab" * 100 + "1" * 50 + "!" * 50,
    "\U0001f642" * 30,
    "\u91cf" * 60,
]


def cases():
    """The ones above and seeded mixtures of words, scripts, spaces and signs."""
    rng = random.Random(158)
    words = PROSE.split()
    spaces = [" ", " ", " ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u3000", " \n ", ""]
    signs = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + ["'s", "'LL", "...", "12", "3456", "\u00bd", "\U0001f600", "\x00", "\x85"]
    out = list(CASES)
    for _ in range(60):
        parts = []
        for _ in range(rng.randint(1, 25)):
            kind = rng.random()
            if kind < 0.6:
                parts.append(rng.choice(words))
            elif kind < 0.85:
                parts.append(rng.choice(signs))
            else:
                parts.append(chr(rng.choice([rng.randrange(0x20, 0x2500), rng.randrange(0x4E00, 0x9FA0), rng.randrange(0x1F300, 0x1F600)])))
            parts.append(rng.choice(spaces))
        out.append("".join(parts))
    return out


GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace("{1,3}", "")
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split(pattern):
    return pre_tokenizers.Split(Regex(pattern), "isolated")


def byte_level(regex=False, prefix=False):
    return pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)


# The components as the models' makers write them, not as Trit does.
PRE_TOKENIZERS = {
    "gpt-2": byte_level(regex=True),
    "gpt-2-prefix": byte_level(regex=True, prefix=True),
    "llama-bpe": pre_tokenizers.Sequence([split(LLAMA3), byte_level()]),
    "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level(regex=True)]),
    "qwen2": pre_tokenizers.Sequence([split(QWEN2), byte_level()]),
    "tekken": pre_tokenizers.Sequence([split(TEKKEN), byte_level()]),
    "falcon": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Punctuation("contiguous"),
            byte_level(regex=True),
            pre_tokenizers.Digits(individual_digits=False),
            split("[0-9][0-9][0-9]"),
        ]
    ),
}


def trained():
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = byte_level(regex=True)
    tok.decoder = decoders.ByteLevel()
    tok.train_from_iterator(
        PROSE.splitlines(keepends=True),
        trainers.BpeTrainer(
            vocab_size=900, min_frequency=2, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
        ),
    )
    # A token that no merge leads to: only ignore_merges finds it.
    data = json.loads(tok.to_str())
    data["model"]["vocab"]["weightless"] = len(data["model"]["vocab"])
    tok = Tokenizer.from_str(json.dumps(data))
    tok.add_special_tokens(["<|begin|>", "<|end|>"])
    tok.add_tokens(
        [AddedToken("<mask>", lstrip=True, rstrip=True, normalized=False), AddedToken("word", single_word=True, normalized=True)]
    )
    return tok


def with_pre_tokenizer(tok, name):
    data = json.loads(tok.to_str())
    if name in ("llama-bpe", "tekken"):
        data["model"]["ignore_merges"] = True
    variant = Tokenizer.from_str(json.dumps(data))
    variant.pre_tokenizer = PRE_TOKENIZERS[name]
    if name == "qwen2":
        variant.normalizer = normalizers.NFC()
    return variant


def components(variant):
    """What of a tokenizer.json differs between variants."""
    data = json.loads(variant.to_str())
    return {"normalizer": data["normalizer"], "pre_tokenizer": data["pre_tokenizer"], "ignore_merges": data["model"]["ignore_merges"]}


def sentencepiece_model(kind):
    path = OUT / f"sample-{kind}"
    corpus = OUT / "corpus.txt"
    corpus.write_text(PROSE, encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus),
        model_prefix=str(path),
        vocab_size=600 if kind == "bpe" else 380,
        model_type=kind,
        byte_fallback=kind == "bpe",
        character_coverage=0.98 if kind == "bpe" else 1.0,
        normalization_rule_name="identity",
        remove_extra_whitespaces=kind == "unigram",
        user_defined_symbols=["<mask>"] if kind == "unigram" else [],
        num_threads=1,
        minloglevel=2,
    )
    corpus.unlink()
    Path(f"{path}.vocab").unlink()
    return sentencepiece.SentencePieceProcessor(model_file=f"{path}.model")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    texts = cases()
    tok = trained()
    data = json.loads(tok.to_str())
    (OUT / "sample-bytes.json").write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    variants = {}
    for name in PRE_TOKENIZERS:
        variant = with_pre_tokenizer(tok, name)
        ids = [variant.encode(t, add_special_tokens=False).ids for t in texts]
        variants[name] = {**components(variant), "ids": ids}
    models_ = {}
    for kind in ("bpe", "unigram"):
        sp = sentencepiece_model(kind)
        models_[kind] = [sp.encode(t) for t in texts]
    broken = []
    rng = random.Random(8)
    pieces = [b"a", b"\xc3", b"\xc3\xa9", b"\xe2\x82", b"\xe2\x82\xac", b"\xf0\x9f\x99", b"\xf0\x9f\x99\x82", b"\x80", b"\xff",
              b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe0\x80\x80", b"\xf8\x88", b"\xf0", b"\xe2", b"\xf0\x80\x80"]
    for _ in range(200):
        raw = b"".join(rng.choice(pieces) for _ in range(rng.randint(1, 8)))
        broken.append([base64.b64encode(raw).decode(), raw.decode("utf-8", errors="replace")])
    goldens = {
        "made_by": f"tokenizers {tokenizers.__version__}, sentencepiece {sentencepiece.__version__}, Python {sys.version.split()[0]}",
        "texts": texts,
        "byte_level": variants,
        "sentencepiece": models_,
        "broken_utf8": broken,
    }
    (OUT / "goldens.json").write_text(json.dumps(goldens, ensure_ascii=True, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
