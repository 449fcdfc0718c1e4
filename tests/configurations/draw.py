"""Draws whole models of Keras 3 at random: Drawing(seed).model() has the layers that stand around recurrent ones, with random settings, weights and inputs.

Used by models.py, and by the tests through Python. Import it where keras can be imported (without TensorFlow: on its NumPy backend).
"""
import inspect, json, random, sys, zipfile

import keras
import numpy as np

L, K = keras.layers, keras
ACTIVATIONS = ['tanh', 'sigmoid', 'relu', 'elu', 'selu', 'softplus', 'softsign', 'linear', 'hard_sigmoid', 'exponential', 'swish', 'gelu', 'leaky_relu', 'relu6', 'silu',
               'hard_silu', 'hard_swish', 'mish', 'celu', 'squareplus', 'soft_shrink', 'hard_shrink', 'tanh_shrink', 'hard_tanh', 'log_sigmoid', 'sparse_plus', 'sparse_sigmoid']
# Where a state is carried on, one that does not grow.
CALM = ['tanh', 'sigmoid', 'softsign', 'hard_tanh', 'hard_sigmoid', 'relu', 'elu', 'sparse_sigmoid', 'softmax', 'linear', 'leaky_relu', 'gelu', 'relu6', 'hard_silu']
GATES = ['sigmoid', 'hard_sigmoid', 'tanh', 'relu', 'softsign', 'sparse_sigmoid', 'linear', 'hard_tanh', 'softmax']
NAMES = ['Encoder', 'schicht ä', 'a.b', 'lstm:0', 'x-y', '2nd', 'vars', 'layers', 'cell', 'naïve_名', 'bidirectional_1', 'lstm_7', 'kernel', 'a b  c', 'model_weights', "it's", 'q"q', 'a\\b']
BATCH = 3
# Other values of a field of a layer's configuration: each changes what is computed, or is no change to Keras either, which is what decides.
CHANGES = {
    'activation': ['tanh', 'relu', 'sigmoid', 'softsign', 'elu', 'hard_silu', 'leaky_relu'], 'recurrent_activation': ['sigmoid', 'hard_sigmoid', 'tanh'],
    'go_backwards': [True, False], 'reset_after': [True, False], 'merge_mode': ['concat', 'sum', 'mul', 'ave'], 'return_sequences': [True, False],
    'mask_zero': [True, False], 'mask_value': [0.0, -1.0, 5.0], 'epsilon': [1e-3, 0.5], 'axis': [-1, 1, 2], 'axes': [1, 2], 'normalize': [True, False],
    'zero_output_for_mask': [True, False], 'score_mode': ['dot', 'concat'], 'negative_slope': [0.0, 0.5], 'groups': [1, 2, -1], 'scale': [0.25, 3.0],
    'offset': [0.5], 'dims': [[2, 1]], 'padding': [1, [1, 0], [0, 1]], 'data_format': ['channels_first', 'channels_last'], 'use_causal_mask': [True, False],
    'interpolation': ['nearest', 'bilinear'], 'alpha': [0.2], 'threshold': [0.4], 'max_value': [0.7], 'units': [], 'rate': [0.9],
}


def as_in_tensorflow():
    """Lets Keras's NumPy backend give zeros at steps that are masked before the first valid one, as TensorFlow's and PyTorch's do (it gives
    the initial state there), and zeros at masked steps of an unrolled layer that asks for zeros, as TensorFlow's does."""
    from keras.src import backend
    module = sys.modules[backend.rnn.__module__]
    text = inspect.getsource(backend.rnn)
    for old, new in (('            def _step(states, current_input):\n                current_input, current_mask', '            last = []\n\n            def _step(states, current_input):\n                current_input, current_mask'),
                     ('masked_outs = np.where(is_masked, output_tm1, output_t)', 'masked_outs = np.where(is_masked, last[-1] if last else np.zeros_like(output_t), output_t)\n                    last.append(masked_outs)'),
                     ('                if not successive_outputs:\n                    prev_output', '                if zero_output_for_mask or not successive_outputs:\n                    prev_output')):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    exec(compile(text, backend.rnn.__code__.co_filename, 'exec'), module.__dict__)
    backend.rnn = module.rnn


class Undrawn(Exception):
    """Something that does not fit, to be drawn again."""


class Drawing:
    """One model and what goes through it."""

    def __init__(self, seed):
        self.rng = random.Random(f'{seed}')
        self.numbers = np.random.default_rng(self.rng.getrandbits(32))
        self.used, self.masked, self.ids = set(), {}, {}
        self.stateful = False
        self.dtype = None

    # What many settings have in common.
    def chance(self, p):
        return self.rng.random() < p

    def one(self, *values):
        return self.rng.choice(values)

    def size(self):
        return self.rng.choice([1, 2, 3, 4, 4, 5, 6])

    def name(self):
        """An odd name now and then."""
        if not self.chance(0.1):
            return {}
        name = self.rng.choice([one for one in NAMES if one not in self.used] or [None])
        self.used.add(name)
        return {'name': name}

    def common(self):
        return {**self.name(), **({'dtype': self.dtype} if self.dtype else {}), **({'trainable': False} if self.chance(0.06) else {})}

    def activation(self, names):
        """A name, or now and then a layer in its place."""
        if self.chance(0.06):
            return self.one(L.LeakyReLU(negative_slope=0.15), L.ELU(alpha=0.6), L.ReLU(max_value=1.5, negative_slope=0.1), L.Activation('softsign'))
        return self.rng.choice(names)

    def regularised(self):
        """Settings of training, which change no prediction."""
        settings = {}
        if self.chance(0.1):
            settings['kernel_regularizer'] = self.one('l2', K.regularizers.L1L2(0.01, 0.02), K.regularizers.OrthogonalRegularizer())
        if self.chance(0.08):
            settings['kernel_constraint'] = self.one('non_neg', K.constraints.MaxNorm(2.0), K.constraints.MinMaxNorm(0.1, 1.0))
        if self.chance(0.1):
            settings['kernel_initializer'] = self.one('he_normal', K.initializers.RandomUniform(-0.1, 0.1), 'glorot_normal', K.initializers.Constant(0.1))
        if self.chance(0.05):
            settings['activity_regularizer'] = 'l1'
        return settings

    # Recurrent layers.
    def settings(self, kind):
        """The settings of a recurrent layer or a cell."""
        settings = {'use_bias': not self.chance(0.15), **self.regularised()}
        if self.chance(0.35):
            settings['activation'] = self.activation(CALM)
        if kind != 'SimpleRNN' and self.chance(0.35):
            settings['recurrent_activation'] = self.activation(GATES)
        if kind == 'LSTM' and self.chance(0.3):
            settings['unit_forget_bias'] = self.chance(0.5)
        if kind == 'GRU' and self.chance(0.6):
            settings['reset_after'] = self.chance(0.5)
        if self.chance(0.2):
            settings['dropout'] = 0.3
        if self.chance(0.15):
            settings['recurrent_dropout'] = 0.2
        return settings

    def loop(self, sequences, steps):
        """The settings of a loop over a sequence."""
        settings = {'return_sequences': sequences}
        if self.chance(0.2):
            settings['go_backwards'] = True
        if self.stateful and self.chance(0.6):
            settings['stateful'] = True
        if steps and self.chance(0.12):
            settings['unroll'] = True
        if self.chance(0.12):
            settings['zero_output_for_mask'] = True
        return settings

    def cell(self):
        kind = self.one('LSTM', 'GRU', 'SimpleRNN')
        settings = self.settings(kind)
        settings.pop('activity_regularizer', None)
        return getattr(L, kind + 'Cell')(self.size(), **settings)

    def bare(self, sequences, steps, units=None, kind=None, states=False, direction=None):
        """A recurrent layer without a wrapper."""
        loop = self.loop(sequences, steps)
        if direction is not None:
            loop['go_backwards'] = direction
        if states:
            loop['return_state'] = True
        kind = kind or self.one('LSTM', 'LSTM', 'LSTM', 'GRU', 'GRU', 'SimpleRNN', 'RNN')
        if kind == 'RNN':
            cells = [self.cell() for _ in range(self.one(1, 2, 3))]
            return L.RNN(cells if len(cells) > 1 else cells[0], **loop, **self.common())
        return getattr(L, kind)(units or self.size(), **self.settings(kind), **loop, **self.common())

    def bidirectional(self, sequences, steps, states=False):
        units, mode = self.size(), self.one('concat', 'concat', 'sum', 'mul', 'ave')
        forward = self.bare(sequences, steps, units, direction=False if self.chance(0.8) else None, states=states)
        settings = {'merge_mode': mode}
        if self.chance(0.25):
            kind = self.one('LSTM', 'GRU', 'SimpleRNN')
            settings['backward_layer'] = self.bare(sequences, steps, units, kind, direction=not forward.go_backwards, states=states)
        return L.Bidirectional(forward, **settings, **self.common())

    def recurrent(self, t, sequences):
        steps = t.shape[1]
        if self.chance(0.3):
            return self.bidirectional(sequences, steps)
        return self.bare(sequences, steps)

    # Layers around them, by the rank of what they get.
    def dense(self):
        settings = {**self.regularised()}
        if self.chance(0.6):
            settings['activation'] = self.activation(ACTIVATIONS + ['softmax', 'log_softmax', 'sparsemax'])
        if self.chance(0.15):
            settings['use_bias'] = False
        return L.Dense(self.size(), **settings, **self.common())

    def normalization(self, t):
        rank, width = len(t.shape), t.shape[-1]
        kind = self.one('batch', 'batch', 'layer', 'layer', 'group', 'unit', 'rms', 'spectral')
        known = [axis for axis in range(1, rank) if t.shape[axis]]
        axis = -1 if self.chance(0.6) else self.rng.choice(known)
        settings = {**({'epsilon': self.one(1e-5, 1e-3, 0.1)} if self.chance(0.4) else {}), **self.common()}
        if kind in ('batch', 'layer', 'group'):
            settings.update({name: False for name in ('center', 'scale') if self.chance(0.15)})
        if kind == 'batch':
            return L.BatchNormalization(axis=axis, momentum=self.one(0.9, 0.99), **settings)
        if kind == 'layer':
            if rank > 2 and all(t.shape[1:]) and self.chance(0.3):
                axis = self.one([1, 2], [-2, -1], [-1])
            return L.LayerNormalization(axis=axis, **settings)
        if kind == 'group':
            return L.GroupNormalization(groups=self.rng.choice([g for g in (1, 2, 3, width, -1) if g == -1 or width % g == 0]), **settings)
        settings.pop('epsilon', None)
        if kind == 'unit':
            return L.UnitNormalization(axis=axis, **settings)
        if kind == 'spectral':
            return L.SpectralNormalization(self.dense(), **self.common())
        return L.RMSNormalization(axis=axis, **settings)

    def elementwise(self, t):
        """A layer that keeps the shape."""
        rank, more = len(t.shape), self.common()
        choices = [
            lambda: L.Dropout(0.3, **more), lambda: L.Activation(self.activation(ACTIVATIONS), **more), lambda: L.LeakyReLU(self.one(0.1, 0.3), **more),
            lambda: L.ELU(self.one(1.0, 0.4), **more), lambda: L.ReLU(self.one(None, 1.0, 6.0), negative_slope=self.one(0.0, 0.2), threshold=self.one(0.0, 0.3), **more),
            lambda: L.Softmax(axis=self.rng.choice([-1, -1, rank - 1, 1]), **more), lambda: L.Rescaling(self.one(0.5, 1 / 255, 2), offset=self.one(0.0, -1.0), **more),
            lambda: L.GaussianNoise(0.1, **more), lambda: L.GaussianDropout(0.2, **more), lambda: L.AlphaDropout(0.2, **more),
            lambda: L.ActivityRegularization(l2=0.1, **more), lambda: L.Identity(**more), lambda: L.UnitNormalization(**more),
        ]
        if all(t.shape[1:]):
            choices.append(lambda: L.PReLU(shared_axes=[1] if rank > 2 and self.chance(0.5) else None, **more))
        if rank == 3:
            choices.append(lambda: L.SpatialDropout1D(0.2, **more))
        return self.rng.choice(choices)()

    def inner_model(self, shape):
        """A model that stands as a layer in another one, for inputs of a shape."""
        shape = tuple(shape)
        i = K.Input(shape[1:], **({'dtype': self.dtype} if self.dtype else {}))
        was, self.stateful = self.stateful, False
        try:
            if len(shape) == 2:
                layers = [self.dense(), self.normalization(i) if self.chance(0.3) else self.dense()]
            else:
                layers = [self.recurrent(i, self.chance(0.6))]
                if self.chance(0.5):
                    layers = [self.dense(), *layers]
                if self.chance(0.4):
                    layers.append(self.dense())
            if self.chance(0.5):
                return K.Sequential([i, *layers], **self.name())
            at = i
            for layer in layers:
                at = layer(at)
            if len(at.shape) == len(shape) and self.chance(0.4):
                at = L.Concatenate()([i, at]) if at.shape[:-1] == i.shape[:-1] else at
            return K.Model(i, at, **self.name())
        finally:
            self.stateful = was

    def on_sequence(self, t, last=False):
        """A layer for (b, t, x)."""
        steps, width, more = t.shape[1], t.shape[2], self.common()
        choices = [lambda: self.recurrent(t, not last and self.chance(0.7))] * (12 if not last else 30)
        choices += [self.dense] * 3 + [lambda: self.normalization(t)] * 3 + [lambda: self.elementwise(t)] * 4
        choices += [
            lambda: L.GlobalAveragePooling1D(keepdims=self.chance(0.2), **more), lambda: L.GlobalMaxPooling1D(keepdims=self.chance(0.2), **more),
            lambda: L.ZeroPadding1D(self.one(1, 2, (1, 0), (0, 2)), **more), lambda: L.UpSampling1D(self.one(2, 3), **more),
            lambda: L.TimeDistributed(self.one(self.dense, lambda: L.Dropout(0.2), lambda: L.BatchNormalization(), lambda: L.LayerNormalization(),
                                               lambda: L.Activation('tanh'), lambda: self.inner_model((None, width)))(), **self.common()),
            lambda: L.Masking(self.one(0.0, 0.0, -1.0), **more), lambda: self.inner_model(t.shape),
            lambda: L.EinsumDense('abc,cd->abd', output_shape=(None, self.size()), bias_axes=self.one('d', None), activation=self.one(None, 'tanh'), **more),
        ]
        if steps:
            choices += [
                lambda: L.Flatten(**more), lambda: L.Permute((2, 1), **more), lambda: L.Reshape(self.one((width, steps), (steps * width,), (-1, width), (1, steps, width)), **more),
                lambda: L.Cropping1D(self.one(1, (1, 0), (0, 1)), **more),
            ]
        return self.rng.choice(choices)()

    def on_vector(self, t):
        more, width = self.common(), t.shape[-1]
        choices = [self.dense] * 5 + [lambda: self.normalization(t)] * 2 + [lambda: self.elementwise(t)] * 2
        choices += [lambda: L.RepeatVector(self.one(1, 2, 4), **more)] * 4 + [lambda: L.Reshape(self.one((width, 1), (1, width)), **more), lambda: self.inner_model(t.shape)]
        return self.rng.choice(choices)()

    def on_image(self, t):
        """A layer for (b, s, t, x): a sequence of sequences."""
        more, (_, outer, steps, width) = self.common(), t.shape
        inner = keras.KerasTensor((None, steps, width))
        choices = [lambda: L.TimeDistributed(self.recurrent(inner, self.chance(0.3)), **more)] * 4
        choices += [lambda: L.TimeDistributed(self.inner_model((None, steps, width)), **more), self.dense, lambda: L.Reshape((outer * steps, width), **more),
                    lambda: L.Permute((2, 1, 3), **more), lambda: L.ZeroPadding2D(1, **more), lambda: L.GlobalMaxPooling2D(**more), lambda: self.normalization(t),
                    lambda: L.TimeDistributed(L.Flatten(), **more), lambda: L.TimeDistributed(L.GlobalAveragePooling1D(), **more)]
        return self.rng.choice(choices)()

    def layer(self, t, last=False):
        rank = len(t.shape)
        if rank == 2:
            return self.on_vector(t)
        if rank == 3:
            return self.on_sequence(t, last)
        if rank == 4 and all(t.shape[1:]):
            return self.on_image(t)
        raise Undrawn('rank')

    # Whole models.
    def input(self, kind=None):
        """An input and what its first layer makes of it."""
        steps = None if not self.stateful and self.chance(0.15) else self.rng.randint(2, 6)
        batch = {'batch_size': BATCH} if self.stateful or self.chance(0.05) else {}
        kind = kind or self.one('numbers', 'numbers', 'numbers', 'ids', 'nested')
        name = self.name() if self.chance(0.3) else {}
        if kind == 'ids':
            i = K.Input((steps,), dtype=self.one('int32', 'int64', 'float32'), **batch, **name)
            rows = self.rng.randint(3, 9)
            self.ids[id(i)] = rows
            layer = L.Embedding(rows, self.size(), mask_zero=self.chance(0.6), **self.common())
            return i, layer
        more = {'dtype': self.dtype} if self.dtype else {}
        if kind == 'nested':
            return K.Input((self.rng.randint(2, 3), self.rng.randint(2, 4), self.rng.randint(1, 3)), **batch, **name, **more), None
        if kind == 'vector':
            return K.Input((self.size(),), **batch, **name, **more), None
        i = K.Input((steps, self.size()), **batch, **name, **more)
        if self.chance(0.3):
            value = self.one(0.0, 0.0, -1.0, 9.0)
            self.masked[id(i)] = value
            return i, L.Masking(value, **self.common())
        return i, None

    def sequential(self):
        i, first = self.input()
        layers = [first] if first is not None else []
        at = first(i) if first is not None else i
        count = self.rng.randint(1, 5)
        for k in range(count):
            layer = self.layer(at)
            at = layer(at)
            layers.append(layer)
        if not any(recurrent(layer) for layer in layers):
            if len(at.shape) != 3:
                raise Undrawn('nothing recurrent')
            layers.append(self.recurrent(at, self.chance(0.5)))
        if self.chance(0.4):
            layers.append(self.dense())
        model = K.Sequential([i, *layers], **self.name())
        return model, [i]

    def functional(self):
        """A few operations, each on something that is there already."""
        inputs, there, layers = self.inputs, [], []

        def new_input(kind=None):
            i, first = self.input(kind)
            inputs.append(i)
            there.append(first(i) if first is not None else i)
        new_input()
        while self.chance(0.35) and len(inputs) < 3:
            new_input()
        for _ in range(self.rng.randint(2, 6)):
            self.operation(there, layers, new_input)
        if not any(recurrent(layer) for layer in layers):
            at = [t for t in there if len(t.shape) == 3]
            if not at:
                raise Undrawn('nothing recurrent')
            layer = self.recurrent(at[-1], self.chance(0.5))
            layers.append(layer)
            there.append(layer(at[-1]))
        used = {id(t) for layer in layers for node in layer._inbound_nodes for t in node.arguments.keras_tensors}
        ends = [t for t in there if id(t) not in used and not any(t is i for i in inputs)]
        if not ends:
            raise Undrawn('no end')
        if self.chance(0.15):
            middle = [t for t in there if id(t) in used and not any(t is i for i in inputs) and not any(t is e for e in ends)]
            ends += [self.rng.choice(middle)] if middle else []
        self.rng.shuffle(ends)
        if self.chance(0.3) and len(inputs) > 1:
            self.rng.shuffle(inputs)
        return K.Model(inputs, ends if len(ends) > 1 or self.chance(0.1) else ends[0], **self.name()), inputs

    def operation(self, there, layers, new_input):
        at = self.rng.choice(there[-3:])
        rank = len(at.shape)
        same = [t for t in there if t.shape == at.shape and t is not at]
        sequences = [t for t in there if len(t.shape) == 3 and t.shape[-1]]
        kind = self.rng.random()
        if kind < 0.12 and same:
            other = self.rng.choice(same)
            layer = self.one(L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum, L.Concatenate)(**self.common())
            return self.keep(there, layers, layer, [at, other])
        if kind < 0.16 and same:
            axis = self.rng.choice([axis for axis in range(1, rank)])
            return self.keep(there, layers, L.Concatenate(axis=axis, **self.common()), [at, self.rng.choice(same), *([at] if self.chance(0.2) else [])])
        if kind < 0.26 and len(sequences) > 0:
            return self.attention(there, layers, sequences)
        if kind < 0.42 and len(sequences) > 0:
            return self.handed_states(there, layers, sequences, new_input)
        if kind < 0.48 and layers:
            layer = self.rng.choice(layers)  # used once more
            fits = [t for t in there if not isinstance(layer.input, list) and t.shape[1:] == layer.input.shape[1:]]
            if fits and type(layer).__name__ not in ('Concatenate',) and not isinstance(layer.output, list):
                return self.keep(there, layers, layer, self.rng.choice(fits))
        if kind < 0.52 and rank == 3 and same:
            return self.keep(there, layers, L.Dot(axes=self.one((2, 2), (1, 1), 2, 1), normalize=self.chance(0.3), **self.common()), [at, self.rng.choice(same)])
        if kind < 0.56 and rank == 2 and same:
            return self.keep(there, layers, L.Dot(axes=self.one(1, -1), normalize=self.chance(0.3), **self.common()), [at, self.rng.choice(same)])
        if kind < 0.62 and rank == 3:  # both directions apart, or all states of both
            if self.chance(0.5):
                forward = self.bare(self.chance(0.5), at.shape[1], direction=False)
                return self.keep(there, layers, L.Bidirectional(forward, merge_mode=None, **self.common()), at)
            kind = self.one('LSTM', 'GRU', 'SimpleRNN')
            units = self.size()
            forward = self.bare(self.chance(0.5), at.shape[1], units, kind, True, direction=False)
            return self.keep(there, layers, L.Bidirectional(forward, merge_mode=self.one('concat', 'sum'), **self.common()), at)
        if kind < 0.66 and rank == 3 and at.shape[1]:  # weights over time
            score = L.Dense(1, activation='tanh')(at)
            weights = L.Softmax(axis=1)(score) if self.chance(0.5) else L.Reshape((at.shape[1], 1))(L.Activation('softmax')(L.Flatten()(score)))
            return self.keep(there, layers, L.Multiply(**self.common()), [at, weights])
        if kind < 0.69 and rank == 3 and len(sequences) > 1:
            vector = [t for t in there if len(t.shape) == 2 and t.shape[-1]]
            if vector and at.shape[1]:
                repeated = L.RepeatVector(at.shape[1])(self.rng.choice(vector))
                return self.keep(there, layers, L.Concatenate(**self.common()), [at, repeated])
        return self.keep(there, layers, self.layer(at), at)

    def keep(self, there, layers, layer, given, **keywords):
        made = layer(given, **keywords)
        layers.append(layer)
        there += list(made) if isinstance(made, (list, tuple)) else [made]

    def attention(self, there, layers, sequences):
        query = self.rng.choice(sequences)
        value = self.rng.choice(sequences)
        keywords = {}
        if self.chance(0.2):
            keywords['use_causal_mask'] = True
        if self.chance(0.15):
            keywords['return_attention_scores'] = True
        kind = self.one('mha', 'mha', 'att', 'add', 'gqa')
        if kind == 'mha':
            heads, size = self.one(1, 2, 3), self.one(1, 2, 4)
            layer = L.MultiHeadAttention(heads, size, value_dim=self.one(None, 3), output_shape=self.one(None, None, 5), use_bias=not self.chance(0.2), dropout=self.one(0.0, 0.2), **self.common())
            made = layer(query, value, **({'key': self.rng.choice([s for s in sequences if s.shape[1] == value.shape[1]])} if self.chance(0.2) else {}), **keywords)
        elif kind == 'gqa':
            layer = L.GroupQueryAttention(self.one(1, 2, 3), 4, 2, use_bias=not self.chance(0.2), **self.common())
            made = layer(query, value, **keywords)
        else:
            fits = [s for s in sequences if s.shape[-1] == query.shape[-1]]
            value = self.rng.choice(fits)
            layer = L.Attention(use_scale=self.chance(0.4), score_mode=self.one('dot', 'dot', 'concat'), dropout=self.one(0.0, 0.2), **self.common()) if kind == 'att' \
                else L.AdditiveAttention(use_scale=self.chance(0.7), **self.common())
            made = layer([query, value] if self.chance(0.8) else [query, value, value], **keywords)
        layers.append(layer)
        there += list(made) if isinstance(made, (list, tuple)) else [made]

    def handed_states(self, there, layers, sequences, new_input):
        """Final states of one recurrent layer are what another one starts from; or states that are inputs of the model."""
        at = self.rng.choice(sequences)
        kind, units = self.one('LSTM', 'GRU', 'SimpleRNN'), self.size()
        was, self.stateful = self.stateful, False
        try:
            if self.chance(0.2):
                count = 2 if kind == 'LSTM' else 1
                states = [self.state_input(there, units) for _ in range(count)]
                self.inputs += states
                encoder = None
            elif self.chance(0.25):
                encoder = L.Bidirectional(self.bare(self.chance(0.5), at.shape[1], units, kind, True, direction=False), **self.common())
                made = encoder(at)
                output, states = made[0], list(made[1:])
                if kind == 'LSTM':
                    states = [L.Concatenate()([states[0], states[2]]), L.Concatenate()([states[1], states[3]])]
                else:
                    states = [L.Concatenate()(states)]
                units *= 2
            else:
                encoder = self.bare(self.chance(0.5), at.shape[1], units, kind, True)
                made = encoder(at)
                output, states = made[0], list(made[1:])
            if encoder is not None:
                layers.append(encoder)
                if self.chance(0.4):
                    there.append(output)
            if self.chance(0.4):
                new_input('numbers')
                sequences = sequences + [there[-1]]
            decoded = self.rng.choice(sequences)
            if self.chance(0.15):
                decoder = L.Bidirectional(self.bare(self.chance(0.7), decoded.shape[1], units, kind), **self.common())
                made = decoder(decoded, initial_state=states + states)
            else:
                decoder = self.bare(self.chance(0.7), decoded.shape[1], units, kind, self.chance(0.3))
                made = decoder(decoded, initial_state=states if len(states) > 1 or self.chance(0.5) else states[0])
            layers.append(decoder)
            there += list(made) if isinstance(made, (list, tuple)) else [made]
        finally:
            self.stateful = was

    def state_input(self, there, units):
        return K.Input((units,), **({'batch_size': BATCH} if self.stateful else {}), **({'dtype': self.dtype} if self.dtype else {}))

    def model(self):
        """The model, its inputs' values and what Keras computes; Undrawn, or what Keras says, where that does not go."""
        keras.backend.clear_session()
        self.inputs = []
        self.stateful = self.chance(0.1)
        self.dtype = 'float64' if self.chance(0.08) else None
        model, inputs = self.sequential() if self.chance(0.4) else self.functional()
        self.weigh(model)
        xs = [self.values(i) for i in inputs]
        ys = predictions(model, xs)
        if not all(np.isfinite(y).all() for y in ys) or max(np.abs(y).max(initial=0) for y in ys) > 1e4:
            raise Undrawn('out of bounds')
        return model, xs, ys

    def weigh(self, model):
        """Random weights everywhere, those too that begin as 0 or 1."""
        gain = self.one(0.3, 0.7, 1.0, 1.0, 2.0)
        for variable in model.variables:
            if 'seed' in variable.path or not variable.dtype.startswith('float'):
                continue
            value, leaf = self.numbers.normal(size=variable.shape), variable.path.split('/')[-1]
            if 'variance' in leaf:
                value = np.abs(value) + 0.3
            elif leaf in ('gamma', 'scale'):
                value = 1 + 0.3 * value
            elif len(variable.shape) > 1 and leaf != 'embeddings':
                value *= gain / np.sqrt(max(1, np.prod(variable.shape[:-1])))
            else:
                value *= 0.5
            variable.assign(value.astype(variable.dtype))

    def values(self, i):
        shape = [BATCH if axis == 0 else length or 4 for axis, length in enumerate(i.shape)]
        if id(i) in self.ids:
            x = self.numbers.integers(1, self.ids[id(i)], size=shape)
            self.ends(x, 0)
            return x.astype(i.dtype)
        x = self.numbers.normal(size=shape)
        if id(i) in self.masked:
            self.ends(x, self.masked[id(i)])
        return x.astype(i.dtype)

    def ends(self, x, value):
        """Rows of unlike lengths, and a hole in the middle now and then."""
        for row in range(x.shape[0]):
            length = self.rng.randint(1, x.shape[1])
            x[row, length:] = value
            if self.chance(0.3):
                x[row, self.rng.randrange(x.shape[1])] = value


def recurrent(layer):
    inner = getattr(layer, 'layer', None)
    return isinstance(layer, (L.RNN, L.Bidirectional)) or inner is not None and recurrent(inner) or any(recurrent(one) for one in getattr(layer, 'layers', []))


def predictions(model, xs):
    """What a model gives from zero states."""
    for layer in model._flatten_layers():
        if getattr(layer, 'stateful', False) and hasattr(layer, 'reset_states'):
            try:
                layer.reset_states()
            except AttributeError:  # Keras's own, of stacked cells
                pass
    y = model(xs if len(xs) > 1 else xs[0], training=False)
    return [np.asarray(one) for one in (y if isinstance(y, (list, tuple)) else [y])]


def distance(these, those):
    if [y.shape for y in these] != [y.shape for y in those]:
        return float('inf')
    return max(float(np.abs(a - b).max(initial=0)) for a, b in zip(these, those))


def change(source, target, rng):
    """A copy of an archive with one field of one layer changed; what was changed, or None."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members['config.json'])
    places, todo = [], [(config, '')]
    while todo:
        at, name = todo.pop()
        if isinstance(at, dict):
            name = at.get('name') if isinstance(at.get('name'), str) else name
            if 'keepdims' not in at or 'data_format' in at:  # not the operations that Keras writes for masks
                places += [(at, key, name) for key in sorted(at) if key in CHANGES and CHANGES[key]]
            todo += [(at[key], name) for key in sorted(at) if key not in ('build_config', 'compile_config', 'dtype')]
        elif isinstance(at, list):
            todo += [(one, name) for one in at]
    rng.shuffle(places)
    for at, key, name in places:
        values = [value for value in CHANGES[key] if value != at[key] and type(value) in ((bool,) if isinstance(at[key], bool) else (float, int, str, list))]
        if values and not isinstance(at[key], dict):
            value = rng.choice(values)
            said = f'{name}.{key}: {at[key]} -> {value}'
            at[key] = value
            with zipfile.ZipFile(target, 'w') as archive:
                for member, data in members.items():
                    archive.writestr(member, json.dumps(config) if member == 'config.json' else data)
            return said
    return None


as_in_tensorflow()


def drawn(seed, tries=60):
    """The first model of a seed that Keras itself builds, runs and loads again."""
    import tempfile, os
    for k in range(tries):
        drawing = Drawing(f'{seed} {k}')
        try:
            return (*drawing.model(), drawing)
        except Exception as error:
            last = error
    raise last


def save(seed):
    """Saves the model of a seed into the working directory (model.keras, model.h5), with inputs and predictions (io.npz: x0 ..., y0 ...), and
    planted.keras, in which one field of the configuration has another value (planted.npz: how far the predictions are apart)."""
    model, xs, ys, drawing = drawn(seed)
    np.savez('io.npz', **{f'x{k}': x for k, x in enumerate(xs)}, **{f'y{k}': y for k, y in enumerate(ys)})
    model.save('model.keras')
    model.save('model.h5')
    apart = 0.0
    for _ in range(5):
        if change('model.keras', 'planted.keras', drawing.rng) is not None:
            try:
                apart = distance(predictions(K.models.load_model('planted.keras', compile=False), xs), ys)
                break
            except Exception:  # Keras says that the value does not fit
                pass
    np.savez('planted.npz', apart=np.float64(min(apart, 1e9)))
    return model


def predict(path):
    """Saves what the model of a file predicts from the inputs of io.npz: y.npz."""
    io, model = np.load('io.npz'), K.models.load_model(path, compile=False)
    ys = predictions(model, [io[f'x{k}'] for k in range(len(model.inputs))])
    np.savez('y.npz', **{f'y{k}': y for k, y in enumerate(ys)})
    return model
