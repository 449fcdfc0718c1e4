"""What a person would write with NumPy and h5py: python3 peer_numpy_h5py.py FOLDER OUT.h5 [FORGET_BIAS]

Converts every LSTM below FOLDER (kernel.npy and bias.npy side by side) to a Keras weights file. No check, no read-back.
"""
import os
import sys

import h5py
import numpy as np

folder, out = sys.argv[1:3]
forget_bias = float(sys.argv[3]) if len(sys.argv) > 3 else 1.0
layers = []
for path, _, files in sorted(os.walk(folder)):
    if "kernel.npy" in files and "bias.npy" in files:
        layers.append((os.path.relpath(path, folder).replace("/", "_"), path))
with h5py.File(out, "w") as f:
    f.attrs["layer_names"] = np.array([name.encode() for name, _ in layers])
    f.attrs["backend"] = np.bytes_("tensorflow")
    f.attrs["keras_version"] = np.bytes_("2.15.0")
    for name, path in layers:
        kernel, bias = np.load(os.path.join(path, "kernel.npy")), np.load(os.path.join(path, "bias.npy"))
        units = bias.shape[0] // 4
        order = np.concatenate([np.arange(k * units, (k + 1) * units) for k in (0, 2, 1, 3)])
        folded = bias[order]
        folded[units : 2 * units] += forget_bias
        rows = kernel.shape[0] - units
        weights = {"kernel:0": kernel[:rows][:, order], "recurrent_kernel:0": kernel[rows:][:, order], "bias:0": folded}
        group = f.create_group(name)
        group.attrs["weight_names"] = np.array([f"{name}/{key}".encode() for key in weights])
        for key, value in weights.items():
            group[f"{name}/{key}"] = value
