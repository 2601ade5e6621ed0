#!/usr/bin/env bash
# From a fresh clone to a trained model, codes, neighbours and a running
# endpoint, on the docstrings of the installed Python packages.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/environment.sh
use_environment server

step() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }

run=runs/quickstart
model=saved_models/quickstart
index=runs/quickstart.index

step wish-tf train python-docs --bits 16 --out "$run" --force
step wish-tf topics "$run" --words 6
step wish-tf export "$run" "$model"
step wish-tf index "$model" python-docs --out "$index"
for query in \
  "fit a linear model and predict" \
  "send an email message with an attachment" \
  "shuffle and batch the elements of a dataset"; do
  step wish-tf search "$index" "$query" -k 5
done

log=$(mktemp)
printf '\n\033[1m$ wish-tf serve %s --rest-api-port 0 --port 0\033[0m\n' "$model"
wish-tf serve "$model" --rest-api-port 0 --port 0 >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -f "$log"' EXIT
for _ in $(seq 300); do
  url=$(grep -o 'http://[^ ]*' "$log" | head -n 1 || true)
  [ -n "$url" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.2
done
[ -n "$url" ] || { echo "the server was not ready after a minute" >&2; exit 1; }
step python scripts/send_request.py "$url" "train a neural network" "open a window with a button"
kill "$server"
wait "$server"
printf '\nDone. The model is in %s, the export in %s.\n' "$run" "$model"
