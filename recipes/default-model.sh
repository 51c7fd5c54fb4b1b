#!/bin/sh
# Puts the model of classic-books.sh into the jar, as the one that is used when none is named, and writes its page,
# docs/default-model.md, with ten samples: ten prompts, seeds 1 to 10, the sampling of `trit run`, everything as it came. The
# tests hold every kernel to what scalar kernels make of it here.
#
#   recipes/default-model.sh WORK
set -eu
home=$(CDPATH='' cd -- "$(dirname "$0")/.." && pwd -P)
trit=$home/trit
work=$1
model=$work/b1.58.gguf
resources=$home/cli/src/main/resources/dev/trit/cli

{
  sed '1,/^---$/d' "$work/b1.58.md" # without the front matter
  printf '\n## Data\n\n'
  printf '739 English books in the public domain, 321 MB, shuffled once; the held-out text is 8 other books, 5 MB.\n'
  printf '\n## Limits\n\n'
  printf 'A few million weights know the tone and the grammar of old books and nothing of the world: use it to try Trit,\n'
  printf 'to test programs that need some model, and to compare kernels, not for answers. English only, 512 positions, no\n'
  printf 'chat template. The books carry the views of their time.\n'
  printf '\n## Ten samples\n\n'
  printf '`./trit run PROMPT -n 80 --seed S`, S from 1 to 10, in this order, nothing left out.\n'
  seed=0
  while IFS= read -r prompt; do
    seed=$((seed + 1))
    printf '\n%s. **%s**' "$seed" "$prompt"
    "$trit" run "$prompt" -m "$model" -n 80 --seed "$seed" </dev/null | sed '2,$s/^\(.\)/   \1/'
  done <<'PROMPTS'
Once upon a time
It was a dark and stormy night
The old man looked at the sea
"I do not know," said she,
In the beginning of the year
The captain ordered his men
My dear friend,
When the king heard this
The house stood at the end of
He opened the door and
PROMPTS
} >"$work/default-model.md"

mkdir -p "$resources"
greedy=$home/cli/src/test/resources/dev/trit/cli/default-model.greedy.txt
seed7=$home/cli/src/test/resources/dev/trit/cli/default-model.seed7.txt
"$trit" run "Once upon a time" -m "$model" -n 40 --temp 0 --kernels scalar >"$greedy"
"$trit" run "Once upon a time" -m "$model" -n 40 --seed 7 --kernels scalar >"$seed7"
cp "$model" "$resources/default-model.gguf.new"
mv "$resources/default-model.gguf.new" "$resources/default-model.gguf"
{
  printf 'name=classic-books\n'
  printf 'bytes=%s\n' "$(wc -c <"$model" | tr -d ' ')"
  printf 'sha256=%s\n' "$(sha256sum "$model" | cut -d' ' -f1)"
} >"$resources/default-model.properties"
cp "$work/default-model.md" "$home/docs/default-model.md"
