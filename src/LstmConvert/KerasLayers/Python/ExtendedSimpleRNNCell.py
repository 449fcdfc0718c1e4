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
