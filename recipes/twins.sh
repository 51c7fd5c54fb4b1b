#!/bin/sh
# The twins of the model that classic-books.sh makes: full precision and binary weights, the same shape, tokens, order and
# seed, each with the rates of its own kind; then one page with the curves of all three, twins.html, and one of its charts as a picture, twins.svg.
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

# The chart of held-out bits per byte with the page's colours.
{
  printf '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 300" font-family="system-ui, sans-serif">\n'
  sed -n '/<style>/,/<\/style>/p' "$work/twins.html" | sed 's/<\/head>.*//'
  y=20
  for run in 0:b1.58 1:full 2:b1; do
    y=$((y + 16))
    printf '<text x="700" y="%s" text-anchor="end" style="fill:var(--c%s);font-weight:600">%s</text>\n' "$y" "${run%%:*}" "${run#*:}"
  done
  sed -n 's/.*<figcaption>Held-out bits per byte<\/figcaption><svg[^>]*>\(.*<\/svg>\).*/\1/p' "$work/twins.html"
} >"$work/twins.svg"
