#!/usr/bin/env bash
# Whole commands against the NumPy + h5py script and cp, from one run; needs python3 with h5py, and the tool published:
#   dotnet publish src/LstmConvert.Cli -c Release -r linux-x64 --self-contained -p:PublishReadyToRun=true -o artifacts/publish-r2r
# and, for the native lines, with clang (or -p:CppCompilerAndLinker=gcc -p:LinkerFlavor=bfd):
#   dotnet publish src/LstmConvert.Cli -c Release -r linux-x64 -p:PublishAot=true -o artifacts/publish-native
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=artifacts/publish-r2r/LstmConvert.Cli
native=artifacts/publish-native/LstmConvert.Cli
peer="/usr/bin/python3 tests/LstmConvert.Benchmarks/peer_numpy_h5py.py"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

timed() { # name, runs, command...
  local name=$1 runs=$2; shift 2
  for _ in $(seq "$runs"); do rm -f "$work/out.h5"; /usr/bin/time -f '%e %M' -a -o "$work/$name" "$@" >/dev/null; done
  sort -n "$work/$name" | awk -v n="$name" '{ t[NR] = $1; if ($2 > m) m = $2 } END { printf "%-28s median %.3f s, best %.3f s, peak %d MiB\n", n, t[int((NR + 1) / 2)], t[1], m / 1024 }'
}

echo "seed sample (whole process)"
timed peer-small 15 $peer samples/seed-post/variables "$work/out.h5"
timed lstmconvert-small 15 $tool tf2keras samples/seed-post/variables -o "$work/out.h5" --quiet
[ -x "$native" ] && timed lstmconvert-native-small 15 $native tf2keras samples/seed-post/variables -o "$work/out.h5" --quiet
echo "1 GiB kernel (32768, 8192)"
/usr/bin/python3 - "$work/big/rnn/lstm_cell" <<'PY'
import os, sys
import numpy as np
os.makedirs(sys.argv[1])
block = np.random.RandomState(0).uniform(-1, 1, (1024, 8192)).astype('f4')
kernel = np.lib.format.open_memmap(sys.argv[1] + '/kernel.npy', 'w+', 'f4', (32768, 8192))
for k in range(32):
    kernel[k * 1024:(k + 1) * 1024] = np.roll(block, k)
kernel.flush()
np.save(sys.argv[1] + '/bias.npy', block[0])
PY
dotnet run -c Release --project tests/LstmConvert.Benchmarks -- checkpoint "$work/big" "$work/model.ckpt"
timed cp-large 3 cp "$work/big/rnn/lstm_cell/kernel.npy" "$work/out.h5"
timed peer-large 3 $peer "$work/big" "$work/out.h5"
timed lstmconvert-large-no-check 3 $tool tf2keras "$work/big" -o "$work/out.h5" --quiet --no-check
timed lstmconvert-large 3 $tool tf2keras "$work/big" -o "$work/out.h5" --quiet
timed lstmconvert-large-checkpoint 3 $tool tf2keras "$work/model.ckpt" -o "$work/out.h5" --quiet
[ -x "$native" ] && timed lstmconvert-native-checkpoint 3 $native tf2keras "$work/model.ckpt" -o "$work/out.h5" --quiet
echo "listing a checkpoint of 250 variables"
if [ -n "${LSTMCONVERT_SHARED:-}" ]; then
  list=$LSTMCONVERT_SHARED/real/checkpoints/tensorflow__tensor2tensor/tensor2tensor/test_data/transformer_test_ckpt/model.ckpt-1
  timed numpy-import 9 /usr/bin/python3 -c 'import numpy'
  timed lstmconvert-list 9 $tool inspect "$list" --all
  [ -x "$native" ] && timed lstmconvert-native-list 9 $native inspect "$list" --all
fi
if [ -x "$native" ] && [ -n "${LSTMCONVERT_SHARED:-}" ]; then
  echo "verify, 1024 units x 100 steps x batch 8 (NumPy: the four runs alone, with the BLAS that is installed)"
  /usr/bin/python3 - "$work/v" <<'PY'
import os, sys
import numpy as np
os.makedirs(sys.argv[1] + '/variables/rnn/lstm_cell')
random = np.random.RandomState(1)
np.save(sys.argv[1] + '/variables/rnn/lstm_cell/kernel.npy', random.uniform(-1 / 32, 1 / 32, (2048, 4096)).astype('f4'))
np.save(sys.argv[1] + '/variables/rnn/lstm_cell/bias.npy', random.uniform(-1 / 32, 1 / 32, 4096).astype('f4'))
np.save(sys.argv[1] + '/x.npy', random.normal(size=(8, 100, 1024)).astype('f4'))
PY
  $native tf2keras "$work/v/variables" -o "$work/v/lstm.h5" --quiet
  timed lstmconvert-native-verify 3 $native verify "$work/v/variables" "$work/v/lstm.h5" --input "$work/v/x.npy" -q
  timed numpy-verify 3 /usr/bin/python3 "$LSTMCONVERT_SHARED/peers/numpy_verify.py" "$work/v/variables" "$work/v/lstm.h5" "$work/v/x.npy"
  echo "1,000 small checkpoints with their graphs"
  for k in $(seq 1000); do
    mkdir -p "$work/runs/$k"
    cp "$LSTMCONVERT_SHARED"/goldens/tf1/lstm/model.ckpt.* "$work/runs/$k"
  done
  for jobs in 1 2; do
    rm -rf "$work/converted"
    timed "lstmconvert-native-batch-$jobs" 1 $native tf2keras "$work"/runs/*/model.ckpt.index --base "$work/runs" --out-dir "$work/converted" --quiet --jobs "$jobs"
  done
fi
