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
