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
