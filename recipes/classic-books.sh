#!/bin/sh
# A small ternary language model of English prose, from raw text to a packed GGUF file: the model that Trit carries.
#
#   recipes/classic-books.sh CORPUS WORK
#
# CORPUS     train.txt.xz, valid.txt.xz, test.txt.xz: UTF-8, documents separated by <|endoftext|>
# WORK       where everything is written; start again with the same folder to go on
#
# WEIGHTS    b1.58 (default), b1 or full: see twins.sh, which sets it
# UNTIL      tokens after which to stop (default: all 30 million); start again to go on
# PRECISION  bf16 (default: what the carried model was trained with) or f32, for processors without bfloat16 products
#
# 2,000 to 3,500 tokens a second on two cores: 30 million take three to four hours.
set -eu
corpus=$1 work=$2
weights=${WEIGHTS:-b1.58}
trit=$(dirname "$0")/../trit
mkdir -p "$work"

[ -f "$work/tokenizer/tokenizer.json" ] ||
  "$trit" tokenizer train "$corpus/train.txt.xz" --vocab 8192 -o "$work/tokenizer"

[ -f "$work/data/manifest.json" ] ||
  "$trit" data prepare "$corpus/train.txt.xz" --valid "$corpus/valid.txt.xz" --tokenizer "$work/tokenizer" --seed 1 \
    -o "$work/data"

# What the weights' kind decides (schedule, decay, clipping) follows from --weights; the rest is the same for the twins.
case $weights in
  b1.58) rates='--peak 0.004 --peak2 0.0027' ;;
  b1) rates='--peak 0.004' ;;
  full) rates='--peak 0.002' ;;
esac
# shellcheck disable=SC2086 # flags are words
"$trit" train --data "$work/data" --out "$work/$weights" --resume --weights "$weights" $rates \
  --family 2b4t --hidden 256 --layers 6 --heads 4 --kv-heads 2 --head-dim 64 --ffn 512 \
  --sequence 512 --batch 8 --micro-batch 4 --warmup 200 --tokens 30000000 --precision "${PRECISION:-bf16}" --seed 1 \
  --checkpoint-every 250 --validate-every 250 ${UNTIL:+--until "$UNTIL"}

type=i2_s
if [ "$weights" = full ]; then type=bf16; fi
"$trit" export "$work/$weights" "$work/$weights.gguf" --type "$type" --embedding-type q8_0 --tolerance 0.05 \
  --name "Classic books" --meta license=apache-2.0 --card "$work/$weights.md"

if [ -f "$corpus/test.txt.xz" ]; then
  xz -dc "$corpus/test.txt.xz" >"$work/test.txt"
  "$trit" perplexity -m "$work/$weights.gguf" -f "$work/test.txt" --ctx 512
fi
