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
