using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// HighwayWrapper around an LSTM or a GRU as wide as its input (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1246-1339; Srivastava
/// et al. 2015).
/// <code>
/// carry_w (u, u)   carry_b (u,)             the gate of the input
/// transform_w (u, u)   transform_b (u,)     the gate of the output; without them it is what the carry gate leaves
/// lstm_cell/kernel, lstm_cell/bias …        the cell inside; its state does not see the mixture
/// output = x*sigmoid(x @ carry_w + carry_b) + h*transform
/// </code>
/// Keras: the cell's own layer, and around it two Dense of its input, two Multiply and an Add; 1 - sigmoid(v) is sigmoid(-v).
/// </summary>
internal static class HighwayWrapper
{
    private const string Carry = "carry_w";
    private const string CarryBias = "carry_b";
    private const string Transform = "transform_w";
    private const string TransformBias = "transform_b";
    private const string Gates = "ijfo";

    private static readonly string[] LstmPeepholes = ["w_i_diag", "w_f_diag", "w_o_diag"];

    private static readonly WrongConvention NoCarry = Changed("the carry gate left out", CarryBias, bias => (bias * 0) - 100);

    private static readonly Role[] Own =
    [
        Role(Carry, "(u, u)", ""),
        Role(CarryBias, "(u,)", ""),
        Optional(Transform, "(u, u)", ""),
        Optional(TransformBias, "(u,)", ""),
    ];

    /// <summary>The definitions for the catalog, one for each cell inside.</summary>
    public static IReadOnlyList<Cell> Definitions { get; } =
    [
        AroundLstm("HighwayWrapper(LSTMCell)", "lstm_cell"),
        AroundLstm("HighwayWrapper(BasicLSTMCell)", "basic_lstm_cell"),
        AroundGru("HighwayWrapper(GRUCell)", "gru_cell"),
    ];

    private static Cell AroundLstm(string name, string inner) =>
        Around(
            name,
            [
                Role($"{inner}/kernel", "(z+u, 4u)"),
                Role($"{inner}/bias", "(4u,)"),
                .. LstmPeepholes.Select(peephole => Optional($"{inner}/{peephole}", "(u,)", "")),
                Optional($"{inner}/projection/kernel", "(u, p)", ""),
            ]) with
        {
            Gates = Gates,
            States = [new("c", 'u'), new("h", 'u')],
            Facts = [ForgetBias.By(1), Activation.By("tanh"), CellClip.ByNone()],
            Graph = Graphs(
                $"i, j, f, o = split([x;h] @ {inner}/kernel + {inner}/bias); c = sigmoid(f + forget_bias)*c + sigmoid(i)*activation(j);"
                + "c = clip(c, cell_clip); h = sigmoid(o)*activation(c);"),
            Wrong = [.. EachTwoSwapped(Gates), NoCarry],
            Equations = at => Mixed(
                at,
                new Equations.TensorFlow1.LstmCell(at[$"{inner}/kernel"], at[$"{inner}/bias"], at[ForgetBias], at[Activation])),
            Obstacle = cell => Obstacle(cell)
                ?? (!cell[CellClip].IsNone ? "the LSTM inside it is clipped, which a stock layer does not do"
                    : LstmPeepholes.Append("projection/kernel").Any(role => cell.Has($"{inner}/{role}"))
                        ? "the LSTM inside it has peepholes or a projection, which a stock layer has not"
                        : null),
            ToKeras = cell =>
            [
                Lstm.Of(
                    kernel: From($"{inner}/kernel").Rows("z").Gates(Gates, "ifjo"),
                    recurrentKernel: From($"{inner}/kernel").Rows("u").Gates(Gates, "ifjo"),
                    bias: From($"{inner}/bias").Plus(ForgetBias.Name, "f", Gates).Gates(Gates, "ifjo"),
                    units: cell.Units,
                    activation: cell[Activation].Text!,
                    recurrentActivation: "sigmoid",
                    states: ["h", "c"]),
                .. Mixture(cell),
            ],
        };

    private static Cell AroundGru(string name, string inner)
    {
        var (gates, gatesBias) = ($"{inner}/gates/kernel", $"{inner}/gates/bias");
        var (candidate, candidateBias) = ($"{inner}/candidate/kernel", $"{inner}/candidate/bias");
        return Around(
            name,
            [Role(gates, "(z+u, 2u)"), Role(gatesBias, "(2u,)"), Role(candidate, "(z+u, u)", ""), Role(candidateBias, "(u,)", "")]) with
        {
            Gates = "ru",
            Facts = [Activation.By("tanh")],
            Graph = Graphs(
                $"r, u = split([x;h] @ {gates} + {gatesBias}); r = sigmoid(r); u = sigmoid(u);"
                + $"c = activation([x;r*h] @ {candidate} + {candidateBias}); h = u*h + (1-u)*c;"),
            Wrong = [Swapped('r', 'u'), NoCarry],
            Equations = at => Mixed(
                at,
                new Equations.TensorFlow1.GruCell(at[gates], at[gatesBias], at[candidate], at[candidateBias], at[Activation])),
            Obstacle = Obstacle,
            ToKeras = cell => [GruCell.Layer(cell, gates, gatesBias, candidate, candidateBias, 'z', 'u'), .. Mixture(cell)],
        };
    }

    private static Cell Around(string name, IReadOnlyList<Role> inside) => new(name)
    {
        Variables = [.. Own, .. inside],
        SizesByDefault = [new('z', 'u'), new('x', 'u')],
        IsProposed = false,
    };

    /// <summary>A step of the cell inside, and the mixture with each kind of transform gate.</summary>
    private static IReadOnlyList<CellGraph> Graphs(string inside) =>
    [
        $"{inside} k = sigmoid(x @ {Carry} + {CarryBias}); output = x*k + h*(1-k)",
        $"{inside} k = sigmoid(x @ {Carry} + {CarryBias}); t = sigmoid(x @ {Transform} + {TransformBias}); output = x*k + h*t",
    ];

    private static string? Obstacle(BoundCell cell) =>
        cell.Sizes['z'] != cell.Units
            ? $"its input has {cell.Sizes['z']} features and the cell inside it {cell.Units} units, which cannot be mixed"
        : cell.Has(Transform) != cell.Has(TransformBias) ? "half of its transform gate is missing"
        : cell.IsResidual ? "its input is added to its mixture once more, which no program was seen to do"
        : cell.IsBackward ? "it walks backward, and the layers around its recurrence do not"
        : null;

    private static Equations.TensorFlow1.HighwayWrapper Mixed(CellArrays at, Equations.IStepEquations inside) =>
        new(inside, at[Carry], at[CarryBias])
        {
            Transform = at.Optional(Transform) is { } kernel ? (kernel, at[TransformBias]) : null,
        };

    /// <summary>What mixes the input into the output; the cell's own layer stands at 0.</summary>
    private static IEnumerable<LayerRecipe> Mixture(BoundCell cell)
    {
        LayerRecipe Gate(Derivation kernel, Derivation bias, string suffix) =>
            Dense.Of(kernel, cell.Units, suffix, "sigmoid", bias) with { Inputs = [LayerRecipe.CellInput] };
        return
        [
            Gate(From(Carry), From(CarryBias), "_carry"),
            cell.Has(Transform)
                ? Gate(From(Transform), From(TransformBias), "_transform")
                : Gate(From(Carry).Negated(), From(CarryBias).Negated(), "_transform"),
            Merging.Recipe(MultiplyLayer.Definition, "_carried", LayerRecipe.CellInput, 1),
            Merging.Recipe(MultiplyLayer.Definition, "_transformed", 0, 2),
            Merging.Recipe(AddLayer.Definition, "_highway", 3, 4),
        ];
    }
}
