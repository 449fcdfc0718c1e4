#!/usr/bin/env python3
"""Changes fields of Keras configurations and holds what the command makes of them against real Keras.

  KERAS_PYTHON tests/configurations/run.py --lstmconvert PATH --goldens FOLDER [--seed 1] [--count 3] [--case PART]

Each recorded model (.h5 of Keras 2, SavedModel of TensorFlow 2.15) gets `count` mutants: one or two fields of its layers have other values. The
command repairs, or converts, the mutant; real Keras loads the result. The witness is a model that is built here from the changed fields alone, by
Keras's own layer classes, with the recorded weights. A mutant may be refused; if it is not, both have to put out the same. Prints a line for each
mutant that is wrong and a count; exits 1 if there is one. Needs a Python that has keras 3 and h5py.
"""
import argparse, json, os, pathlib, random, re, shutil, subprocess, sys, tempfile

os.environ.setdefault('KERAS_BACKEND', 'numpy')
worker = pathlib.Path(__file__).parent.parent / 'LstmConvert.Tests' / 'Outcomes' / 'keras_worker.py'
exec(worker.read_text().split('\nsealed = True')[0].split('"""', 2)[2])  # Keras without JAX
import h5py
import keras
import numpy as np

RECURRENT = ('LSTM', 'GRU', 'SimpleRNN')
ACTIVATIONS = ['tanh', 'sigmoid', 'relu', 'elu', 'selu', 'softplus', 'softsign', 'linear', 'hard_sigmoid', 'exponential', 'swish', 'gelu']
CHANGES = {
    'activation': ACTIVATIONS, 'recurrent_activation': ACTIVATIONS, 'go_backwards': [True, False], 'stateful': [True, False], 'reset_after': [True, False],
    'implementation': [1, 2], 'unit_forget_bias': [True, False], 'use_bias': [True, False], 'merge_mode': ['concat', 'sum', 'mul', 'ave', None],
    'return_sequences': [True, False], 'dropout': [0.0, 0.4], 'recurrent_dropout': [0.0, 0.3], 'time_major': [True, False], 'mask_zero': [True, False],
    'unroll': [True, False], 'zero_output_for_mask': [True, False], 'mask_value': [0.0, 1.0, -1.0], 'trainable': [True, False], 'rate': [0.1, 0.7],
    'units': [1, 7],
}


def layers_of(config):
    """Every {class_name, config} in a configuration, those within wrappers too."""
    found, todo = [], [config]
    while todo:
        at = todo.pop()
        if isinstance(at, dict):
            if isinstance(at.get('config'), dict) and 'class_name' in at and at['class_name'] not in ('Sequential', 'Functional', 'Model'):
                found.append(at)
            todo.extend(at.values())
        elif isinstance(at, list):
            todo.extend(at)
    return sorted((one for one in found if 'name' in one['config']), key=lambda one: one['config']['name'])


def mutate(config, rng):
    """Changes a field or two; what is returned says which: (layer, field, value)."""
    wanted, done = 1 if rng.random() < 0.7 else 2, []
    for _ in range(40):
        layer = rng.choice(layers_of(config))
        fields = [field for field in layer['config'] if field in CHANGES and not isinstance(layer['config'][field], dict)]
        fields += [field for field in ('zero_output_for_mask', 'go_backwards', 'time_major') if layer['class_name'] in RECURRENT and field not in fields]
        if not fields:
            continue
        field = rng.choice(fields)
        value = rng.choice(CHANGES[field])
        if value == layer['config'].get(field):
            continue
        layer['config'][field] = value
        done.append((layer['config']['name'], field, value))
        if len(done) == wanted:
            break
    return done


def activation(value):
    if isinstance(value, dict):
        value = value.get('config', value.get('class_name'))
    # Up to Keras 2 hard_sigmoid is a line of slope 0.2; Keras 3 gave the name to another function.
    return (lambda x: keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)) if value == 'hard_sigmoid' else value


def built(layer):
    """A layer of today's Keras with the arguments that change what is computed; ValueError where this script does not know it."""
    kind, config = layer['class_name'], layer['config']
    if 'float16' in str(config.get('dtype')):
        raise ValueError('half precision')

    def pick(*names):
        return {name: config[name] for name in names if name in config}
    if kind in RECURRENT:
        arguments = pick('units', 'use_bias', 'return_sequences', 'go_backwards', 'reset_after', 'zero_output_for_mask')
        if kind == 'GRU' and 'reset_after' not in arguments:
            arguments['reset_after'] = False
        for name in ('activation', 'recurrent_activation'):
            if name in config and not (kind == 'SimpleRNN' and name == 'recurrent_activation'):
                arguments[name] = activation(config[name])
        if config.get('time_major'):
            raise ValueError('time_major')
        return getattr(keras.layers, kind)(**arguments)
    if kind == 'Bidirectional':
        arguments = pick('merge_mode')
        if config.get('backward_layer'):
            arguments['backward_layer'] = built(config['backward_layer'])
        return keras.layers.Bidirectional(built(config['layer']), **arguments)
    if kind == 'TimeDistributed':
        return keras.layers.TimeDistributed(built(config['layer']))
    if kind == 'Dense':
        return keras.layers.Dense(config['units'], activation=activation(config['activation']), use_bias=config['use_bias'])
    if kind == 'Embedding':
        return keras.layers.Embedding(config['input_dim'], config['output_dim'], mask_zero=config.get('mask_zero', False))
    if kind == 'Masking':
        return keras.layers.Masking(config['mask_value'])
    if kind in ('Dropout', 'SpatialDropout1D', 'GaussianNoise'):
        return keras.layers.Dropout(0.0)
    raise ValueError(kind)


def witness(config, weights, x):
    """What Keras computes with the fields of a chain of layers; None where they do not go together, or no chain is there."""
    layers = config['config']['layers'] if isinstance(config['config'], dict) else config['config']
    inputs = [layer for layer in layers if layer['class_name'] == 'InputLayer']
    rest = [layer for layer in layers if layer['class_name'] != 'InputLayer']
    if len(inputs) > 1 or any(len(layer.get('inbound_nodes') or [0]) > 1 for layer in rest):
        raise ValueError('no chain')
    at = start = keras.Input(batch_shape=x.shape, dtype='int32' if rest[0]['class_name'] == 'Embedding' else 'float32')
    for layer in rest:
        at = built(layer)(at)
    if isinstance(at, (list, tuple)):
        raise ValueError('several outputs')
    model = keras.Model(start, at)
    model.set_weights(weights)
    return np.asarray(model(x))


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """The fields of a protobuf message: (number, wire type, value)."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 2:
            length, at = varint(data, at)
            yield tag >> 3, 2, data[at:at + length]
            at += length
        else:
            value, at = varint(data, at)
            yield tag >> 3, 0, value


def number(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def message(parts):
    return b''.join(number(n << 3 | kind) + (number(len(value)) + value if kind == 2 else number(value)) for n, kind, value in parts)


def change_saved_model(folder, rng):
    """Changes the configuration of a SavedModel in place: the same fields in every record of a layer. Returns the changes and the configuration."""
    path = folder / 'keras_metadata.pb'
    nodes = [(n, kind, list(fields(value)) if n == 1 else value) for n, kind, value in fields(path.read_bytes())]
    texts = {k: json.loads(value) for k, (n, _, node) in enumerate(nodes) if n == 1 for m, _, value in node if m == 5}
    root = next(k for k, text in texts.items() if isinstance(text.get('config'), dict) and 'layers' in text['config'])
    config = {'class_name': texts[root]['class_name'], 'config': texts[root]['config']}
    done = mutate(config, rng)
    for k, text in texts.items():
        for layer in layers_of(text) + ([text] if isinstance(text.get('config'), dict) and k != root else []):
            for name, field, value in done:
                if layer['config'].get('name') == name:
                    layer['config'][field] = value
                    if field in layer and k != root:
                        layer[field] = value
    for k, text in texts.items():
        nodes[k] = (1, 2, [(m, kind, json.dumps(text).encode() if m == 5 else value) for m, kind, value in nodes[k][2]])
    path.write_bytes(message([(n, kind, message(value) if n == 1 else value) for n, kind, value in nodes]))
    return done, config


def change_h5(path, rng):
    with h5py.File(path, 'r+') as file:
        text = file.attrs['model_config']
        config = json.loads(text.decode() if isinstance(text, bytes) else text)
        done = mutate(config, rng)
        file.attrs['model_config'] = json.dumps(config)
    return done, config


def judge(command, target, config, weights, x):
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    said = (run.stderr + run.stdout).strip()
    if run.returncode != 0:
        return ('crashed' if run.returncode == 70 else 'refused'), said.splitlines()[0][:200] if said else ''
    try:
        expected = witness(config, weights, x)
    except ValueError as error:
        return 'unknown', f'{error}'[:160].replace('\n', ' ')
    except Exception as error:
        return 'impossible', f'Keras says {type(error).__name__}: {error}'[:200].replace('\n', ' ')
    try:
        actual = np.asarray(keras.models.load_model(target, compile=False)(x))
    except Exception as error:
        # A program that no Keras runs (a stateful layer without a fixed batch): nothing wrong is computed.
        return 'unloadable', f'{type(error).__name__}: {error}'[:200].replace('\n', ' ')
    if actual.shape != expected.shape:
        return 'wrong', f'{actual.shape} where {expected.shape} is right'
    difference = float(np.max(np.abs(actual - expected) / np.maximum(1, np.abs(expected)), initial=0))
    return ('right' if difference < 1e-4 or (np.isnan(actual) == np.isnan(expected)).all() and np.nanmax(np.abs(actual - expected)) < 1e-4 else 'wrong'), f'{difference:.3g}'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--lstmconvert', required=True)
    parser.add_argument('--goldens', required=True, type=pathlib.Path)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=3)
    parser.add_argument('--case', default='')
    parser.add_argument('--all', action='store_true', help='print every mutant')
    options = parser.parse_args()
    sources = [path for version in ('2.2.4', '2.15.0') for path in sorted((options.goldens / f'keras-{version}').glob('*/model.h5'))]
    sources += sorted((options.goldens / 'saved-models').glob('tf-2.15.1-*/saved_model'))
    counts, wrong = {}, 0
    for path in sources:
        name = f'{path.parent.parent.name}/{path.parent.name}'
        if options.case not in name:
            continue
        recorded = np.load(path.parent / 'io.npz')
        x = recorded['x'] if 'x' in recorded else recorded['x0'] if 'x0' in recorded and 'x1' not in recorded else None
        weights = [recorded[key] for key in sorted((key for key in recorded if re.fullmatch('w_?[0-9]+', key)), key=lambda key: int(key.strip('w_')))]
        for k in range(options.count if x is not None else 0):
            rng = random.Random(f'{name} {options.seed} {k}')
            with tempfile.TemporaryDirectory() as folder:
                work, target = pathlib.Path(folder) / path.name, os.path.join(folder, 'out.keras')
                (shutil.copytree if path.is_dir() else shutil.copyfile)(path, work)
                try:
                    done, config = (change_saved_model if path.is_dir() else change_h5)(work, rng)
                    command = [options.lstmconvert, 'tf2keras', str(work), '--to', 'keras3-model', '-o', target] if path.is_dir() else [options.lstmconvert, 'repair', str(work), '-o', target]
                    fate, text = judge(command, target, config, weights, x)
                except (StopIteration, KeyError, IndexError) as error:
                    fate, text, done = 'skipped', repr(error), []
            counts[fate] = counts.get(fate, 0) + 1
            wrong += fate in ('wrong', 'crashed')
            if options.all or fate in ('wrong', 'crashed'):
                print(f'{fate} | {name} #{k} | {"; ".join(f"{layer}.{field} = {value}" for layer, field, value in done)} | {text}', flush=True)
    print(', '.join(f'{count} {fate}' for fate, count in sorted(counts.items())))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
