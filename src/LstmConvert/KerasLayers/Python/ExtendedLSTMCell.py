@keras.saving.register_keras_serializable(package="lstmconvert")
class ExtendedLSTMCell(keras.layers.Layer):
    """One step of an LSTM with what LSTMCell lacks, for keras.layers.RNN.

    Peepholes, clips, a projection and layer normalisation:

        [i|f|g|o] = inputs @ kernel + h @ recurrent_kernel + bias
        c' = gate(f + w_f*c) * c + gate(i + w_i*c) * act(g)
        h' = (gate(o + w_o*c') * act(c')) @ projection_kernel

    c' is clipped to -cell_clip..cell_clip, h' to -proj_clip..proj_clip. Layer
    normalisation is gamma * (v - mean) / sqrt(variance + epsilon) + beta:

        normalize_gates="each": i, f, g and o, each by itself, with the bias
        normalize_gates="sum": all four together, before the bias is added
        normalize_gates="products": inputs @ kernel and h @ recurrent_kernel,
            each by itself, before they are added
        normalize_state="carried": the new c, which is kept normalised
        normalize_state="output": the new c where h is computed from it; c
            itself is kept as it is

    clip_incoming=True clips the c and h that a step starts from, in place of
    those that it gives. output_peephole="state" puts the third peephole beside
    the state: h' = gate(o) * act(c' + w_o*c'). gate_clip limits what the
    activations of i, f, g and o see, the peepholes included.
    full_peepholes=True has matrices for peepholes, c @ w_i in place of w_i*c:
    each gate sees the state of every unit.

    Arguments:
        units: the width u of the cell state c.
        num_proj: the width p of the output and state h; None for u, without a
            projection.
        activation, recurrent_activation: act, and gate.
        output_activation: act of c' in h', where it is another one than that
            of g.
        use_bias, use_peepholes, cell_clip, proj_clip, normalize_gates,
        normalize_state, epsilon, clip_incoming, output_peephole, gate_clip,
        full_peepholes: as above.

    States: h (batch, p), c (batch, u). Weights in order: kernel (x, 4u),
    recurrent_kernel (p, 4u), then where they are used bias (4u,); w_i, w_f,
    w_o (u,), or (u, u) with full_peepholes; projection_kernel (u, p);
    gate_gamma, gate_beta (4u,), or kernel_gamma, kernel_beta,
    recurrent_gamma, recurrent_beta (4u,); state_gamma, state_beta (u,).
    """

    def __init__(
            self, units, num_proj=None, activation="tanh",
            recurrent_activation="sigmoid", use_bias=True, use_peepholes=False,
            cell_clip=None, proj_clip=None, normalize_gates=None,
            normalize_state=None, epsilon=1e-12, clip_incoming=False,
            output_peephole="gate", gate_clip=None, output_activation=None,
            full_peepholes=False, **kwargs):
        super().__init__(**kwargs)
        if normalize_gates not in (None, "each", "sum", "products"):
            raise ValueError(
                "normalize_gates is None, 'each', 'sum' or 'products', "
                f"not {normalize_gates!r}.")
        if normalize_state not in (None, "carried", "output"):
            raise ValueError(
                "normalize_state is None, 'carried' or 'output', "
                f"not {normalize_state!r}.")
        if output_peephole not in ("gate", "state"):
            raise ValueError(
                "output_peephole is 'gate' or 'state', "
                f"not {output_peephole!r}.")
        self.units = units
        self.num_proj = num_proj
        self.activation = keras.activations.get(activation)
        self.recurrent_activation = keras.activations.get(recurrent_activation)
        self.use_bias = use_bias
        self.use_peepholes = use_peepholes
        self.cell_clip = cell_clip
        self.proj_clip = proj_clip
        self.normalize_gates = normalize_gates
        self.normalize_state = normalize_state
        self.epsilon = epsilon
        self.clip_incoming = clip_incoming
        self.output_peephole = output_peephole
        self.gate_clip = gate_clip
        self.full_peepholes = full_peepholes
        self.output_activation = (
            None if output_activation is None
            else keras.activations.get(output_activation))
        self.output_size = units if num_proj is None else num_proj
        self.state_size = [self.output_size, units]

    def build(self, input_shape):
        u, p = self.units, self.output_size
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], 4 * u),
            initializer="glorot_uniform")
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(p, 4 * u),
            initializer="orthogonal")
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(4 * u,), initializer="zeros")
        if self.use_peepholes:
            peephole = (u, u) if self.full_peepholes else (u,)
            self.w_i = self.add_weight(
                name="w_i", shape=peephole, initializer="zeros")
            self.w_f = self.add_weight(
                name="w_f", shape=peephole, initializer="zeros")
            self.w_o = self.add_weight(
                name="w_o", shape=peephole, initializer="zeros")
        if self.num_proj is not None:
            self.projection_kernel = self.add_weight(
                name="projection_kernel", shape=(u, p),
                initializer="glorot_uniform")
        if self.normalize_gates in ("each", "sum"):
            self.gate_gamma = self.add_weight(
                name="gate_gamma", shape=(4 * u,), initializer="ones")
            self.gate_beta = self.add_weight(
                name="gate_beta", shape=(4 * u,), initializer="zeros")
        elif self.normalize_gates == "products":
            self.kernel_gamma = self.add_weight(
                name="kernel_gamma", shape=(4 * u,), initializer="ones")
            self.kernel_beta = self.add_weight(
                name="kernel_beta", shape=(4 * u,), initializer="zeros")
            self.recurrent_gamma = self.add_weight(
                name="recurrent_gamma", shape=(4 * u,), initializer="ones")
            self.recurrent_beta = self.add_weight(
                name="recurrent_beta", shape=(4 * u,), initializer="zeros")
        if self.normalize_state is not None:
            self.state_gamma = self.add_weight(
                name="state_gamma", shape=(u,), initializer="ones")
            self.state_beta = self.add_weight(
                name="state_beta", shape=(u,), initializer="zeros")
        self.built = True

    def call(self, inputs, states, training=None):
        h, c = states[0], states[1]
        act, gate = self.activation, self.recurrent_activation
        if self.clip_incoming:
            h, c = self._limited(h, self.proj_clip), self._limited(
                c, self.cell_clip)
        from_inputs = ops.matmul(inputs, self.kernel)
        from_state = ops.matmul(h, self.recurrent_kernel)
        if self.normalize_gates == "products":
            from_inputs = self._normalized(
                from_inputs, self.kernel_gamma, self.kernel_beta)
            from_state = self._normalized(
                from_state, self.recurrent_gamma, self.recurrent_beta)
        z = from_inputs + from_state
        if self.normalize_gates == "sum":
            z = self._normalized(z, self.gate_gamma, self.gate_beta)
        if self.use_bias:
            z = z + self.bias
        if self.normalize_gates == "each":
            z = self._normalized(z, self.gate_gamma, self.gate_beta, parts=4)
        i, f, g, o = ops.split(z, 4, axis=-1)
        if self.use_peepholes:
            i, f = i + self._peep(self.w_i, c), f + self._peep(self.w_f, c)
        i, f, g = [self._limited(v, self.gate_clip) for v in (i, f, g)]
        c = gate(f) * c + gate(i) * act(g)
        if self.normalize_state == "carried":
            c = self._normalized(c, self.state_gamma, self.state_beta)
        if not self.clip_incoming:
            c = self._limited(c, self.cell_clip)
        seen = c
        if self.use_peepholes and self.output_peephole == "gate":
            o = o + self._peep(self.w_o, c)
        elif self.use_peepholes:
            seen = c + self._peep(self.w_o, c)
        if self.normalize_state == "output":
            seen = self._normalized(seen, self.state_gamma, self.state_beta)
        o = self._limited(o, self.gate_clip)
        h = gate(o) * (self.output_activation or act)(seen)
        if self.num_proj is not None:
            h = ops.matmul(h, self.projection_kernel)
        if not self.clip_incoming:
            h = self._limited(h, self.proj_clip)
        return h, [h, c]

    def _peep(self, w, c):
        return ops.matmul(c, w) if self.full_peepholes else w * c

    @staticmethod
    def _limited(v, bound):
        return v if bound is None else clip(v, -bound, bound)

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
            "units": self.units, "num_proj": self.num_proj,
            "activation": keras.activations.serialize(self.activation),
            "recurrent_activation":
                keras.activations.serialize(self.recurrent_activation),
            "use_bias": self.use_bias, "use_peepholes": self.use_peepholes,
            "cell_clip": self.cell_clip, "proj_clip": self.proj_clip,
            "normalize_gates": self.normalize_gates,
            "normalize_state": self.normalize_state, "epsilon": self.epsilon,
            "clip_incoming": self.clip_incoming,
            "output_peephole": self.output_peephole,
            "gate_clip": self.gate_clip,
            "full_peepholes": self.full_peepholes,
            "output_activation": (
                None if self.output_activation is None
                else keras.activations.serialize(self.output_activation)),
        })
        return config
