using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// AttentionCellWrapper around an LSTM without projection and peepholes (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1109-1340;
/// Bahdanau et al. 2015, over its own past outputs).
/// <code>
/// kernel (x+a, i), bias (i,)                         input and attention to what the LSTM reads
/// lstm_cell/kernel (i+u, 4u), lstm_cell/bias (4u,)   columns i j f o
/// attention/attn_w (1, 1, a, v)   attention/attn_v (v,)   attention/kernel (2u, v), rows c h   attention/bias (v,)
/// attn_output_projection/kernel (u+a, a), bias (a,)  the output, which is what is attended to
/// </code>
/// Keras: our own AttentionLSTMCell with the forget bias in the bias. How many past outputs it attends to is in no variable.
/// </summary>
internal static class AttentionCellWrapper
{
    private static readonly NumberFact Length = new("attn_length")
    {
        IsCount = true,
        Meaning = "the number of past outputs that are attended to",
    };

    private static readonly string[] Own =
    [
        "kernel",
        "bias",
        "attention/attn_w",
        "attention/attn_v",
        "attention/kernel",
        "attention/bias",
        "attn_output_projection/kernel",
        "attn_output_projection/bias",
    ];

    /// <summary>The definitions for the catalog, one for each scope that an LSTM inside has.</summary>
    public static IReadOnlyList<Cell> Definitions { get; } =
    [
        Of("AttentionCellWrapper", "lstm_cell"),
        Of("AttentionCellWrapper(BasicLSTMCell)", "basic_lstm_cell"),
        Of("AttentionCellWrapper(BasicLSTMCell 0.x)", "BasicLSTMCell"),
    ];

    private static Cell Of(string name, string inner) => new(name)
    {
        Scopes = ["attention_cell_wrapper", "AttentionCellWrapper"],
        Variables =
        [
            Role(Own[0], "(x+a, i)", ""), Role(Own[1], "(i,)", ""), Role(Own[2], "(1, 1, a, v)", ""), Role(Own[3], "(v,)", ""), Role(Own[4], "(2u, v)", ""), Role(Own[5], "(v,)", ""),
            Role(Own[6], "(u+a, a)", ""), Role(Own[7], "(a,)", ""), Role($"{inner}/kernel", "(i+u, 4u)"), Role($"{inner}/bias", "(4u,)"),
            Optional($"{inner}/w_i_diag", "(u,)", ""),
        ],
        Gates = "ijfo",
        SizesOf = (variables, facts) => Sizes(variables, inner, facts),
        States = [new("c", 'u'), new("h", 'u'), new("attention", 'a'), new("attention_states", 's')],
        OutputWidth = 'a',
        NeedsScope = true,
        IsProposed = false,
        IsFoundByName = true,
        Facts = [ForgetBias.By(1), Activation.By("tanh"), CellClip.ByNone(), Length],
        Graph = [Step(inner)],
        GoesBack = use => inner == "lstm_cell" && Rnn.IsAround(use, AttentionLstmCell.Definition),
        Equations = at => new Equations.TensorFlow1.AttentionCellWrapper
        {
            Input = (at[Own[0]], at[Own[1]]),
            Lstm = (at[$"{inner}/kernel"], at[$"{inner}/bias"]),
            Memory = at[Own[2]].Reshape([(int)at.Cell.Sizes['a'], (int)at.Cell.Sizes['v']]),
            Scores = at[Own[3]],
            Query = (at[Own[4]], at[Own[5]]),
            Output = (at[Own[6]], at[Own[7]]),
            ForgetBias = at[ForgetBias],
        },
        Obstacle = cell => cell[Activation].Text != "tanh" ? $"the activation inside it is {cell[Activation]}, and our cell for it has tanh"
            : !cell[CellClip].IsNone ? "the LSTM inside it is clipped, and our cell for it clips nothing"
            : cell.Has($"{inner}/w_i_diag") ? "the LSTM inside it has peepholes, which our cell for it has not" : null,
        ToKeras = cell =>
        [
            AttentionLstmCell.Of(
                [
                    From(Own[0]), From(Own[1]), From($"{inner}/kernel"), From($"{inner}/bias").Plus(ForgetBias.Name, "f", "ijfo"),
                    From(Own[2]), From(Own[3]), From(Own[4]), From(Own[5]), From(Own[6]), From(Own[7]),
                ],
                cell.Units, (int)cell.Sizes['i'], (int)cell.Sizes['a'], (int)cell.Sizes['v'], (int)(cell[Length].Number ?? 1),
                states: ["attention", "attention_states", "c", "h"]),
        ],
    };

    private static CellGraph Step(string inner) =>
        $"z = [x;attention] @ {Own[0]} + {Own[1]}; i, j, f, o = split([z;h] @ {inner}/kernel + {inner}/bias);"
        + "c = sigmoid(f + forget_bias)*c + sigmoid(i)*activation(j); c = clip(c, cell_clip); h = sigmoid(o)*activation(c);"
        + $"q = [c;h] @ {Own[4]} + {Own[5]}; attention = attended(attention_states, q, {Own[2]}, {Own[3]}, attn_length);"
        + $"output = [h;attention] @ {Own[6]} + {Own[7]}; attention_states = moved(attention_states, output, attn_length)";

    private static Tensors.SizeSolution Sizes(IReadOnlyDictionary<string, Tensors.TensorInfo> variables, string inner, IReadOnlyList<Fact> facts)
    {
        var named = new (string Role, string Shape)[] { (Own[1], "(i,)"), (Own[3], "(v,)"), (Own[7], "(a,)"), (Own[2], "(1, 1, a, v)"), ($"{inner}/bias", "(4u,)"), ($"{inner}/kernel", "(i+u, 4u)"), (Own[0], "(x+a, i)"), (Own[4], "(2u, v)"), (Own[5], "(v,)"), (Own[6], "(u+a, a)") };
        var solved = Tensors.SizeSolver.Solve([.. named.Select(one => new Tensors.SizedVariable(variables[one.Role].Name, $"the {one.Role} of an AttentionCellWrapper", Tensors.SymbolicShape.Parse(one.Shape), variables[one.Role].Shape))], []);
        return !solved.Fits ? solved
            : facts.FirstOrDefault(fact => fact.Name == Length.Name)?.Value.Number is { } length
            && length >= 1
            && double.IsInteger(length)
            && length <= 100_000
                ? new(new Dictionary<char, long>(solved.Sizes) { ['s'] = (long)length * solved.Sizes['a'] }, null)
            : new(null, $"no variable tells how many past outputs {variables[Own[0]].Name} attends to") { Open = [(Length.Name, "N")] };
    }
}
