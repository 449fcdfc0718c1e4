#!/usr/bin/env bash
# A plan under GNU parallel (Debian: apt-get install parallel): parts of it, so many at a time. A part whose process dies is started again, and goes on
# where it ended: what is there and is what the plan says is left.
#   samples/batch/parallel.sh PLAN.json [PARTS [WORKERS]]
set -euo pipefail
plan=$1 parts=${2:-4} workers=${3:-2}
lstmconvert=${LSTMCONVERT:-lstmconvert}

seq "$parts" | parallel --will-cite --jobs "$workers" --retries 3 --line-buffer --joblog "${plan%.json}.log" \
  "$lstmconvert apply $(printf %q "$plan") --shard {}/$parts"
