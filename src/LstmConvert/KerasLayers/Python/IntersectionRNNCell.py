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
