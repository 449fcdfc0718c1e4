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


@keras.saving.register_keras_serializable(package="lstmconvert")
class AttentionLSTMCell(keras.layers.Layer):
    """One step of an LSTM that attends to its past outputs, for RNN.

    With p the past outputs, the oldest first (zeros at first):

        [i|j|f|o] = [[x, attention] @ input_kernel + input_bias, h] @ kernel
            + bias
        c' = sigmoid(f) * c + sigmoid(i) * tanh(j)
        h' = sigmoid(o) * tanh(c')
        y = [c', h'] @ query_kernel + query_bias
        w = softmax over p of sum(scores * tanh(p @ memory_kernel + y))
        attention' = sum(w * p)
        output = [h', attention'] @ output_kernel + output_bias

    The forget bias is in the bias.

    Arguments:
        units: the width u of c and h.
        input_size: the width i of what the LSTM reads beside h.
        attention_size: the width a of the output.
        score_size: the width v of what is scored.
        attention_length: how many past outputs there are.

    States: attention (batch, a), past outputs beside each other
    (batch, a * attention_length), c, h (batch, u). Weights in order:
    input_kernel (x + a, i), input_bias (i,), kernel (i + u, 4u), bias (4u,),
    memory_kernel
    (a, v), scores (v,), query_kernel (2u, v), query_bias (v,),
    output_kernel (u + a, a), output_bias (a,).
    """

    def __init__(
            self, units, input_size, attention_size, score_size,
            attention_length, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.input_size = input_size
        self.attention_size = attention_size
        self.score_size = score_size
        self.attention_length = attention_length
        self.output_size = attention_size
        self.state_size = [
            attention_size, attention_size * attention_length, units, units]

    def build(self, input_shape):
        u, i = self.units, self.input_size
        a, v = self.attention_size, self.score_size

        def weight(name, shape):
            return self.add_weight(
                name=name, shape=shape, initializer="glorot_uniform")

        self.input_kernel = weight("input_kernel", (input_shape[-1] + a, i))
        self.input_bias = weight("input_bias", (i,))
        self.kernel = weight("kernel", (i + u, 4 * u))
        self.bias = weight("bias", (4 * u,))
        self.memory_kernel = weight("memory_kernel", (a, v))
        self.scores = weight("scores", (v,))
        self.query_kernel = weight("query_kernel", (2 * u, v))
        self.query_bias = weight("query_bias", (v,))
        self.output_kernel = weight("output_kernel", (u + a, a))
        self.output_bias = weight("output_bias", (a,))
        self.built = True

    def call(self, inputs, states, training=None):
        sigmoid, tanh = keras.activations.sigmoid, keras.activations.tanh
        attention, past, c, h = states
        a = self.attention_size
        x = concatenate([inputs, attention], axis=-1)
        x = ops.matmul(x, self.input_kernel) + self.input_bias
        z = concatenate([x, h], axis=-1)
        z = ops.matmul(z, self.kernel) + self.bias
        i, j, f, o = ops.split(z, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(j)
        h = sigmoid(o) * tanh(c)
        y = concatenate([c, h], axis=-1)
        y = ops.matmul(y, self.query_kernel) + self.query_bias
        each = [
            past[:, k * a:(k + 1) * a] for k in range(self.attention_length)]
        scored = [
            reduce_sum(
                tanh(ops.matmul(p, self.memory_kernel) + y) * self.scores,
                axis=-1, keepdims=True)
            for p in each]
        w = keras.activations.softmax(concatenate(scored, axis=-1))
        attention = ops.zeros_like(attention)
        for k, p in enumerate(each):
            attention = attention + p * w[:, k:k + 1]
        output = concatenate([h, attention], axis=-1)
        output = ops.matmul(output, self.output_kernel) + self.output_bias
        past = concatenate(each[1:] + [output], axis=-1)
        return output, [attention, past, c, h]

    def get_config(self):
        config = super().get_config()
        for name in (
                "units", "input_size", "attention_size", "score_size",
                "attention_length"):
            config[name] = getattr(self, name)
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class CFNCell(keras.layers.Layer):
    """One step of a chaos-free network, for keras.layers.RNN.

    Laurent and von Brecht 2016:

        [t|e] = sigmoid((inputs @ kernel)[t, e] + h @ recurrent_kernel + bias)
        h' = t * act(h) + (1 - e) * act((inputs @ kernel)[c])

    Arguments:
        units: the width u of the state h.
        activation: act.

    State: h (batch, u). Weights in order: kernel (x, 3u), columns t e c,
    recurrent_kernel (u, 2u), bias (2u,).
    """

    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.output_size = units
        self.state_size = [units]

    def build(self, input_shape):
        u = self.units
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], 3 * u),
            initializer="glorot_uniform")
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(u, 2 * u),
            initializer="orthogonal")
        self.bias = self.add_weight(
            name="bias", shape=(2 * u,), initializer="ones")
        self.built = True

    def call(self, inputs, states, training=None):
        h = states[0]
        sigmoid, act = keras.activations.sigmoid, self.activation
        x_t, x_e, x_c = ops.split(ops.matmul(inputs, self.kernel), 3, axis=-1)
        from_state = ops.matmul(h, self.recurrent_kernel) + self.bias
        h_t, h_e = ops.split(from_state, 2, axis=-1)
        h = sigmoid(x_t + h_t) * act(h) + (1 - sigmoid(x_e + h_e)) * act(x_c)
        return h, [h]

    def get_config(self):
        config = super().get_config()
        config.update({
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
        })
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class DepthLSTMCell(keras.layers.Layer):
    """One step of an LSTM over depth, and over time, for keras.layers.RNN.

    Grid LSTM (Kalchbrenner et al. 2016) of one dimension or of two. Depth
    starts anew from the input at every step, the other dimension is time:

        [m|c] = inputs @ input_kernel
        c1', h1' = lstm([m, h1] @ time_kernel + time_bias, c1)
        c0', h0' = lstm([m, h1'] @ depth_kernel + depth_bias, c)

    or without time c0', h0' = lstm(m @ depth_kernel + depth_bias, c), where
    lstm([i|j|f|o], c) is c' = sigmoid(f) * c + sigmoid(i) * tanh(j) and
    sigmoid(o) * tanh(c'). The output is h0'. The forget bias is in the biases.

    Arguments:
        units: the width u of the states and of the output.
        walks_time: whether there is a dimension of time.

    States: c0, h0, and with time c1, h1, (batch, u) each. Weights in order:
    input_kernel (x, 2u), depth_kernel (2u, 4u), without time (u, 4u),
    depth_bias (4u,), and with time time_kernel (2u, 4u), time_bias (4u,).
    """

    def __init__(self, units, walks_time=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.walks_time = walks_time
        self.output_size = units
        self.state_size = [units] * (4 if walks_time else 2)

    def build(self, input_shape):
        u = self.units
        self.input_kernel = self.add_weight(
            name="input_kernel", shape=(input_shape[-1], 2 * u),
            initializer="glorot_uniform")
        self.depth_kernel = self.add_weight(
            name="depth_kernel", shape=((1 + self.walks_time) * u, 4 * u),
            initializer="glorot_uniform")
        self.depth_bias = self.add_weight(
            name="depth_bias", shape=(4 * u,), initializer="zeros")
        if self.walks_time:
            self.time_kernel = self.add_weight(
                name="time_kernel", shape=(2 * u, 4 * u),
                initializer="glorot_uniform")
            self.time_bias = self.add_weight(
                name="time_bias", shape=(4 * u,), initializer="zeros")
        self.built = True

    def _lstm(self, z, c):
        sigmoid, tanh = keras.activations.sigmoid, keras.activations.tanh
        i, j, f, o = ops.split(z, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(j)
        return [c, sigmoid(o) * tanh(c)]

    def call(self, inputs, states, training=None):
        m, c = ops.split(
            ops.matmul(inputs, self.input_kernel), 2, axis=-1)
        walked = []
        if self.walks_time:
            z = concatenate([m, states[3]], axis=-1)
            z = ops.matmul(z, self.time_kernel) + self.time_bias
            walked = self._lstm(z, states[2])
            m = concatenate([m, walked[1]], axis=-1)
        z = ops.matmul(m, self.depth_kernel) + self.depth_bias
        deep = self._lstm(z, c)
        return deep[1], deep + walked

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units, "walks_time": self.walks_time})
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class ExtendedLSTMCell(keras.layers.Layer):
    """One step of an LSTM with what LSTMCell lacks, for keras.layers.RNN.

    Peepholes, clips, a projection and layer normalisation:

        [i|f|g|o] = inputs @ kernel + h @ recurrent_kernel + bias
        c' = gate(f + w_f*c) * c + gate(i + w_i*c) * act(g)
        h' = (gate(o + w_o*c') * act(c')) @ projection_kernel

    c' is clipped to -cell_clip..cell_clip, h' to -proj_clip..proj_clip. Layer
    normalisation is gamma * (v - mean) / sqrt(variance + epsilon) + beta:

        normalize_gates="each": i, f, g and o, each by itself, with the bias
        normalize_gates="sum": all four together, before the bias is added
        normalize_gates="products": inputs @ kernel and h @ recurrent_kernel,
            each by itself, before they are added
        normalize_state="carried": the new c, which is kept normalised
        normalize_state="output": the new c where h is computed from it; c
            itself is kept as it is

    clip_incoming=True clips the c and h that a step starts from, in place of
    those that it gives. output_peephole="state" puts the third peephole beside
    the state: h' = gate(o) * act(c' + w_o*c'). gate_clip limits what the
    activations of i, f, g and o see, the peepholes included.
    full_peepholes=True has matrices for peepholes, c @ w_i in place of w_i*c:
    each gate sees the state of every unit.

    Arguments:
        units: the width u of the cell state c.
        num_proj: the width p of the output and state h; None for u, without a
            projection.
        activation, recurrent_activation: act, and gate.
        output_activation: act of c' in h', where it is another one than that
            of g.
        use_bias, use_peepholes, cell_clip, proj_clip, normalize_gates,
        normalize_state, epsilon, clip_incoming, output_peephole, gate_clip,
        full_peepholes: as above.

    States: h (batch, p), c (batch, u). Weights in order: kernel (x, 4u),
    recurrent_kernel (p, 4u), then where they are used bias (4u,); w_i, w_f,
    w_o (u,), or (u, u) with full_peepholes; projection_kernel (u, p);
    gate_gamma, gate_beta (4u,), or kernel_gamma, kernel_beta,
    recurrent_gamma, recurrent_beta (4u,); state_gamma, state_beta (u,).
    """

    def __init__(
            self, units, num_proj=None, activation="tanh",
            recurrent_activation="sigmoid", use_bias=True, use_peepholes=False,
            cell_clip=None, proj_clip=None, normalize_gates=None,
            normalize_state=None, epsilon=1e-12, clip_incoming=False,
            output_peephole="gate", gate_clip=None, output_activation=None,
            full_peepholes=False, **kwargs):
        super().__init__(**kwargs)
        if normalize_gates not in (None, "each", "sum", "products"):
            raise ValueError(
                "normalize_gates is None, 'each', 'sum' or 'products', "
                f"not {normalize_gates!r}.")
        if normalize_state not in (None, "carried", "output"):
            raise ValueError(
                "normalize_state is None, 'carried' or 'output', "
                f"not {normalize_state!r}.")
        if output_peephole not in ("gate", "state"):
            raise ValueError(
                "output_peephole is 'gate' or 'state', "
                f"not {output_peephole!r}.")
        self.units = units
        self.num_proj = num_proj
        self.activation = keras.activations.get(activation)
        self.recurrent_activation = keras.activations.get(recurrent_activation)
        self.use_bias = use_bias
        self.use_peepholes = use_peepholes
        self.cell_clip = cell_clip
        self.proj_clip = proj_clip
        self.normalize_gates = normalize_gates
        self.normalize_state = normalize_state
        self.epsilon = epsilon
        self.clip_incoming = clip_incoming
        self.output_peephole = output_peephole
        self.gate_clip = gate_clip
        self.full_peepholes = full_peepholes
        self.output_activation = (
            None if output_activation is None
            else keras.activations.get(output_activation))
        self.output_size = units if num_proj is None else num_proj
        self.state_size = [self.output_size, units]

    def build(self, input_shape):
        u, p = self.units, self.output_size
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], 4 * u),
            initializer="glorot_uniform")
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(p, 4 * u),
            initializer="orthogonal")
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(4 * u,), initializer="zeros")
        if self.use_peepholes:
            peephole = (u, u) if self.full_peepholes else (u,)
            self.w_i = self.add_weight(
                name="w_i", shape=peephole, initializer="zeros")
            self.w_f = self.add_weight(
                name="w_f", shape=peephole, initializer="zeros")
            self.w_o = self.add_weight(
                name="w_o", shape=peephole, initializer="zeros")
        if self.num_proj is not None:
            self.projection_kernel = self.add_weight(
                name="projection_kernel", shape=(u, p),
                initializer="glorot_uniform")
        if self.normalize_gates in ("each", "sum"):
            self.gate_gamma = self.add_weight(
                name="gate_gamma", shape=(4 * u,), initializer="ones")
            self.gate_beta = self.add_weight(
                name="gate_beta", shape=(4 * u,), initializer="zeros")
        elif self.normalize_gates == "products":
            self.kernel_gamma = self.add_weight(
                name="kernel_gamma", shape=(4 * u,), initializer="ones")
            self.kernel_beta = self.add_weight(
                name="kernel_beta", shape=(4 * u,), initializer="zeros")
            self.recurrent_gamma = self.add_weight(
                name="recurrent_gamma", shape=(4 * u,), initializer="ones")
            self.recurrent_beta = self.add_weight(
                name="recurrent_beta", shape=(4 * u,), initializer="zeros")
        if self.normalize_state is not None:
            self.state_gamma = self.add_weight(
                name="state_gamma", shape=(u,), initializer="ones")
            self.state_beta = self.add_weight(
                name="state_beta", shape=(u,), initializer="zeros")
        self.built = True

    def call(self, inputs, states, training=None):
        h, c = states[0], states[1]
        act, gate = self.activation, self.recurrent_activation
        if self.clip_incoming:
            h, c = self._limited(h, self.proj_clip), self._limited(
                c, self.cell_clip)
        from_inputs = ops.matmul(inputs, self.kernel)
        from_state = ops.matmul(h, self.recurrent_kernel)
        if self.normalize_gates == "products":
            from_inputs = self._normalized(
                from_inputs, self.kernel_gamma, self.kernel_beta)
            from_state = self._normalized(
                from_state, self.recurrent_gamma, self.recurrent_beta)
        z = from_inputs + from_state
        if self.normalize_gates == "sum":
            z = self._normalized(z, self.gate_gamma, self.gate_beta)
        if self.use_bias:
            z = z + self.bias
        if self.normalize_gates == "each":
            z = self._normalized(z, self.gate_gamma, self.gate_beta, parts=4)
        i, f, g, o = ops.split(z, 4, axis=-1)
        if self.use_peepholes:
            i, f = i + self._peep(self.w_i, c), f + self._peep(self.w_f, c)
        i, f, g = [self._limited(v, self.gate_clip) for v in (i, f, g)]
        c = gate(f) * c + gate(i) * act(g)
        if self.normalize_state == "carried":
            c = self._normalized(c, self.state_gamma, self.state_beta)
        if not self.clip_incoming:
            c = self._limited(c, self.cell_clip)
        seen = c
        if self.use_peepholes and self.output_peephole == "gate":
            o = o + self._peep(self.w_o, c)
        elif self.use_peepholes:
            seen = c + self._peep(self.w_o, c)
        if self.normalize_state == "output":
            seen = self._normalized(seen, self.state_gamma, self.state_beta)
        o = self._limited(o, self.gate_clip)
        h = gate(o) * (self.output_activation or act)(seen)
        if self.num_proj is not None:
            h = ops.matmul(h, self.projection_kernel)
        if not self.clip_incoming:
            h = self._limited(h, self.proj_clip)
        return h, [h, c]

    def _peep(self, w, c):
        return ops.matmul(c, w) if self.full_peepholes else w * c

    @staticmethod
    def _limited(v, bound):
        return v if bound is None else clip(v, -bound, bound)

    def _normalized(self, v, gamma, beta, parts=1):
        """Normalises rows, or as many equal parts of each by themselves."""
        width = v.shape[-1]
        v = ops.reshape(v, (-1, parts, width // parts))
        v = v - mean(v, axis=-1, keepdims=True)
        v = v / ops.sqrt(mean(v * v, axis=-1, keepdims=True) + self.epsilon)
        return ops.reshape(v, (-1, width)) * gamma + beta

    def get_config(self):
        config = super().get_config()
        config.update({
            "units": self.units, "num_proj": self.num_proj,
            "activation": keras.activations.serialize(self.activation),
            "recurrent_activation":
                keras.activations.serialize(self.recurrent_activation),
            "use_bias": self.use_bias, "use_peepholes": self.use_peepholes,
            "cell_clip": self.cell_clip, "proj_clip": self.proj_clip,
            "normalize_gates": self.normalize_gates,
            "normalize_state": self.normalize_state, "epsilon": self.epsilon,
            "clip_incoming": self.clip_incoming,
            "output_peephole": self.output_peephole,
            "gate_clip": self.gate_clip,
            "full_peepholes": self.full_peepholes,
            "output_activation": (
                None if self.output_activation is None
                else keras.activations.serialize(self.output_activation)),
        })
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class ExtendedSimpleRNNCell(keras.layers.Layer):
    """One step of a plain RNN with what SimpleRNNCell lacks.

    For keras.layers.RNN; a leak and layer normalisation:

        z = inputs @ kernel + h @ recurrent_kernel + bias
        h' = (1 - leaky) * h + leaky * act(z)

    With normalize=True the sum of both products is normalised before the bias
    is added: gamma * (v - mean) / sqrt(variance + epsilon).

    Arguments:
        units: the width u of the state h and of the output.
        activation: act.
        use_bias, leaky, normalize, epsilon: as above.

    State: h (batch, u). Weights in order: kernel (x, u), recurrent_kernel
    (u, u), then where they are used bias (u,), gamma (u,).
    """

    def __init__(
            self, units, activation="tanh", use_bias=True, leaky=1.0,
            normalize=False, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.leaky = leaky
        self.normalize = normalize
        self.epsilon = epsilon
        self.output_size = units
        self.state_size = [units]

    def build(self, input_shape):
        u = self.units
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], u),
            initializer="glorot_uniform")
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(u, u), initializer="orthogonal")
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(u,), initializer="zeros")
        if self.normalize:
            self.gamma = self.add_weight(
                name="gamma", shape=(u,), initializer="ones")
        self.built = True

    def call(self, inputs, states, training=None):
        h = states[0]
        z = ops.matmul(inputs, self.kernel)
        z = z + ops.matmul(h, self.recurrent_kernel)
        if self.normalize:
            z = z - mean(z, axis=-1, keepdims=True)
            variance = mean(z * z, axis=-1, keepdims=True)
            z = self.gamma * z / ops.sqrt(variance + self.epsilon)
        if self.use_bias:
            z = z + self.bias
        z = self.activation(z)
        if self.leaky != 1:
            z = (1 - self.leaky) * h + self.leaky * z
        return z, [z]

    def get_config(self):
        config = super().get_config()
        config.update({
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias, "leaky": self.leaky,
            "normalize": self.normalize, "epsilon": self.epsilon,
        })
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class GridLSTMCell(keras.layers.Layer):
    """One step of an LSTM over time and frequency, for keras.layers.RNN.

    Grid LSTM (Li et al. 2016) over windows of the features. Window k has
    feature_size features from first_feature + k * frequency_skip on; with
    reverse_windows the last one comes first. For each window w, with c and m
    of the window before (zeros at first) and ct, mt of the step before:

        z = [w, mt, m] @ frequency_kernel + frequency_bias
        y = [w, mt, m] @ time_kernel + time_bias, or z
        c' = f * c + i * tanh(j)         gates of z, peepholes on c and ct
        ct' = f * ct + i * tanh(j)       gates of y, peepholes on c and ct
        m' = sigmoid(o) * tanh(c')       o of z, peepholes on c' and ct'
        mt' = sigmoid(o) * tanh(ct')     o of y, peepholes on c' and ct'

    with f = 1 - i where gates are coupled. Both c are clipped where cell_clip
    is given. The output is mt', m' of every window. The forget bias is in the
    biases.

    Arguments:
        units: the width u of the states.
        feature_size, frequency_skip, num_windows, first_feature,
        reverse_windows: the windows, as above.
        use_peepholes, share_weights, couple_gates, cell_clip: as above.

    States: ct, mt (batch, u) of every window. Weights in order, with g = 4
    gates i j f o, or 3 gates i j o: frequency_kernel (feature_size + 2u, gu),
    frequency_bias (gu,), frequency_peepholes (2g - 2, u): for each gate but j
    a row on c and one on ct; and where weights are not shared time_kernel,
    time_bias, time_peepholes of the same shapes.
    """

    def __init__(
            self, units, feature_size, frequency_skip, num_windows,
            first_feature=0, reverse_windows=False, use_peepholes=False,
            share_weights=False, couple_gates=False, cell_clip=None,
            **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.feature_size = feature_size
        self.frequency_skip = frequency_skip
        self.num_windows = num_windows
        self.first_feature = first_feature
        self.reverse_windows = reverse_windows
        self.use_peepholes = use_peepholes
        self.share_weights = share_weights
        self.couple_gates = couple_gates
        self.cell_clip = cell_clip
        self.output_size = 2 * units * num_windows
        self.state_size = [units] * (2 * num_windows)

    def build(self, input_shape):
        u, gates = self.units, 3 if self.couple_gates else 4
        self.halves = []
        for name in ["frequency"] + ["time"] * (not self.share_weights):
            half = [
                self.add_weight(
                    name=name + "_kernel",
                    shape=(self.feature_size + 2 * u, gates * u),
                    initializer="glorot_uniform"),
                self.add_weight(
                    name=name + "_bias", shape=(gates * u,),
                    initializer="zeros"),
                None]
            if self.use_peepholes:
                half[2] = self.add_weight(
                    name=name + "_peepholes", shape=(2 * gates - 2, u),
                    initializer="glorot_uniform")
            self.halves.append(half)
        self.built = True

    def _gate(self, z, peepholes, gate, c, ct):
        z = z[:, gate * self.units:(gate + 1) * self.units]
        if peepholes is None:
            return keras.activations.sigmoid(z)
        row = 2 * max(gate - 1, 0)
        return keras.activations.sigmoid(
            z + peepholes[row] * c + peepholes[row + 1] * ct)

    def _carried(self, z, peepholes, own, c, ct):
        i = self._gate(z, peepholes, 0, c, ct)
        if self.couple_gates:
            f = 1 - i
        else:
            f = self._gate(z, peepholes, 2, c, ct)
        j = z[:, self.units:2 * self.units]
        own = f * own + i * keras.activations.tanh(j)
        if self.cell_clip is not None:
            own = ops.clip(own, -self.cell_clip, self.cell_clip)
        return own

    def call(self, inputs, states, training=None):
        tanh, last = keras.activations.tanh, 2 if self.couple_gates else 3
        order = list(range(self.num_windows))
        if self.reverse_windows:
            order = order[::-1]
        c = m = ops.zeros_like(states[0])
        outputs, after = [], []
        for k, window in enumerate(order):
            ct, mt = states[2 * k], states[2 * k + 1]
            at = self.first_feature + window * self.frequency_skip
            read = concatenate(
                [inputs[:, at:at + self.feature_size], mt, m], axis=-1)
            z = [
                ops.matmul(read, kernel) + bias
                for kernel, bias, _ in self.halves]
            peepholes = [half[2] for half in self.halves]
            c, ct = (
                self._carried(z[0], peepholes[0], c, c, ct),
                self._carried(z[-1], peepholes[-1], ct, c, ct))
            m = self._gate(z[0], peepholes[0], last, c, ct) * tanh(c)
            mt = self._gate(z[-1], peepholes[-1], last, c, ct) * tanh(ct)
            outputs += [mt, m]
            after += [ct, mt]
        return concatenate(outputs, axis=-1), after

    def get_config(self):
        config = super().get_config()
        for name in (
                "units", "feature_size", "frequency_skip", "num_windows",
                "first_feature", "reverse_windows", "use_peepholes",
                "share_weights", "couple_gates", "cell_clip"):
            config[name] = getattr(self, name)
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class HyperLSTMCell(keras.layers.Layer):
    """One step of an LSTM that a smaller LSTM scales, for keras.layers.RNN.

    Ha et al. 2016, as sketch-rnn has it. With lstm([i|f|g|o], c) as
    c' = sigmoid(f) * c + sigmoid(i) * tanh(g),
    h' = sigmoid(o) * tanh(norm(c')),
    and all gates of the small LSTM normalised one by one:

        n', d' = lstm(norm([inputs, h] @ hyper_kernel
                           + n @ hyper_recurrent_kernel), d)
        z = input_scale * (inputs @ kernel)
            + state_scale * (h @ recurrent_kernel) + shift + bias
        h', c' = lstm(z, c)

    where of each gate input_scale = (n' @ input_embedding
    + input_embedding_bias) @ input_scale_kernel, state_scale likewise, and
    shift = n' @ shift_embedding @ shift_kernel. The forget biases are in bias,
    hyper_gate_beta and, where the gates of z are normalised, gate_beta.

    Arguments:
        units: the width u of h and c, and of the output h.
        hyper_units: the width k of n and d.
        embedding_size: the width e of what scales one gate.
        normalize_gates: whether each gate of z is normalised.
        epsilon: added to the variances.

    States: h (batch, u), n (batch, k), c (batch, u), d (batch, k). Weights in
    order, columns i f g o: kernel (x, 4u), recurrent_kernel (u, 4u),
    bias (4u,), hyper_kernel (x+u, 4k), hyper_recurrent_kernel (k, 4k),
    hyper_gate_gamma, hyper_gate_beta (4k,), hyper_state_gamma,
    hyper_state_beta (k,), input_embedding (k, 4e), input_embedding_bias (4e,),
    input_scale_kernel (e, 4u), the same of state, shift_embedding (k, 4e),
    shift_kernel (e, 4u), state_gamma, state_beta (u,), and with
    normalize_gates gate_gamma, gate_beta (4u,).
    """

    def __init__(self, units, hyper_units, embedding_size,
                 normalize_gates=True, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.hyper_units = hyper_units
        self.embedding_size = embedding_size
        self.normalize_gates = normalize_gates
        self.epsilon = epsilon
        self.output_size = units
        self.state_size = [units, hyper_units, units, hyper_units]

    def build(self, input_shape):
        x, u = input_shape[-1], self.units
        k, e = self.hyper_units, self.embedding_size

        def add(name, *shape):
            last = name.split("_")[-1]
            setattr(self, name, self.add_weight(
                name=name, shape=shape,
                initializer="ones" if last == "gamma" else
                "zeros" if last in ("beta", "bias") else "glorot_uniform"))

        add("kernel", x, 4 * u)
        add("recurrent_kernel", u, 4 * u)
        add("bias", 4 * u)
        add("hyper_kernel", x + u, 4 * k)
        add("hyper_recurrent_kernel", k, 4 * k)
        add("hyper_gate_gamma", 4 * k)
        add("hyper_gate_beta", 4 * k)
        add("hyper_state_gamma", k)
        add("hyper_state_beta", k)
        for part in ("input", "state"):
            add(f"{part}_embedding", k, 4 * e)
            add(f"{part}_embedding_bias", 4 * e)
            add(f"{part}_scale_kernel", e, 4 * u)
        add("shift_embedding", k, 4 * e)
        add("shift_kernel", e, 4 * u)
        add("state_gamma", u)
        add("state_beta", u)
        if self.normalize_gates:
            add("gate_gamma", 4 * u)
            add("gate_beta", 4 * u)
        self.built = True

    def call(self, inputs, states, training=None):
        h, n, c, d = states
        z = ops.matmul(concatenate([inputs, h], axis=-1),
                       self.hyper_kernel)
        z = z + ops.matmul(n, self.hyper_recurrent_kernel)
        z = self._normalized(
            z, self.hyper_gate_gamma, self.hyper_gate_beta, parts=4)
        n, d = self._lstm(
            z, d, self.hyper_state_gamma, self.hyper_state_beta)
        z = self._each_gate(
            ops.matmul(n, self.input_embedding) + self.input_embedding_bias,
            self.input_scale_kernel) * ops.matmul(inputs, self.kernel)
        z = z + self._each_gate(
            ops.matmul(n, self.state_embedding) + self.state_embedding_bias,
            self.state_scale_kernel) * ops.matmul(h, self.recurrent_kernel)
        z = z + self._each_gate(
            ops.matmul(n, self.shift_embedding), self.shift_kernel)
        z = z + self.bias
        if self.normalize_gates:
            z = self._normalized(z, self.gate_gamma, self.gate_beta, parts=4)
        h, c = self._lstm(z, c, self.state_gamma, self.state_beta)
        return h, [h, n, c, d]

    def _lstm(self, z, c, gamma, beta):
        sigmoid, tanh = keras.activations.sigmoid, keras.activations.tanh
        i, f, g, o = ops.split(z, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(self._normalized(c, gamma, beta)), c

    @staticmethod
    def _each_gate(z, kernel):
        """Multiplies the part of each gate with the columns of that gate."""
        gates = zip(ops.split(z, 4, axis=-1), ops.split(kernel, 4, axis=-1))
        return concatenate(
            [ops.matmul(part, columns) for part, columns in gates], axis=-1)

    def _normalized(self, v, gamma, beta, parts=1):
        """Normalises rows, or as many equal parts of each by themselves."""
        width = v.shape[-1]
        v = ops.reshape(v, (-1, parts, width // parts))
        v = v - mean(v, axis=-1, keepdims=True)
        v = v / ops.sqrt(mean(v * v, axis=-1, keepdims=True) + self.epsilon)
        return ops.reshape(v, (-1, width)) * gamma + beta

    def get_config(self):
        config = super().get_config()
        config.update({
            "units": self.units, "hyper_units": self.hyper_units,
            "embedding_size": self.embedding_size,
            "normalize_gates": self.normalize_gates,
            "epsilon": self.epsilon,
        })
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class IntersectionRNNCell(keras.layers.Layer):
    """One step of an intersection RNN, for keras.layers.RNN.

    Gated over time and depth (Collins et al. 2016):

        x = inputs @ projection_kernel + projection_bias, or inputs
        [g|s|q|y] = x @ kernel + h @ recurrent_kernel + bias
        h' = sigmoid(g) * h + (1 - sigmoid(g)) * tanh(s)
        output = sigmoid(q) * x + (1 - sigmoid(q)) * act(y)

    Arguments:
        units: the width u of the state h and of the output.
        activation: act.
        project_inputs: whether inputs are projected; without, they have the
            width u.

    State: h (batch, u), which is not the output. Weights in order:
    projection_kernel (x, u) and projection_bias (u,) where they are used,
    kernel (u, 4u), recurrent_kernel (u, 4u), bias (4u,).
    """

    def __init__(
            self, units, activation="relu", project_inputs=False, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.project_inputs = project_inputs
        self.output_size = units
        self.state_size = [units]

    def build(self, input_shape):
        u = self.units
        if self.project_inputs:
            self.projection_kernel = self.add_weight(
                name="projection_kernel", shape=(input_shape[-1], u),
                initializer="glorot_uniform")
            self.projection_bias = self.add_weight(
                name="projection_bias", shape=(u,), initializer="zeros")
        self.kernel = self.add_weight(
            name="kernel", shape=(u, 4 * u), initializer="glorot_uniform")
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(u, 4 * u),
            initializer="orthogonal")
        self.bias = self.add_weight(
            name="bias", shape=(4 * u,), initializer="zeros")
        self.built = True

    def call(self, inputs, states, training=None):
        h, x = states[0], inputs
        sigmoid = keras.activations.sigmoid
        if self.project_inputs:
            x = ops.matmul(x, self.projection_kernel) + self.projection_bias
        z = ops.matmul(x, self.kernel) + ops.matmul(h, self.recurrent_kernel)
        z = z + self.bias
        g, s, q, y = ops.split(z, 4, axis=-1)
        g, q = sigmoid(g), sigmoid(q)
        h = g * h + (1 - g) * keras.activations.tanh(s)
        return q * x + (1 - q) * self.activation(y), [h]

    def get_config(self):
        config = super().get_config()
        config.update({
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "project_inputs": self.project_inputs,
        })
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class NASCell(keras.layers.Layer):
    """One step of the cell that a search found, for keras.layers.RNN.

    Neural architecture search (Zoph and Le 2017):

        x0..x7 = inputs @ kernel      h0..h7 = h @ recurrent_kernel + bias
        a = tanh(sigmoid(x0+h0) * relu(x1+h1))
        b = tanh(sigmoid(x2+h2) + relu(x3*h3))
        d = tanh(tanh(x4+h4) * sigmoid(x5+h5))
        e = sigmoid(tanh(x6+h6) + sigmoid(x7+h7))
        c' = tanh(a + c) * b
        h' = tanh(c' * tanh(d + e)) @ projection_kernel

    Arguments:
        units: the width u of the cell state c.
        num_proj: the width p of the output and state h; None for u, without a
            projection.
        use_bias: whether there is a bias.

    States: h (batch, p), c (batch, u). Weights in order: kernel (x, 8u),
    recurrent_kernel (p, 8u), bias (8u,), projection_kernel (u, p), the last
    two where they are used.
    """

    def __init__(self, units, num_proj=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.num_proj = num_proj
        self.use_bias = use_bias
        self.output_size = units if num_proj is None else num_proj
        self.state_size = [self.output_size, units]

    def build(self, input_shape):
        u, p = self.units, self.output_size
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], 8 * u),
            initializer="glorot_uniform")
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(p, 8 * u),
            initializer="glorot_uniform")
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(8 * u,), initializer="zeros")
        if self.num_proj is not None:
            self.projection_kernel = self.add_weight(
                name="projection_kernel", shape=(u, p),
                initializer="glorot_uniform")
        self.built = True

    def call(self, inputs, states, training=None):
        h, c = states[0], states[1]
        sigmoid, tanh = keras.activations.sigmoid, keras.activations.tanh
        relu = keras.activations.relu
        from_state = ops.matmul(h, self.recurrent_kernel)
        if self.use_bias:
            from_state = from_state + self.bias
        x = ops.split(ops.matmul(inputs, self.kernel), 8, axis=-1)
        m = ops.split(from_state, 8, axis=-1)
        a = tanh(sigmoid(x[0] + m[0]) * relu(x[1] + m[1]))
        b = tanh(sigmoid(x[2] + m[2]) + relu(x[3] * m[3]))
        d = tanh(tanh(x[4] + m[4]) * sigmoid(x[5] + m[5]))
        e = sigmoid(tanh(x[6] + m[6]) + sigmoid(x[7] + m[7]))
        c = tanh(a + c) * b
        h = tanh(c * tanh(d + e))
        if self.num_proj is not None:
            h = ops.matmul(h, self.projection_kernel)
        return h, [h, c]

    def get_config(self):
        config = super().get_config()
        config.update({
            "units": self.units, "num_proj": self.num_proj,
            "use_bias": self.use_bias,
        })
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class PhasedLSTMCell(keras.layers.Layer):
    """One step of an LSTM that opens in phases, for keras.layers.RNN.

    Phased LSTM (Neil et al. 2016). The first feature of the inputs is the time
    of the step, the others are its x:

        [i|f|g|o] = x @ kernel + h @ recurrent_kernel + bias
        i, f, g = sigmoid(i + c @ p_i), sigmoid(f + c @ p_f), tanh(g)
        s = f * c + i * g
        m = sigmoid(o + s @ p_o) * tanh(s)
        r = ((time - phase) mod period) / period
        k = 2*r / ratio_on      where r < ratio_on / 2
            2 - 2*r / ratio_on  where r < ratio_on
            leak * r            elsewhere
        c' = k * s + (1 - k) * c
        h' = k * m + (1 - k) * h

    Arguments:
        units: the width u of the states and of the output.
        use_peepholes: whether there is peephole_kernel = [p_i|p_f|p_o].
        leak: as above.

    States: h (batch, u), c (batch, u). Weights in order: kernel (x - 1, 4u),
    recurrent_kernel (u, 4u), bias (4u,), peephole_kernel (u, 3u) where it is
    used, period (u,), phase (u,), ratio_on (u,).
    """

    def __init__(self, units, use_peepholes=False, leak=0.001, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.use_peepholes = use_peepholes
        self.leak = leak
        self.output_size = units
        self.state_size = [units, units]

    def build(self, input_shape):
        u = self.units
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1] - 1, 4 * u),
            initializer="glorot_uniform")
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(u, 4 * u),
            initializer="orthogonal")
        self.bias = self.add_weight(
            name="bias", shape=(4 * u,), initializer="zeros")
        if self.use_peepholes:
            self.peephole_kernel = self.add_weight(
                name="peephole_kernel", shape=(u, 3 * u),
                initializer="glorot_uniform")
        self.period = self.add_weight(
            name="period", shape=(u,), initializer="ones")
        self.phase = self.add_weight(
            name="phase", shape=(u,), initializer="zeros")
        self.ratio_on = self.add_weight(
            name="ratio_on", shape=(u,),
            initializer=keras.initializers.Constant(0.05))
        self.built = True

    def call(self, inputs, states, training=None):
        h, c, u = states[0], states[1], self.units
        sigmoid, tanh = keras.activations.sigmoid, keras.activations.tanh
        time, x = inputs[:, :1], inputs[:, 1:]
        z = ops.matmul(x, self.kernel) + ops.matmul(h, self.recurrent_kernel)
        i, f, g, o = ops.split(z + self.bias, 4, axis=-1)
        if self.use_peepholes:
            p_gates = self.peephole_kernel[:, :2 * u]
            p_i, p_f = ops.split(ops.matmul(c, p_gates), 2, axis=-1)
            i, f = i + p_i, f + p_f
        s = sigmoid(f) * c + sigmoid(i) * tanh(g)
        if self.use_peepholes:
            o = o + ops.matmul(s, self.peephole_kernel[:, 2 * u:])
        m = sigmoid(o) * tanh(s)
        shifted = time - self.phase
        shifted = shifted - self.period * ops.floor(shifted / self.period)
        r = shifted / self.period
        rising = 2 * r / self.ratio_on
        k = ops.where(r < self.ratio_on, 2 - rising, self.leak * r)
        k = ops.where(r < 0.5 * self.ratio_on, rising, k)
        h, c = k * m + (1 - k) * h, k * s + (1 - k) * c
        return h, [h, c]

    def get_config(self):
        config = super().get_config()
        config.update({
            "units": self.units, "use_peepholes": self.use_peepholes,
            "leak": self.leak,
        })
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class RecurrentHighwayCell(keras.layers.Layer):
    """One step of a recurrent highway network, for keras.layers.RNN.

    Zilly et al. 2017: the state passes num_layers highway layers in every
    step, of which the first one reads the input. For k = 0, 1, ...:

        [c|t] = h @ recurrent_kernel_k + bias_k
                (k = 0: + inputs @ kernel)
        h := sigmoid(t) * tanh(c) + (1 - sigmoid(t)) * h

    The output is h after the last one.

    Arguments:
        units: the width u of the state h.
        num_layers: how many layers the state passes in a step.

    State: h (batch, u). Weights in order: kernel (x, 2u), columns c t, and
    for each layer recurrent_kernel_k (u, 2u), bias_k (2u,).
    """

    def __init__(self, units, num_layers=1, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.num_layers = num_layers
        self.output_size = units
        self.state_size = [units]

    def build(self, input_shape):
        u = self.units
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], 2 * u),
            initializer="glorot_uniform")
        for k in range(self.num_layers):
            setattr(self, f"recurrent_kernel_{k}", self.add_weight(
                name=f"recurrent_kernel_{k}", shape=(u, 2 * u),
                initializer="orthogonal"))
            setattr(self, f"bias_{k}", self.add_weight(
                name=f"bias_{k}", shape=(2 * u,), initializer="zeros"))
        self.built = True

    def call(self, inputs, states, training=None):
        h = states[0]
        sigmoid, tanh = keras.activations.sigmoid, keras.activations.tanh
        for k in range(self.num_layers):
            z = ops.matmul(h, getattr(self, f"recurrent_kernel_{k}"))
            z = z + getattr(self, f"bias_{k}")
            if k == 0:
                z = z + ops.matmul(inputs, self.kernel)
            c, t = ops.split(z, 2, axis=-1)
            t = sigmoid(t)
            h = t * tanh(c) + (1 - t) * h
        return h, [h]

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units, "num_layers": self.num_layers})
        return config


@keras.saving.register_keras_serializable(package="lstmconvert")
class ReverseTime(keras.layers.Layer):
    """Reverses the time axis of its input, (batch, steps, ...).

    It puts the outputs of a layer with go_backwards in the order of the
    layer's input. The mask passes as it is: such a layer gives the mask of
    its input, whose order its outputs have only behind this one.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_output_shape(self, input_shape):
        return input_shape

    def call(self, inputs):
        # PyTorch's tensors have no steps backwards, the others no flip.
        flip = getattr(inputs, "flip", None)
        return inputs[:, ::-1] if flip is None else flip(1)


@keras.saving.register_keras_serializable(package="lstmconvert")
class TimeFrequencyLSTMCell(keras.layers.Layer):
    """One step of an LSTM over time and windows of frequency, for RNN.

    Sainath and Li 2016. Window k has feature_size features from
    k * frequency_skip on. For each window w, with m of the window before
    (zeros at first) and ct, mt of the step before:

        [i|j|f|o] = [w, mt, m] @ kernel + bias
        ct' = sigmoid(f + p_f * ct) * ct + sigmoid(i + p_i * ct) * tanh(j)
        m = mt' = sigmoid(o + p_o * ct') * tanh(ct')

    ct' is clipped where cell_clip is given. The output is mt' of every
    window. The forget bias is in the bias.

    Arguments:
        units: the width u of the states of a window.
        feature_size, frequency_skip, num_windows: the windows, as above.
        use_peepholes, cell_clip: as above.

    State: ct, mt of every window beside each other, (batch, 2u * windows).
    Weights in order: kernel (feature_size + 2u, 4u), bias (4u,), peepholes
    (3, u) = [p_i, p_f, p_o] where they are used.
    """

    def __init__(
            self, units, feature_size, frequency_skip, num_windows,
            use_peepholes=False, cell_clip=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.feature_size = feature_size
        self.frequency_skip = frequency_skip
        self.num_windows = num_windows
        self.use_peepholes = use_peepholes
        self.cell_clip = cell_clip
        self.output_size = units * num_windows
        self.state_size = [2 * units * num_windows]

    def build(self, input_shape):
        u = self.units
        self.kernel = self.add_weight(
            name="kernel", shape=(self.feature_size + 2 * u, 4 * u),
            initializer="glorot_uniform")
        self.bias = self.add_weight(
            name="bias", shape=(4 * u,), initializer="zeros")
        if self.use_peepholes:
            self.peepholes = self.add_weight(
                name="peepholes", shape=(3, u), initializer="glorot_uniform")
        self.built = True

    def call(self, inputs, states, training=None):
        u, sigmoid = self.units, keras.activations.sigmoid
        tanh = keras.activations.tanh
        m = ops.zeros_like(states[0][:, :u])
        outputs, after = [], []
        for k in range(self.num_windows):
            ct = states[0][:, 2 * k * u:(2 * k + 1) * u]
            mt = states[0][:, (2 * k + 1) * u:(2 * k + 2) * u]
            at = k * self.frequency_skip
            z = concatenate(
                [inputs[:, at:at + self.feature_size], mt, m], axis=-1)
            z = ops.matmul(z, self.kernel) + self.bias
            i, j, f, o = ops.split(z, 4, axis=-1)
            if self.use_peepholes:
                i = i + self.peepholes[0] * ct
                f = f + self.peepholes[1] * ct
            ct = sigmoid(f) * ct + sigmoid(i) * tanh(j)
            if self.cell_clip is not None:
                ct = ops.clip(ct, -self.cell_clip, self.cell_clip)
            if self.use_peepholes:
                o = o + self.peepholes[2] * ct
            m = sigmoid(o) * tanh(ct)
            outputs.append(m)
            after += [ct, m]
        return concatenate(outputs, axis=-1), [
            concatenate(after, axis=-1)]

    def get_config(self):
        config = super().get_config()
        for name in (
                "units", "feature_size", "frequency_skip", "num_windows",
                "use_peepholes", "cell_clip"):
            config[name] = getattr(self, name)
        return config
