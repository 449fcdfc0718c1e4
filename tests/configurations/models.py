#!/usr/bin/env python3
"""Draws whole Keras models at random and holds what the command makes of them against real Keras.

  KERAS_PYTHON tests/configurations/models.py --lstmconvert PATH [--seed 1] [--count 100] [--first 0] [--old] [--keep DIR]

Each model (draw.py: Sequential or functional, a few layers with random settings, random weights, masks, states, names) is saved by Keras as .keras, legacy .h5,
.weights.h5 and legacy weights, with what it predicts; the command inspects all of them, verifies the one against the other and against the predictions, repairs them
(Keras loads and runs what comes out), takes the weights to TensorFlow and back; with a weight or a field of the configuration changed it must not say "same". With
--old each is also written as Keras 2 spelled it (old.py). A refusal is counted by its sentence; what is wrong is printed, a line each, and the exit code is 1.
"""
import argparse, collections, json, logging, os, pathlib, random, re, shutil, subprocess, sys, tempfile

os.environ.setdefault('KERAS_BACKEND', 'numpy')
worker = pathlib.Path(__file__).parent.parent / 'LstmConvert.Tests' / 'Outcomes' / 'keras_worker.py'
exec(worker.read_text().split('\nsealed = True')[0].split('"""', 2)[2])  # Keras without JAX
sealed = True
logging.getLogger('absl').setLevel(logging.ERROR)
import h5py
import keras
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import draw

TOLERANCE = 1e-5


class Judge:
    def __init__(self, tool, old):
        self.tool, self.old = tool, old
        self.counts, self.refusals, self.found = collections.Counter(), collections.Counter(), []
        self.examples = {}

    def run(self, *arguments):
        run = subprocess.run([self.tool, *map(str, arguments)], capture_output=True, text=True, timeout=120)
        return run.returncode, (run.stderr.strip() + '\n' + run.stdout.strip()).strip()

    def count(self, what, fate):
        self.counts[f'{what}: {fate}'] += 1

    def refuse(self, what, said):
        # The sentence without names and numbers.
        if said.startswith('{'):
            said = 'lstmconvert: ' + str((json.loads(said).get('error') or {}).get('message'))
        line = next((line for line in said.splitlines() if line.startswith('lstmconvert:')), said.splitlines()[0] if said else 'nothing said')
        reason = [line for line in said.splitlines() if 'could not have told' in line or 'chaotic' in line or 'not decided' in line.lower()]
        line = re.sub(r'/\S+', 'PATH', (reason or [line])[0])
        plain = re.sub(r"'[^']*'", "'…'", re.sub(r'[0-9.e-]*[0-9][0-9.e-]*', '#', line))[:230]
        self.refusals[f'{what}: {plain}'] += 1
        self.examples.setdefault(f'{what}: {plain}', self.at)

    def wrong(self, what, said):
        self.found.append(f'{self.at} | {what} | {" / ".join(said.splitlines()[:6])[:700]}')
        print(self.found[-1], flush=True)
        self.count(what, 'WRONG')

    def outcome(self, what, run, good=(0,), refusals=(3, 4, 5), checked=True):
        """True where the command did it; a refusal is counted, and anything else is wrong."""
        code, said = run
        if code in good:
            if checked:
                self.count(what, 'right')
            return True
        if code in refusals:
            self.count(what, f'refused ({code})')
            self.refuse(what, said)
        else:
            self.wrong(what, f'exit {code}: {said}')
        return False

    def model(self, seed, folder):
        self.at = seed
        rng = random.Random(f'judge {seed}')
        model, xs, ys, _ = draw.drawn(seed)
        self.summary = summary(model)
        scale = [max(1.0, float(np.abs(y).max(initial=0))) for y in ys]
        cost = rounding(model, xs, ys)
        self.limit = [max(TOLERANCE * s, 20 * c) for s, c in zip(scale, cost)]
        record(folder / 'io.npz', xs, ys)
        files = save(model, folder)
        for name in files:
            self.outcome(f'inspect {name}', self.run('inspect', folder / name), refusals=())
        both = [name for name in ('a.keras', 'a.h5') if name in files]
        io = ('--input', folder / 'io.npz', '--expect', folder / 'io.npz')
        limit = ('--limit', max(self.limit)) if max(self.limit) > TOLERANCE * max(scale) else ()
        self.outcome('verify', self.run('verify', folder / both[0], folder / both[-1], *io, *limit))
        for name in both:
            for target in ('r.keras', 'r.h5'):
                self.repaired(f'repair {name} -o {target}', folder / name, folder / target, xs, ys)
        self.back(model, folder, both[0])
        self.planted(model, folder, xs, ys, rng)
        if self.old:
            import old
            self.spelled(old, model, folder, xs, ys, rng)

    def repaired(self, what, source, target, xs, ys, forced=()):
        if not self.outcome(what, self.run('repair', source, '-o', target, '--force', *forced), checked=False):
            return
        try:
            again = draw.predictions(keras.models.load_model(target, compile=False), xs)
        except Exception as error:
            return self.wrong(what, f'Keras says {type(error).__name__}: {error}')
        text = differs(again, ys, self.limit)
        self.wrong(what, text) if text else self.count(what, 'right')

    def back(self, model, folder, name):
        """The weights of recurrent layers to TensorFlow's variables and back."""
        code, said = self.run('keras2tf', folder / name, '-o', folder / 'tf.npz', '--force', '--json')
        if not self.outcome('keras2tf', (code, said), checked=False):
            return
        named = []
        for cell in json.loads(said[said.index('{'):])['cells']:
            named += ['--cell', f'{cell["scope"]}={cell["cell"]}']
            for fact in cell['facts']:
                fact, value = fact.split(' = ', 1)
                if fact not in ('direction', 'residual') and not fact.startswith('cell_'):
                    named += ['--fact', f'{cell["scope"]}:{fact}={value}']
        if not self.outcome('tf2keras', self.run('tf2keras', folder / 'tf.npz', '-o', folder / 'back.npz', '--force', *named), checked=False):
            return
        there = [np.asarray(v) for v in model.variables if 'seed' not in v.path]
        there += [v.sum(axis=0) for v in there if v.ndim == 2 and len(v) == 2]  # the two biases of a GRU: TensorFlow's gates have one
        with np.load(folder / 'back.npz') as back:
            for key in back.files:
                value = back[key]
                forms = [value] + ([value.sum(axis=0)] if value.ndim == 2 and len(value) == 2 else [])
                if value.dtype.kind == 'f' and value.any() and not any(f.shape == one.shape and np.allclose(f, one, rtol=1e-5, atol=1e-5) for one in there for f in forms):
                    return self.wrong('tf2keras', f'{key} {value.shape} is no weight of the model')
        self.count('tf2keras', 'right')

    def planted(self, model, folder, xs, ys, rng):
        """With something changed the verdict is never 'same'."""
        weights = [v for v in model.variables if 'seed' not in v.path and v.dtype.startswith('float') and np.prod(v.shape)]
        for k in range(2):
            one = rng.choice(weights)
            value = np.array(one)
            changed = value.copy()
            place = rng.randrange(value.size)
            changed.flat[place] += rng.choice([0.3, -0.5, 1.0])
            one.assign(changed)
            difference = draw.distance(draw.predictions(model, xs), ys)
            model.save(folder / 'planted.keras')
            one.assign(value)
            self.never_same(f'planted weight', f'{one.path}[{place}]', folder, difference)
        for k in range(3):
            said = draw.change(folder / 'a.keras', folder / 'planted.keras', rng)
            if said is None:
                continue
            try:
                difference = draw.distance(draw.predictions(keras.models.load_model(folder / 'planted.keras', compile=False), xs), ys)
            except Exception:
                self.count('planted field', 'impossible')
                continue
            self.never_same('planted field', said, folder, difference)

    def never_same(self, what, said, folder, difference):
        scale = max(self.limit) / TOLERANCE
        for more, how in ((('--input', folder / 'io.npz'), ' on the input'), ((), ' on a drawn sample')):
            code, text = self.run('verify', folder / 'a.keras', folder / 'planted.keras', *more)
            if difference > 1e-3 * scale and code == 0 and (more or what == 'planted field'):  # a drawn sample need not read every number
                self.wrong(what, f'{said} changes the outputs by {difference:.3g}{how}, and: {text}')
            elif difference == 0 and code == 1 and more:
                self.wrong(what, f'{said} changes nothing{how}, and: {text}')
            else:
                self.outcome(what + how, (code, text), good=(0, 1), checked=False)
                self.count(what + how, f'{"different" if difference > 1e-3 * scale else "little"}, exit {code}')

    def spelled(self, old, model, folder, xs, ys, rng):
        """The same model as an older Keras spells it."""
        version = rng.choice(old.VERSIONS)
        path = folder / 'old.h5'
        reason = old.rewrite(folder / 'a.h5', path, version)
        if reason:
            return self.count('old', f'not in {version[0]}: {reason}')
        self.at = f'{self.at} ({version})'
        self.outcome('old: inspect', self.run('inspect', path), refusals=())
        self.outcome('old: verify', self.run('verify', path, folder / 'a.keras', '--input', folder / 'io.npz', '--expect', folder / 'io.npz', '--limit', 10 * max(self.limit)))
        for target in ('r.keras', 'r.h5'):
            self.repaired(f'old: repair -o {target}', path, folder / target, xs, ys)


def summary(model):
    def of(layer):
        inner = getattr(layer, 'layers', None) or [one for one in [getattr(layer, 'forward_layer', None), getattr(layer, 'backward_layer', None), getattr(layer, 'layer', None)] if one is not None]
        return type(layer).__name__ + (f'({", ".join(of(one) for one in inner)})' if inner else '')
    return f'{type(model).__name__}: ' + ', '.join(of(layer) for layer in model.layers if not isinstance(layer, keras.layers.InputLayer))


def rounding(model, xs, ys):
    """How far half an ulp of the weights moves each output."""
    were = [np.array(v) for v in model.variables]
    numbers = np.random.default_rng(7)
    for v, value in zip(model.variables, were):
        if v.dtype.startswith('float'):
            v.assign((value * (1 + 6e-8 * numbers.choice([-1.0, 1.0], size=value.shape))).astype(value.dtype))
    moved = draw.predictions(model, xs)
    for v, value in zip(model.variables, were):
        v.assign(value)
    return [float(np.abs(a - b).max(initial=0)) for a, b in zip(moved, ys)]


def record(path, xs, ys):
    np.savez(path, **{f'x{k}': x for k, x in enumerate(xs)}, **{f'y{k}': y for k, y in enumerate(ys)})


def save(model, folder):
    files = []
    for name in ('a.keras', 'a.h5', 'a.weights.h5'):
        try:
            model.save_weights(folder / name) if '.weights' in name else model.save(folder / name)
            files.append(name)
        except Exception as error:  # Keras itself cannot: two datasets of one name, a name with a slash
            (folder / name).unlink(missing_ok=True)
            if name == 'a.keras':
                raise
    if 'a.h5' in files:
        with h5py.File(folder / 'a.h5') as whole, h5py.File(folder / 'legacy.h5', 'w') as weights:
            for key, value in whole['model_weights'].attrs.items():
                weights.attrs[key] = value
            for key in whole['model_weights']:
                whole.copy(whole['model_weights'][key], weights, key)
        files.append('legacy.h5')
    return files


def differs(these, those, limits):
    if [y.shape for y in these] != [y.shape for y in those]:
        return f'{[y.shape for y in these]} where {[y.shape for y in those]} is right'
    for k, (a, b, limit) in enumerate(zip(these, those, limits)):
        if not np.abs(a - b).max(initial=0) <= limit:
            return f'output {k} differs by {np.abs(a - b).max():.3g} (limit {limit:.3g})'
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--lstmconvert', required=True)
    parser.add_argument('--seed', default='1')
    parser.add_argument('--count', type=int, default=100)
    parser.add_argument('--first', type=int, default=0)
    parser.add_argument('--old', action='store_true', help='as Keras 2 spelled it, too')
    parser.add_argument('--keep', type=pathlib.Path, help='keep the files of each model there')
    options = parser.parse_args()
    judge = Judge(options.lstmconvert, options.old)
    for k in range(options.first, options.first + options.count):
        seed = f'{options.seed}-{k}'
        folder = options.keep / seed if options.keep else pathlib.Path(tempfile.mkdtemp())
        folder.mkdir(parents=True, exist_ok=True)
        was = len(judge.found)
        try:
            judge.model(seed, folder)
        except Exception as error:
            judge.count('models', f'not judged: {type(error).__name__}: {str(error)[:150]}'.replace('\n', ' '))
        if len(judge.found) > was:
            print(f'    {judge.summary}', flush=True)
        if not options.keep:
            shutil.rmtree(folder)
    print()
    for what, count in sorted(judge.counts.items()):
        print(f'{count:6} {what}')
    print()
    for what, count in judge.refusals.most_common():
        print(f'{count:6} {what}   ({judge.examples[what]})')
    print(f'\n{len(judge.found)} wrong')
    return 1 if judge.found else 0


if __name__ == '__main__':
    sys.exit(main())
