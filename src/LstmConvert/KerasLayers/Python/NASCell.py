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
