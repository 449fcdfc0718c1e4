using LstmConvert.Graphs.Matching;

namespace LstmConvert.Cells;

/// <summary>The graph patterns of the cells, and the activations that are looked for.</summary>
public static class GraphPatterns
{
    private const string Lstm =
        "c = sigmoid(f + forget_bias + w_f_diag?*c)*c + sigmoid(i + w_i_diag?*c)*activation(j); c = clip(c, cell_clip);"
        + "h = sigmoid(o + w_o_diag?*c)*activation(c); h = clip(h @ projection/kernel?, proj_clip)";

    private const string FusedLstm =
        "kernel, w_i_diag if use_peephole, w_f_diag if use_peephole, w_o_diag if use_peephole, bias;";

    private const string Gru = "r, u = split_in_any_order([x;h] @ gates/kernel + gates/bias?); r = sigmoid(r); u = sigmoid(u);"
        + "c = activation([x;r*h] @ candidate/kernel + candidate/bias?); h = u*h + (1-u)*c";

    private const string FusedGru = "_, _, _, h = GRUBlockCell(x, h, gates/kernel, candidate/kernel, gates/bias, candidate/bias);"
        + "activation = tanh; recurrent_activation = sigmoid; gate_order = ru";

    private static readonly string[] LstmFacts = ["forget_bias", "activation", "cell_clip", "proj_clip"];

    private static readonly string[] FusedFacts = ["forget_bias", "activation", "recurrent_activation", "cell_clip", "gate_order"];

    /// <summary>The patterns, one or several for a cell.</summary>
    public static IReadOnlyList<GraphPattern> Cells { get; } =
    [
        new("LSTMCell", "i, j, f, o = split_in_any_order([x;h] @ kernel + bias?);" + Lstm, LstmFacts),
        new("BlockLSTMV2", "i, f, j, o = split([x;h] @ kernel + bias?);" + Lstm, LstmFacts),
        new("LSTMCell", $"i, c, f, o, ci, co, h = LSTMBlockCell(x, c, h, {FusedLstm} forget_bias = 1, cell_clip = 3 none <= 0);"
            + "activation = tanh; recurrent_activation = sigmoid; gate_order = ijfo", FusedFacts),
        new("LSTMCell", $"i, c, f, o, ci, co, h = BlockLSTM(_, x, c, h, {FusedLstm} forget_bias = 1, cell_clip = 3 none <= 0);"
            + "activation = tanh; recurrent_activation = sigmoid; gate_order = ijfo", FusedFacts) { IsSequence = true },
        new("BlockLSTMV2", $"i, c, f, o, ci, co, h = BlockLSTMV2(_, x, c, h, {FusedLstm} cell_clip = 0 none <= 0);"
            + "forget_bias = 0; activation = tanh; recurrent_activation = sigmoid; gate_order = ifjo", FusedFacts) { IsSequence = true },
        new("CoupledInputForgetGateLSTMCell", "j, f, o = split([x;h] @ kernel + bias?); k = sigmoid(f + forget_bias + w_f_diag?*c); c = k*c + (1-k)*activation(j);"
            + "h = sigmoid(o + w_o_diag?*c)*activation(c); h = clip(h @ projection/kernel?, proj_clip)", ["forget_bias", "activation", "proj_clip"]),
        new("KerasLSTM", "i, f, j, o = split_in_any_order(x @ kernel + h @ recurrent_kernel + bias?);"
            + "c = recurrent_activation(f + forget_bias)*c + recurrent_activation(i)*activation(j); h = recurrent_activation(o)*activation(c)",
            ["forget_bias", "activation", "recurrent_activation"]),
        new("SonnetLSTM", "i, f, j, o = split_in_any_order(x @ w_i + h @ w_h + b);"
            + "c = sigmoid(f + forget_bias)*c + sigmoid(i)*tanh(j); h = sigmoid(o)*tanh(c); h = h @ projection?", ["forget_bias"]),
        new("GRUCell", Gru, ["activation"]),
        new("GRUCell", FusedGru, ["activation", "recurrent_activation", "gate_order"]),
        new("GRUBlockCell", Gru, ["activation"]),
        new("GRUBlockCell", FusedGru, ["activation", "recurrent_activation", "gate_order"]),
        new("CudnnCompatibleGRUCell", "r, u = split([x;h] @ gates/kernel + gates/bias?); r = sigmoid(r); u = sigmoid(u);"
            + "c = activation(x @ candidate/input_projection/kernel + candidate/input_projection/bias?"
            + " + r*(h @ candidate/hidden_projection/kernel + candidate/hidden_projection/bias?)); h = u*h + (1-u)*c", ["activation"]),
        new("KerasGRU", "z, r, g = split(x @ kernel + row(bias?, 0)); hz, hr, hg = split(h @ recurrent_kernel + row(bias?, 1));"
            + "z = recurrent_activation(z + hz); r = recurrent_activation(r + hr); h = z*h + (1-z)*activation(g + r*hg); reset_after = true",
            ["activation", "recurrent_activation", "reset_after"]),
        new("KerasGRU", "z, r, g = split(x @ kernel + bias?); hz, hr, hg = split(recurrent_kernel);"
            + "z = recurrent_activation(z + h @ hz); r = recurrent_activation(r + h @ hr); h = z*h + (1-z)*activation(g + (r*h) @ hg); reset_after = false",
            ["activation", "recurrent_activation", "reset_after"]),
        new("SonnetGRU", "z, r, a = split(x @ w_i + b?); hz, hr, ha = split(w_h);"
            + "z = sigmoid(z + h @ hz); r = sigmoid(r + h @ hr); h = (1-z)*h + z*tanh(a + (r*h) @ ha)", []),
        new("UGRNNCell", "g, c = split([x;h] @ kernel + bias?); k = sigmoid(g + forget_bias); h = k*h + (1-k)*activation(c)", ["forget_bias", "activation"]),
        new("BasicRNNCell", "h = activation([x;h] @ kernel + bias?)", ["activation"]) { IsOnlyInLoops = true },
        new("KerasSimpleRNN", "h = activation(x @ kernel + h @ recurrent_kernel + bias?)", ["activation"]) { IsOnlyInLoops = true },
        new("SonnetVanillaRNN", "h = activation(x @ w_i + h @ w_h + b)", ["activation"]) { IsOnlyInLoops = true },
        new("CudnnLSTM", "output, h, c = CudnnRNN|CudnnRNNV2|CudnnRNNV3(x, h, c, opaque_kernel; rnn_mode is lstm = lstm, input_mode = linear_input, direction = unidirectional, num_proj = 0)", CudnnFacts) { IsSequence = true },
        new("CudnnGRU", "output, h = CudnnRNN|CudnnRNNV2|CudnnRNNV3(x, h, _, opaque_kernel; rnn_mode is gru = lstm, input_mode = linear_input, direction = unidirectional, num_proj = 0)", CudnnFacts) { IsSequence = true },
        new("CudnnRNNTanh", "output, h = CudnnRNN|CudnnRNNV2|CudnnRNNV3(x, h, _, opaque_kernel; rnn_mode is rnn_tanh = lstm, input_mode = linear_input, direction = unidirectional, num_proj = 0)", CudnnFacts) { IsSequence = true },
        new("CudnnRNNRelu", "output, h = CudnnRNN|CudnnRNNV2|CudnnRNNV3(x, h, _, opaque_kernel; rnn_mode is rnn_relu = lstm, input_mode = linear_input, direction = unidirectional, num_proj = 0)", CudnnFacts) { IsSequence = true },
    ];

    /// <summary>The activations.</summary>
    public static IReadOnlyList<GraphActivation> Activations { get; } =
    [
        new("sigmoid", "Sigmoid"), new("tanh", "Tanh"), new("relu", "Relu"), new("relu6", "Relu6"), new("elu", "Elu"), new("selu", "Selu"), new("softplus", "Softplus"),
        new("softsign", "Softsign"), new("leaky_relu", "LeakyRelu"), new("exponential", "Exp"), new("softmax", "Softmax"), new("sin", "Sin"),
        new("hard_sigmoid", "clip(0.2*x + 0.5, 0, 1)"), new("hard_sigmoid_sixth", "relu6(x + 3)*0.166667"),
        new("hard_sigmoid_sixth", "clip(x*0.166667 + 0.5, 0, 1)"), new("silu", "x*sigmoid(x)"),
    ];

    private static string[] CudnnFacts => ["input_mode", "direction", "num_proj"];
}
