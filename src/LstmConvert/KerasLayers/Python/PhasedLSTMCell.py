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
