#!/usr/bin/env bash
# Fuzzes the readers: tests/LstmConvert.Fuzz/fuzz.sh SECONDS [TARGET ...]; all targets in turn, so many seconds each. Needs afl-fuzz
# (Debian: afl++). Seeds are files of tests/data and samples, and of the reference data where LSTMCONVERT_SHARED names them. Prints a line for
# each target; what ends the process lies in artifacts/fuzz/found/TARGET/default/crashes, what takes more than 5 s in .../hangs; run one
# again with
#   dotnet run --project tests/LstmConvert.Fuzz -- TARGET FILE
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=$1; shift
fuzz=$PWD/artifacts/fuzz
command -v afl-fuzz >/dev/null || { echo 'afl-fuzz is needed: apt-get install afl++' >&2; exit 2; }
rm -rf "$fuzz/bin"
dotnet publish tests/LstmConvert.Fuzz -c Release -o "$fuzz/bin" -v q --nologo
[ -x "$fuzz/tools/sharpfuzz" ] || dotnet tool install SharpFuzz.CommandLine --version 2.3.0 --tool-path "$fuzz/tools" >/dev/null
"$fuzz/tools/sharpfuzz" "$fuzz/bin/LstmConvert.dll"
mkdir -p "$fuzz/found"

seeds() { # target, name patterns...
  local folder=$fuzz/seeds/$1 k=0; shift
  [ -d "$folder" ] && return
  mkdir -p "$folder"
  for pattern in "$@"; do
    while IFS= read -r -d '' file; do cp "$file" "$folder/$((k++))"; done < <(
      find tests/data samples ${LSTMCONVERT_SHARED:+"$LSTMCONVERT_SHARED/goldens"} -size -40k -name "$pattern" -type f -print0 | sort -z | head -z -n 24)
  done
  [ "$k" -gt 0 ] || printf 'x' >"$folder/0"
}
declare -A patterns=(
  [npy]='*.npy' [npz]='*.npz' [index]='*.index' [v1]='*.ckpt-*[0-9] model.ckpt' [safetensors]='*.safetensors' [pt]='*.pt' [onnx]='*.onnx'
  [params]='*.params' [msgpack]='*.msgpack' [zip]='*.zip' [hdf5]='*.h5 *.hdf5' [keras-h5]='*.h5' [keras]='*.keras'
  [saved-model]='saved_model.pb' [graph]='frozen*.pb graph*.pb saved_model.pb' [meta]='*.meta' [pbtxt]='*.pbtxt'
)
export AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
export DOTNET_TieredPGO=0 AFL_AUTORESUME=1
for target in ${*:-npy npz index v1 safetensors pt onnx params msgpack zip hdf5 keras-h5 keras saved-model graph meta pbtxt}; do
  set -f; seeds "$target" ${patterns[$target]}; set +f
  afl-fuzz -i "$fuzz/seeds/$target" -o "$fuzz/found/$target" -t 5000 -m none -V "$seconds" dotnet "$fuzz/bin/LstmConvert.Fuzz.dll" "$target" \
    >"$fuzz/found.$target.log" 2>&1 || { echo "$target: afl-fuzz failed, see $fuzz/found.$target.log"; continue; }
  awk -F' *: *' -v t="$target" '{ v[$1] = $2 } END { printf "%-12s %9d executions, %5.0f a second, %5d inputs, %d crashes, %d hangs\n", t, v["execs_done"], v["execs_per_sec"], v["corpus_count"], v["saved_crashes"], v["saved_hangs"] }' \
    "$fuzz/found/$target/default/fuzzer_stats"
done
