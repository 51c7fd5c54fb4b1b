#!/bin/sh
# A small ternary language model of English prose, from raw text to a packed GGUF file.
#
#   recipes/classic-books.sh CORPUS WORK
#
# CORPUS   train.txt.xz, valid.txt.xz, test.txt.xz: UTF-8, documents separated by <|endoftext|>
# WORK     where everything is written; start again with the same folder to go on
#
# VOCAB, SIZE and TOKENS in the environment make another model of the same kind; FLAGS is added to trit train.
# About 1,000 tokens a second for 8 M parameters on two cores: 30 M tokens take some eight hours.
set -eu
corpus=$1 work=$2
trit=$(dirname "$0")/../trit
mkdir -p "$work"

[ -f "$work/tokenizer/tokenizer.json" ] ||
  "$trit" tokenizer train "$corpus/train.txt.xz" --vocab "${VOCAB:-4096}" -o "$work/tokenizer"

[ -f "$work/data/manifest.json" ] ||
  "$trit" data prepare "$corpus/train.txt.xz" --valid "$corpus/valid.txt.xz" --tokenizer "$work/tokenizer" -o "$work/data"

# shellcheck disable=SC2086 # flags are words
"$trit" train --data "$work/data" --out "$work/b1.58" --resume --family 2b4t --weights b1.58 \
  --size "${SIZE:-5m}" --tokens "${TOKENS:-30000000}" ${FLAGS:-}

"$trit" export "$work/b1.58" "$work/model.gguf" --type i2_s --embedding-type q8_0 --tolerance 0.05 \
  --name "${NAME:-Classic books}" --meta license=apache-2.0

if [ -f "$corpus/test.txt.xz" ]; then
  xz -dc "$corpus/test.txt.xz" >"$work/test.txt"
  "$trit" perplexity -m "$work/model.gguf" -f "$work/test.txt" --ctx 256
fi
