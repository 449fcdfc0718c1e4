#!/usr/bin/env bash
# A plan as an array job of Slurm: each task does its part. A task that was ended is requeued, and goes on where it ended.
#   lstmconvert plan --sources-from list.txt --out-dir out -o plan.json
#   PLAN=plan.json sbatch samples/batch/slurm.sh
#SBATCH --job-name=lstmconvert
#SBATCH --array=0-15
#SBATCH --cpus-per-task=2
#SBATCH --mem=1G
#SBATCH --time=01:00:00
#SBATCH --requeue
set -euo pipefail
lstmconvert=${LSTMCONVERT:-lstmconvert}

exec $lstmconvert apply "${PLAN:-plan.json}" \
  --shard "$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN + 1))/$SLURM_ARRAY_TASK_COUNT" --jobs "${SLURM_CPUS_PER_TASK:-1}"
