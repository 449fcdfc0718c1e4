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
