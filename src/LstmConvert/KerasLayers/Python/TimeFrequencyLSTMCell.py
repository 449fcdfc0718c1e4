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
