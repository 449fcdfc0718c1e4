namespace LstmConvert.Cells;

/// <summary>
/// Cells that are recognised by the leaves of their variables and refused by name (tf1-cells: signatures of
/// tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py).
/// </summary>
public static class RefusedCells
{
    /// <summary>Leaves that only one kind of cell has, and the kind's name.</summary>
    public static IReadOnlyList<(string Leaf, string Cell)> ByLeaf { get; } =
    [
        ("candidate/input_projection/kernel", "CudnnCompatibleGRUCell"),
        ("candidate/input_projection/bias", "CudnnCompatibleGRUCell"),
        ("candidate/hidden_projection/kernel", "CudnnCompatibleGRUCell"),
        ("candidate/hidden_projection/bias", "CudnnCompatibleGRUCell"),
        ("gates/kernel_w", "IndyGRUCell"),
        ("candidate/kernel_u", "IndyGRUCell"),
        ("kernel_w", "IndRNNCell or IndyLSTMCell"),
        ("kernel_u", "IndRNNCell or IndyLSTMCell"),
        ("input/gamma", "LayerNormBasicLSTMCell or LayerNormLSTMCell"),
        ("transform/gamma", "a cell with layer normalisation (LayerNormBasicLSTMCell, LayerNormLSTMCell, CoupledInputForgetGateLSTMCell)"),
        ("norm_0", "WeightNormLSTMCell"),
        ("mask_gates/kernel", "PhasedLSTMCell"),
        ("new_input/kernel", "PhasedLSTMCell"),
        ("output_gate/kernel", "PhasedLSTMCell"),
        ("group0/kernel", "GLSTMCell"),
        ("bias_i", "GLSTMCell"),
        ("opaque_kernel", "a cuDNN layer (opaque_kernel)"),
        ("input_to_input_w", "TFLiteLSTMCell"),
        ("input_weights", "TfLiteRNNCell"),
        ("in_projection/kernel", "IntersectionRNNCell"),
        ("mask", "MaskedLSTMCell or MaskedBasicLSTMCell (pruning)"),
    ];

    /// <summary>Leaves of wrappers that change what a cell puts out, and the wrapper's name.</summary>
    public static IReadOnlyList<(string Leaf, string Wrapper)> Wrappers { get; } =
    [
        ("carry_w", "HighwayWrapper"),
        ("carry_w_highway", "HighwayWrapper"),
    ];

    /// <summary>Scopes around cells that run them in another way than along a sequence, and their names.</summary>
    public static IReadOnlyDictionary<string, string> Containers { get; } = new Dictionary<string, string>
    {
        ["Grid1LSTMCell"] = "Grid1LSTMCell",
        ["Grid1BasicLSTMCell"] = "Grid1BasicLSTMCell",
        ["Grid2LSTMCell"] = "Grid2LSTMCell",
        ["Grid2BasicLSTMCell"] = "Grid2BasicLSTMCell",
        ["Grid3LSTMCell"] = "Grid3LSTMCell",
        ["Grid2GRUCell"] = "Grid2GRUCell",
        ["Grid2BasicRNNCell"] = "Grid2BasicRNNCell",
        ["GridRNNCell"] = "GridRNNCell",
    };

    /// <summary>Scope components that only one kind of cell has, and the kind's name.</summary>
    public static IReadOnlyDictionary<string, string> ByScope { get; } = new Dictionary<string, string>
    {
        ["ugrnn_cell"] = "UGRNNCell",
        ["intersection_rnn_cell"] = "IntersectionRNNCell",
        ["nas_cell"] = "NASCell",
        ["nas_rnn"] = "NASCell",
        ["cfn_cell"] = "CFNCell",
        ["sru_cell"] = "SRUCell",
        ["minimal_rnn_cell"] = "MinimalRNNCell",
        ["coupled_input_forget_gate_lstm_cell"] = "CoupledInputForgetGateLSTMCell",
        ["CoupledInputForgetGateLSTMCell"] = "CoupledInputForgetGateLSTMCell",
        ["time_freq_lstm_cell"] = "TimeFreqLSTMCell",
        ["grid_lstm_cell"] = "GridLSTMCell",
        ["bidirectional_grid_lstm_cell"] = "BidirectionalGridLSTMCell",
        ["glstm_cell"] = "GLSTMCell",
        ["phased_lstm_cell"] = "PhasedLSTMCell",
        ["ind_rnn_cell"] = "IndRNNCell",
        ["indy_gru_cell"] = "IndyGRUCell",
        ["indy_lstm_cell"] = "IndyLSTMCell",
        ["layer_norm_lstm_cell"] = "LayerNormLSTMCell",
        ["layer_norm_basic_lstm_cell"] = "LayerNormBasicLSTMCell",
        ["LayerNormBasicLSTMCell"] = "LayerNormBasicLSTMCell",
        ["wn_lstm_cell"] = "WeightNormLSTMCell",
        ["cudnn_compatible_gru_cell"] = "CudnnCompatibleGRUCell",
        ["conv_lstm_cell"] = "ConvLSTMCell",
        ["conv_1d_lstm_cell"] = "Conv1DLSTMCell",
        ["conv_2d_lstm_cell"] = "Conv2DLSTMCell",
        ["conv_3d_lstm_cell"] = "Conv3DLSTMCell",
        ["masked_basic_lstm_cell"] = "MaskedBasicLSTMCell",
        ["masked_lstm_cell"] = "MaskedLSTMCell",
        ["tf_lite_lstm_cell"] = "TFLiteLSTMCell",
        ["tf_lite_rnn_cell"] = "TfLiteRNNCell",
        ["grid1lstm_cell"] = "Grid1LSTMCell",
        ["grid2lstm_cell"] = "Grid2LSTMCell",
        ["ntm_cell"] = "NTMCell",
        ["attention_cell_wrapper"] = "AttentionCellWrapper",
        ["attention_wrapper"] = "AttentionWrapper",
    };
}
