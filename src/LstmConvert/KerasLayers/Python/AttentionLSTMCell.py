@keras.saving.register_keras_serializable(package="lstmconvert")
class AttentionLSTMCell(keras.layers.Layer):
    """One step of an LSTM that attends to its past outputs, for RNN.

    With p the past outputs, the oldest first (zeros at first):

        [i|j|f|o] = [[x, attention] @ input_kernel + input_bias, h] @ kernel
            + bias
        c' = sigmoid(f) * c + sigmoid(i) * tanh(j)
        h' = sigmoid(o) * tanh(c')
        y = [c', h'] @ query_kernel + query_bias
        w = softmax over p of sum(scores * tanh(p @ memory_kernel + y))
        attention' = sum(w * p)
        output = [h', attention'] @ output_kernel + output_bias

    The forget bias is in the bias.

    Arguments:
        units: the width u of c and h.
        input_size: the width i of what the LSTM reads beside h.
        attention_size: the width a of the output.
        score_size: the width v of what is scored.
        attention_length: how many past outputs there are.

    States: attention (batch, a), past outputs beside each other
    (batch, a * attention_length), c, h (batch, u). Weights in order:
    input_kernel (x + a, i), input_bias (i,), kernel (i + u, 4u), bias (4u,),
    memory_kernel
    (a, v), scores (v,), query_kernel (2u, v), query_bias (v,),
    output_kernel (u + a, a), output_bias (a,).
    """

    def __init__(
            self, units, input_size, attention_size, score_size,
            attention_length, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.input_size = input_size
        self.attention_size = attention_size
        self.score_size = score_size
        self.attention_length = attention_length
        self.output_size = attention_size
        self.state_size = [
            attention_size, attention_size * attention_length, units, units]

    def build(self, input_shape):
        u, i = self.units, self.input_size
        a, v = self.attention_size, self.score_size

        def weight(name, shape):
            return self.add_weight(
                name=name, shape=shape, initializer="glorot_uniform")

        self.input_kernel = weight("input_kernel", (input_shape[-1] + a, i))
        self.input_bias = weight("input_bias", (i,))
        self.kernel = weight("kernel", (i + u, 4 * u))
        self.bias = weight("bias", (4 * u,))
        self.memory_kernel = weight("memory_kernel", (a, v))
        self.scores = weight("scores", (v,))
        self.query_kernel = weight("query_kernel", (2 * u, v))
        self.query_bias = weight("query_bias", (v,))
        self.output_kernel = weight("output_kernel", (u + a, a))
        self.output_bias = weight("output_bias", (a,))
        self.built = True

    def call(self, inputs, states, training=None):
        sigmoid, tanh = keras.activations.sigmoid, keras.activations.tanh
        attention, past, c, h = states
        a = self.attention_size
        x = concatenate([inputs, attention], axis=-1)
        x = ops.matmul(x, self.input_kernel) + self.input_bias
        z = concatenate([x, h], axis=-1)
        z = ops.matmul(z, self.kernel) + self.bias
        i, j, f, o = ops.split(z, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(j)
        h = sigmoid(o) * tanh(c)
        y = concatenate([c, h], axis=-1)
        y = ops.matmul(y, self.query_kernel) + self.query_bias
        each = [
            past[:, k * a:(k + 1) * a] for k in range(self.attention_length)]
        scored = [
            reduce_sum(
                tanh(ops.matmul(p, self.memory_kernel) + y) * self.scores,
                axis=-1, keepdims=True)
            for p in each]
        w = keras.activations.softmax(concatenate(scored, axis=-1))
        attention = ops.zeros_like(attention)
        for k, p in enumerate(each):
            attention = attention + p * w[:, k:k + 1]
        output = concatenate([h, attention], axis=-1)
        output = ops.matmul(output, self.output_kernel) + self.output_bias
        past = concatenate(each[1:] + [output], axis=-1)
        return output, [attention, past, c, h]

    def get_config(self):
        config = super().get_config()
        for name in (
                "units", "input_size", "attention_size", "score_size",
                "attention_length"):
            config[name] = getattr(self, name)
        return config
