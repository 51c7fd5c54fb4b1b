#!/bin/sh
# The twins of a model that classic-books.sh made: full precision and binary weights, the same shape, tokens, order and
# seed, each with the learning rates of its own kind; then one page with the curves of all three.
#
#   recipes/twins.sh WORK
#
# TOKENS    tokens to see (default: as many as the ternary model): compare at equal tokens
# SIZE      as it was given to classic-books.sh;   FLAGS is added to trit train
set -eu
work=$1
trit=$(dirname "$0")/../trit

for weights in full b1; do
  # shellcheck disable=SC2086 # flags are words
  "$trit" train --data "$work/data" --out "$work/$weights" --resume --family 2b4t --weights "$weights" \
    --size "${SIZE:-5m}" --tokens "${TOKENS:-30000000}" ${FLAGS:-}
done
"$trit" report "$work/b1.58" "$work/full" "$work/b1" -o "$work/twins.html"
