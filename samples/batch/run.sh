#!/usr/bin/env bash
# Converts every model of this folder, goes on after a failure, and verifies what was written.
set -uo pipefail
cd "$(dirname "$0")"
out=${1:-$(mktemp -d)}
lstmconvert=${LSTMCONVERT:-lstmconvert}

ls -d gru tagger.npz language-model | $lstmconvert tf2keras --sources-from - --out-dir "$out" --jobs 2 || exit $?
for model in gru tagger.npz language-model; do
  $lstmconvert verify "$model" "$out/$(basename "$model" .npz).h5" --quiet || { echo "$model differs (exit $?)"; exit 1; }
  echo "$model: same"
done
