"""Writes the legacy .h5 of a model again as Keras 2 spelled it: rewrite(source, target, version). The rules are those by which these versions wrote their files."""
import json, shutil

import h5py
import numpy as np

VERSIONS = ['2.3.1', '2.4.0', '2.9.0', '2.15.0']
# What those versions have no form or another meaning for.
LAYERS = {'RMSNormalization', 'GroupQueryAttention', 'GroupedQueryAttention', 'Identity', 'UnitNormalization', 'GroupNormalization', 'SpectralNormalization', 'EinsumDense', 'ReversibleEmbedding'}
ACTIVATIONS = {'hard_sigmoid', 'leaky_relu', 'relu6', 'silu', 'hard_silu', 'hard_swish', 'mish', 'celu', 'squareplus', 'soft_shrink', 'hard_shrink', 'tanh_shrink', 'hard_tanh',
               'log_sigmoid', 'sparse_plus', 'sparse_sigmoid', 'sparsemax', 'log_softmax', 'gelu', 'swish', 'selu', 'exponential'}
MERGES = {'Multiply', 'Maximum', 'Minimum', 'Add', 'Subtract', 'Average', 'Concatenate', 'Attention', 'AdditiveAttention', 'MultiHeadAttention', 'Dot'}


class No(Exception):
    pass


def layer(given, version):
    """One layer's dictionary, and those inside it."""
    kind, config = given['class_name'], dict(given['config'])
    if kind in LAYERS:
        raise No(kind)
    if kind in ('Sequential', 'Functional', 'Model'):
        return {'class_name': kind, 'config': graph(config, version, kind)}
    for key in ('activation', 'recurrent_activation'):
        if isinstance(config.get(key), dict) or config.get(key) in ACTIVATIONS:
            raise No(f'{key}')
    dtype = config.get('dtype')
    config['dtype'] = dtype['config']['name'] if isinstance(dtype, dict) else dtype or 'float32'
    if kind == 'InputLayer':
        config['batch_input_shape'] = config.pop('batch_shape')
        config.pop('optional', None)
        if version == '2.3.1':
            config.pop('ragged', None)
    for key in [key for key in config if key.endswith(('_initializer', '_regularizer', '_constraint'))]:
        value = config[key]
        config[key] = None if value is None or not key.endswith('_initializer') else {'class_name': value['class_name'], 'config': value['config']}
    for key in ('seed', 'lora_rank', 'quantization_config', 'synchronized', 'rms_scaling', 'value_range'):
        config.pop(key, None)
    if kind in ('LSTM', 'GRU', 'SimpleRNN', 'RNN'):
        if config.pop('zero_output_for_mask', False):
            raise No('zero_output_for_mask')
        config.update({'implementation': 2} if kind != 'RNN' else {})
        config.update({'time_major': False} if version != '2.3.1' and kind != 'RNN' else {})
    if kind in ('BatchNormalization', 'LayerNormalization') and isinstance(config['axis'], int) and version != '2.3.1':
        config['axis'] = [config['axis']]
    if kind == 'LeakyReLU':
        config['alpha'] = config.pop('negative_slope')
    if kind == 'ZeroPadding1D':
        config.pop('data_format')
    for key in ('layer', 'cell'):
        if key in config:
            config[key] = layer(config[key], version)
    if 'backward_layer' in config:
        inner = layer(config.pop('backward_layer'), version)
        config.update({'backward_layer': inner} if version != '2.3.1' else {})
    if 'cells' in config:
        config['cells'] = [layer(one, version) for one in config['cells']]
    return {'class_name': kind, 'config': config}


def reference(at):
    return list(at['config']['keras_history'])


def graph(config, version, kind):
    """The configuration of a model."""
    layers = []
    for one in config['layers']:
        made = layer(one, version)
        if 'inbound_nodes' in one:
            made.update({'name': one['name'], 'inbound_nodes': [node(one, call) for call in one['inbound_nodes']]})
        layers.append(made)
    if kind == 'Sequential':
        shape = config.get('build_input_shape')
        first = layers[0] if layers and layers[0]['class_name'] == 'InputLayer' else None
        if first is None:
            raise No('no input')
        if version == '2.3.1':
            layers = layers[1:]
        if layers and layers[-1 if len(layers) == 1 else (0 if version == '2.3.1' else 1)]['class_name'] not in ('Sequential', 'Functional', 'Model'):
            layers[0 if version == '2.3.1' else 1]['config']['batch_input_shape'] = first['config']['batch_input_shape']
        elif version == '2.3.1':
            raise No('a model first')
        return {'name': config['name'], 'layers': layers, **({'build_input_shape': shape} if version != '2.3.1' else {})}
    outputs = config['output_layers']
    return {'name': config['name'], 'layers': layers, 'input_layers': config['input_layers'], 'output_layers': [outputs] if isinstance(outputs[0], str) else outputs}


def node(one, call):
    """A call as a list of [layer, node, tensor, {...}]."""
    if not call['args'] or any(key not in ('mask', 'training') and value is not None for key, value in call['kwargs'].items()):
        raise No('arguments of a call')
    if isinstance(call['kwargs'].get('mask'), (dict, list)):
        raise No('a mask in a graph')
    given = call['args'][0] if isinstance(call['args'][0], list) else [call['args'][0]]
    return [[*reference(at), {}] for at in given]


def rewrite(source, target, version):
    """Writes the file; says why not, or None."""
    shutil.copyfile(source, target)
    with h5py.File(target, 'r+') as file:
        config = json.loads(file.attrs['model_config'])
        kinds = json.dumps(config)
        try:
            if any(f'"class_name": "{kind}"' in kinds for kind in ('Masking',)) and any(f'"class_name": "{kind}"' in kinds for kind in MERGES | {'NotEqual'}):
                raise No('masks of several inputs')
            if version == '2.3.1' and ('"mask_zero": true' in kinds or 'Masking' in kinds) and 'Bidirectional' in kinds:
                raise No('masks of a Bidirectional')
            made = layer({'class_name': config['class_name'], 'config': config['config']}, version)
        except No as no:
            return str(no)
        if version == '2.3.1' and made['class_name'] == 'Functional':
            made['class_name'] = 'Model'
        file.attrs['model_config'] = json.dumps(made).encode()
        weights = file['model_weights']
        for at in (file, weights):
            at.attrs['keras_version'], at.attrs['backend'] = version, 'tensorflow'
        for name in weights:
            old = [one.decode() if isinstance(one, bytes) else one for one in weights[name].attrs.get('weight_names', [])]
            for one in old:
                weights[name].move(one, one + ':0')
            if old:
                weights[name].attrs['weight_names'] = np.array([(one + ':0').encode() for one in old])
    return None
