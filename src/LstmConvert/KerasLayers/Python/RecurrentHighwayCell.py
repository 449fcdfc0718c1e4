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
