"""Keras layers for weights that no stock layer holds; written by lstmconvert.

Import this module before a model that uses them is loaded: they are registered
as "lstmconvert>...". A legacy whole model (.h5) needs them by name too:
load_model(path, custom_objects={"NASCell": NASCell}), for NASCell.
Works in Keras 2.12 to 2.15, and in Keras 3 on TensorFlow, JAX, PyTorch and
NumPy.
"""
import keras

try:
    from keras import ops
    clip, concatenate, mean = ops.clip, ops.concatenate, ops.mean
    reduce_sum = ops.sum
except ImportError:  # Keras 2
    import tensorflow as ops
    clip, concatenate, mean = ops.clip_by_value, ops.concat, ops.reduce_mean
    reduce_sum = ops.reduce_sum
