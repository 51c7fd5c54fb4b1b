#!/bin/sh
# The twins of the model that classic-books.sh makes: full precision and binary weights, the same shape, tokens, order and
# seed, each with the rates of its own kind; then one page with the curves of all three.
#
#   recipes/twins.sh CORPUS WORK
#
# UNTIL    tokens after which the twins stop (default: 10 million): compare at equal tokens, the schedules are all of 30
set -eu
recipe=$(dirname "$0")/classic-books.sh
trit=$(dirname "$0")/../trit
corpus=$1 work=$2

for weights in full b1; do
  WEIGHTS=$weights UNTIL=${UNTIL:-10000000} "$recipe" "$corpus" "$work"
done
"$trit" report "$work/b1.58" "$work/full" "$work/b1" -o "$work/twins.html"
