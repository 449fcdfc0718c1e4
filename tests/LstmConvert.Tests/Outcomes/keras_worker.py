"""Runs printed code in a real Keras, many programs in one process: one JSON request a line on stdin, one JSON answer a line on stdout.

request  {"code": text, "folder": DIR, "samples": [{"x": [array ...], "lengths": [int ...] | null, "states": [{"name": text, "values": [array ...]} ...] | null} ...]}
answer   {"ok": true, "layers": [class ...], "samples": [{"outputs": [array ...]} | {"skipped": why} ...]}
         {"ok": false, "error": "TypeError: ..."}
array    {"shape": [int ...], "data": base64 of little-endian float64}

x       goes to every input of rank 3 (in order where there are several arrays). Where the model masks, the steps after a row's length are
        filled with the mask's value (rows of a table with its last number), as the printed code asks for; where it does not mask and runs backwards, a ragged sample is skipped.
states  what each recurrent layer starts from in place of zeros, in Keras's order (h, c); by the layer's name, else in the model's order.
"""
import base64, importlib.abc, importlib.machinery, importlib.util, json, os, re, sys, warnings
from unittest.mock import MagicMock

warnings.simplefilter('ignore')
os.environ.setdefault('KERAS_BACKEND', 'numpy')
sealed = False


class Absent(MagicMock):
    """Stands for JAX, which Keras's NumPy backend imports for convolutions only: using it later is an error, never a number."""
    __path__ = []

    def __call__(self, *args, **kwargs):
        if sealed:
            raise NotImplementedError('this layer needs JAX (a convolution or an FFT), which is not here')
        return args[0] if args and callable(args[0]) else Absent()


class AbsentFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name == 'jax' or name.startswith(('jax.', 'jaxlib')):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = Absent(name=spec.name)
        module.__name__, module.__version__ = spec.name, '0.0.0'
        return module

    def exec_module(self, module):
        pass


without_jax = os.environ['KERAS_BACKEND'] == 'numpy' and importlib.util.find_spec('jax') is None
if without_jax:
    sys.meta_path.append(AbsentFinder())
if os.environ['KERAS_BACKEND'] == 'torch':
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import torch_backend
import numpy as np
import keras


def convolution(inputs, kernel, strides=1, padding='valid', data_format=None, dilation_rate=1):
    """Steps of one, channels last: all that a cell needs. What it gives is held against what TensorFlow recorded."""
    inputs, kernel = np.asarray(inputs), np.asarray(kernel)
    axes = list(range(1, inputs.ndim - 1))
    if not (np.all(np.asarray(strides) == 1) and np.all(np.asarray(dilation_rate) == 1)) or data_format == 'channels_first' or kernel.shape[-2] != inputs.shape[-1]:
        raise NotImplementedError('this convolution needs JAX, which is not here')
    if padding.lower() == 'same':
        inputs = np.pad(inputs, [(0, 0)] + [((k - 1) // 2, k // 2) for k in kernel.shape[:-2]] + [(0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(inputs, kernel.shape[:-2], axes)  # (b, places ..., x, k ...)
    return np.tensordot(np.moveaxis(windows, len(axes) + 1, -1), kernel, len(axes) + 1).astype(inputs.dtype)


if without_jax:
    from keras.src import backend
    backend.nn.conv = convolution
sealed = True


def array(value):
    return np.frombuffer(base64.b64decode(value['data']), '<f8').reshape(value['shape'])


def plain(value):
    value = np.ascontiguousarray(np.asarray(value), '<f8')
    return {'shape': list(value.shape), 'data': base64.b64encode(value.tobytes()).decode()}


def plain_text(message):
    """A message without colours, without the numbers of the input, and not longer than a line."""
    return re.sub(r'\[\[.*', '...', ' '.join(re.sub(r'\x1b\[[0-9;]*m', '', message).split()))[:160]


def recurrent(layers):
    """The layers with states, in the model's order; forward before backward."""
    for layer in layers:
        if isinstance(layer, keras.layers.Bidirectional):
            yield layer.forward_layer
            yield layer.backward_layer
        elif isinstance(layer, keras.layers.RNN):
            yield layer


def named(layer):
    """A layer's class, with the class that a wrapper holds."""
    inner = getattr(layer, 'forward_layer', None) or getattr(layer, 'layer', None) or (layer.cell if type(layer) is keras.layers.RNN else None)
    return type(layer).__name__ + ('(%s)' % named(inner) if inner is not None else '')


def start(layer, states):
    layer.get_initial_state = lambda *args, **kwargs: [keras.ops.convert_to_tensor(s.astype(layer.compute_dtype)) for s in states]


def sizes(layer):
    size = layer.cell.state_size
    return [size] if isinstance(size, int) else list(size)


def run(model, sample):
    layers = list(recurrent(model.layers))
    masks = [l.mask_value for l in model.layers if isinstance(l, keras.layers.Masking)]
    tables = [l.input_dim for l in model.layers if isinstance(l, keras.layers.Embedding)]
    x = [array(v).copy() for v in sample['x']]
    lengths = sample.get('lengths')
    if lengths is not None and min(lengths) < x[0].shape[1]:
        if not masks and any(l.go_backwards for l in layers):
            return {'skipped': 'lengths'}
        for row, length in enumerate(lengths if masks else []):
            for v in x:
                v[row, length:] = masks[0] if v.ndim > 2 else tables[0] - 1
    states = sample.get('states')
    if states is not None:
        if len(states) != len(layers):
            return {'skipped': 'states'}
        by_name = {s['name']: s for s in states}
        if all(l.name in by_name for l in layers):
            states = [by_name[l.name] for l in layers]
        states = [[array(s) for s in of['values']] for of in states]
        if any([s.shape[1] for s in of] != sizes(l) for of, l in zip(states, layers)):
            return {'skipped': 'states'}
        for of, layer in zip(states, layers):
            start(layer, of)
    feeds = [i for i in model.inputs]
    given = x if len(x) == len(feeds) else [x[0] if len(i.shape) == x[0].ndim else np.zeros((x[0].shape[0],) + tuple(i.shape[1:])) for i in feeds]
    y = model.predict(given if len(given) > 1 else given[0], verbose=0)
    return {'outputs': [plain(v) for v in (y if isinstance(y, (list, tuple)) else [y])]}


def answer(request):
    keras.backend.clear_session()
    here, known = os.getcwd(), set(sys.modules)
    os.chdir(request['folder'])
    sys.path.insert(0, request['folder'])                       # a module with layers lies beside the file
    importlib.invalidate_caches()
    try:
        scope = {'__name__': '__main__'}
        exec(compile(request['code'], 'printed code', 'exec'), scope)
        model = scope['model']
        return {'ok': True, 'layers': [named(l) for l in model.layers if not isinstance(l, keras.layers.InputLayer)],
                'samples': [run(model, sample) for sample in request['samples']]}
    finally:
        os.chdir(here)
        sys.path.remove(request['folder'])
        for name in set(sys.modules) - known:
            if (getattr(sys.modules[name], '__file__', None) or '').startswith(request['folder']):
                del sys.modules[name]


if __name__ == '__main__':
    answers, sys.stdout = sys.stdout, sys.stderr                # what the code prints is not an answer
    print(json.dumps({'keras': keras.__version__, 'backend': keras.backend.backend()}), file=answers, flush=True)
    for line in sys.stdin:
        try:
            result = answer(json.loads(line))
        except Exception as e:
            result = {'ok': False, 'error': '%s: %s' % (type(e).__name__, plain_text(str(e)))}
        print(json.dumps(result), file=answers, flush=True)
