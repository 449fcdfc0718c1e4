@keras.saving.register_keras_serializable(package="lstmconvert")
class ReverseTime(keras.layers.Layer):
    """Reverses the time axis of its input, (batch, steps, ...).

    It puts the outputs of a layer with go_backwards in the order of the
    layer's input. The mask passes as it is: such a layer gives the mask of
    its input, whose order its outputs have only behind this one.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_output_shape(self, input_shape):
        return input_shape

    def call(self, inputs):
        # PyTorch's tensors have no steps backwards, the others no flip.
        flip = getattr(inputs, "flip", None)
        return inputs[:, ::-1] if flip is None else flip(1)
