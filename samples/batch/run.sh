#!/usr/bin/env bash
# Plans every model of this folder, applies the plan two at a time, verifies what was written, and applies it again: nothing is left to do.
set -euo pipefail
cd "$(dirname "$0")"
out=${1:-$(mktemp -d)}
lstmconvert=${LSTMCONVERT:-lstmconvert}

ls -d gru tagger.npz language-model | $lstmconvert plan --sources-from - --out-dir "$out" -o "$out/plan.json"
$lstmconvert apply "$out/plan.json" --jobs 2 --verify
$lstmconvert apply "$out/plan.json"
