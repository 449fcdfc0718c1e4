using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LayerNormBasicLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1342-1463): an LSTM that normalises each gate and its
/// state.
/// <code>
/// kernel                                           (x+u, 4u)   rows x then h; columns i j f o
/// {input,transform,forget,output,state}/gamma,beta (u,)        the forget bias is added to the normalised gate at run time
/// </code>
/// Keras: our own ExtendedLSTMCell with the forget bias in the forget gate's beta.
/// </summary>
internal static class LayerNormBasicLstmCell
{
    /// <summary>The scopes of the normalisations of i, f, j and o, in the order of our cell's gates.</summary>
    private static readonly string[] Gates = ["input", "forget", "transform", "output"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("LayerNormBasicLSTMCell")
    {
        Scopes = ["layer_norm_basic_lstm_cell", "LayerNormBasicLSTMCell"],
        Variables = [Role("kernel", "(x+u, 4u)"), .. NormRoles],
        Gates = "ijfo",
        States = [new("c", 'u'), new("h", 'u')],
        Facts = [ForgetBias.By(1), Activation.By("tanh")],
        Graph =
        [
            "i, j, f, o = split([x;h] @ kernel); i = norm(i, input); j = norm(j, transform); f = norm(f, forget); o = norm(o, output);"
            + "c = sigmoid(f + forget_bias)*c + sigmoid(i)*activation(j); c = norm(c, state); h = sigmoid(o)*activation(c)",
        ],
        Equations = at => new Equations.TensorFlow1.LayerNormLstmCell(at["kernel"], NormsOf(at), at[ForgetBias], at[Activation]),
        ToKeras = cell => [LstmCell.Extended(cell, Recipe(cell))],
    };

    /// <summary>The variables of the normalisations of four gates and the state.</summary>
    internal static IEnumerable<Role> NormRoles =>
        Gates.Append("state").SelectMany(part => new[] { Role($"{part}/gamma", "(u,)", ""), Role($"{part}/beta", "(u,)", "") });

    /// <summary>What contrib's normalisation adds to a variance (contrib/layers/python/layers/layers.py:2318).</summary>
    internal static double Epsilon(BoundCell cell) => cell.DType == DType.Float16 ? 1e-3 : 1e-12;

    /// <summary>The normalisations as equations have them.</summary>
    internal static Equations.TensorFlow1.LstmNorms NormsOf(CellArrays at)
    {
        Equations.TensorFlow1.LayerNorm Norm(string part) => new(at[$"{part}/gamma"], at[$"{part}/beta"], Epsilon(at.Cell));
        return new(
            at.Optional("input/gamma") is null ? null : Norm("input"),
            Norm("transform"),
            Norm("forget"),
            Norm("output"),
            Norm("state"));
    }

    /// <summary>Our cell with the kernel and the normalisations of a cell with four gates.</summary>
    internal static ExtendedLstmRecipe Recipe(BoundCell cell) =>
        new(
            From("kernel").Rows("x").Gates("ijfo", "ifjo"),
            From("kernel").Rows(cell.Definition.OutputWidth.ToString()).Gates("ijfo", "ifjo"),
            cell.Units,
            cell[Activation].Text!,
            "sigmoid")
        {
            Gates = (ExtendedLstmCell.Each, [Beside([.. Gates.Select(gate => From($"{gate}/gamma"))]), Beside([.. Gates.Select(Beta)])]),
            State = (ExtendedLstmCell.Carried, From("state/gamma"), From("state/beta")),
            Epsilon = Epsilon(cell),
        };

    private static Derivation Beta(string gate) => gate == "forget" ? From("forget/beta").Plus(ForgetBias.Name) : From($"{gate}/beta");
}
