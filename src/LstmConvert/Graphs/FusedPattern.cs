namespace LstmConvert.Graphs;

/// <summary>
/// Fused operations (tensorflow/core/ops/rnn_ops.cc, contrib before 1.8). An attribute that is not written has its operation's default:
/// forget_bias 1, and cell_clip 3 for the first two LSTM operations; a clip of 0 or less is none.
/// </summary>
internal static class FusedPattern
{
    private const double DefaultForgetBias = 1;
    private const double DefaultCellClip = 3;
    private const int StateOfLstm = 1;
    private const int HiddenOfLstm = 6;
    private const int HiddenOfGru = 3;

    public static IEnumerable<CellUse> Find(IEnumerable<GraphNode> nodes, GraphVariables variables) =>
        nodes.Select(node => node.Op switch
        {
            "LSTMBlockCell" => Lstm(node, variables, first: 0, "ijfo", hasForgetBias: true),
            "BlockLSTM" => Lstm(node, variables, first: 1, "ijfo", hasForgetBias: true),
            "BlockLSTMV2" => Lstm(node, variables, first: 1, "ifjo", hasForgetBias: false),
            "GRUBlockCell" or "GRUBlockCellV2" => Gru(node, variables),
            _ => null,
        }).OfType<CellUse>();

    private static CellUse? Lstm(GraphNode node, GraphVariables variables, int first, string order, bool hasForgetBias)
    {
        var kernel = variables.Names(node.Input(first + 3));
        if (kernel.Count == 0)
        {
            return null;
        }

        var clip = node.Attribute("cell_clip")?.F ?? (hasForgetBias ? DefaultCellClip : 0);
        var use = new CellUse(GraphCellKind.Lstm, node)
        {
            Kernels = kernel,
            X = node.Input(first),
            C = node.Input(first + 1),
            H = node.Input(first + 2),
            State = new Output(node, StateOfLstm),
            Hidden = new Output(node, HiddenOfLstm),
            ForgetBias = new GraphFact<double>(hasForgetBias ? node.Attribute("forget_bias")?.F ?? DefaultForgetBias : 0, node.Name),
            CellClip = clip > 0 ? new GraphFact<double>(clip, node.Name) : null,
            Activation = new GraphFact<string>("tanh", node.Name),
            OutputActivation = new GraphFact<string>("tanh", node.Name),
            RecurrentActivation = new GraphFact<string>("sigmoid", node.Name),
            GateOrder = new GraphFact<string>(order, node.Name),
            IsFusedSequence = first == 1,
        };
        use.Variables["kernel"] = kernel;
        use.Variables["bias"] = variables.Names(node.Input(first + 7));
        if (node.Attribute("use_peephole")?.B == true)
        {
            // Without peepholes the three inputs are there too, and read zeros.
            use.Variables["w_i_diag"] = variables.Names(node.Input(first + 4));
            use.Variables["w_f_diag"] = variables.Names(node.Input(first + 5));
            use.Variables["w_o_diag"] = variables.Names(node.Input(first + 6));
        }

        return use;
    }

    private static CellUse? Gru(GraphNode node, GraphVariables variables)
    {
        var kernel = variables.Names(node.Input(2));
        if (kernel.Count == 0)
        {
            return null;
        }

        var use = new CellUse(GraphCellKind.Gru, node)
        {
            Kernels = kernel,
            X = node.Input(0),
            H = node.Input(1),
            Hidden = new Output(node, HiddenOfGru),
            Activation = new GraphFact<string>("tanh", node.Name),
            RecurrentActivation = new GraphFact<string>("sigmoid", node.Name),
            GateOrder = new GraphFact<string>("ru", node.Name),
        };
        use.Variables["gates/kernel"] = kernel;
        use.Variables["candidate/kernel"] = variables.Names(node.Input(3));
        use.Variables["gates/bias"] = variables.Names(node.Input(4));
        use.Variables["candidate/bias"] = variables.Names(node.Input(5));
        return use;
    }
}
