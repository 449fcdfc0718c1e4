using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// One direction of ONNX's LSTM (onnx/onnx docs/Operators.md, "LSTM"); rows i o f c. What its node says is evidence of a graph.
/// <code>
/// W (4u, x)   R (4u, u)   Wb, Rb (4u,)   Pi, Po, Pf (u,): o sees the new state
/// </code>
/// Keras: LSTM with the matrices transposed and both biases summed; with input_forget <c>W_f = -W_i</c>, because 1 - sigmoid(a) =
/// sigmoid(-a); with peepholes, a clip, or another activation for the output than for the candidate our own ExtendedLSTMCell.
/// </summary>
internal static class OnnxLstmCell
{
    private const string Gates = "iofc";

    /// <summary>From where on <c>x/6 + 0.5</c> is 1: a limit of what it sees is none from here on.</summary>
    private const double HardSigmoidEnd = 3;

    /// <summary>The limit of what the activations of the gates see.</summary>
    internal static readonly LimitFact GateClip = new LimitFact("gate_clip")
    {
        NeutralCondition = "nothing is clipped",
        Meaning = "the limit of what the activations of the gates see",
        OnlyIfShown = true,
    };

    private static readonly ActivationFact OutputActivation = new("output_activation")
    {
        Meaning = "the activation of the state that the output sees",
        OnlyIfShown = true,
    };

    private static readonly TruthFact InputForget = new("input_forget")
    {
        Neutral = FactValue.Of(false),
        Meaning = "whether the forget gate is what the input gate leaves",
        OnlyIfShown = true,
    };

    private static readonly string[] Peepholes = [In("Pi"), In("Po"), In("Pf")];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("onnx.LSTM")
        {
            Variables =
            [
                Role(In("W"), "(4u, x)"),
                Role(In("R"), "(4u, u)"),
                Optional(In("Wb"), "(4u,)"),
                Optional(In("Rb"), "(4u,)"),
                .. Peepholes.Select(role => Optional(role, "(u,)", "")),
            ],
            States = [new("h", 'u'), new("c", 'u')],
            Facts =
            [
                .. PlainLstmFacts,
                GateClip,
                OutputActivation,
                InputForget,
            ],
            Fixed = new Dictionary<string, FactValue> { [ForgetBias.Name] = FactValue.Of(0) },
            Equations = at => new Equations.Onnx.Lstm(at[In("W")], at[In("R")], Gate(at.Cell), State(at.Cell))
            {
                Biases = at.Optional(In("Wb")) is { } bias ? (bias, at[In("Rb")]) : null,
                Peepholes = at.Optional(Peepholes[0]) is { } input ? (input, at[Peepholes[1]], at[Peepholes[2]]) : null,
                Clip = at[GateClip],
                OutputActivation = Output(at.Cell),
                CouplesGates = at[InputForget],
            },
            Obstacle = cell =>
                cell[InputForget].Truth == true && (cell.Has(Peepholes[0]) || !IsOdd(Gate(cell)))
                    ? "input_forget with peepholes, or with gates that are not sigmoid, which neither a layer of Keras nor one of ours has"
                : cell[GateClip].Number < HardSigmoidEnd && Gate(cell) == Equations.Activations.HardSigmoid
                    ? $"{cell.Find(GateClip.Name)} with gates by 0.2x + 0.5: the weights in front of Keras 3's x/6 + 0.5 are multiplied by 1.2, and one limit for gates and candidate cannot be"
                : null,
            UnreadParts = cell =>
                cell[InputForget].Truth != true
                    ? []
                    :
                    [
                        .. new[] { "W", "R", "Wb", "Rb" }
                            .Select(In)
                            .Where(cell.Has)
                            .Select(role => (role[^1] == 'b' ? From(role) : From(role).Transposed()).Gate("f", Gates)),
                    ],
            ToKeras = cell =>
                cell.Has(Peepholes[0]) || !cell[GateClip].IsNone || Output(cell) != State(cell)
                    ?
                    [
                        ExtendedLstmCell.Of(
                            Recipe(cell) with
                            {
                                Peepholes = cell.Has(Peepholes[0]) ? (From(Peepholes[0]), From(Peepholes[2]), From(Peepholes[1])) : null,
                                GateClip = cell[GateClip],
                                OutputActivation = Output(cell).Name,
                            },
                            states: ["h", "c"]),
                    ]
                : [Lstm.Of(Recipe(cell), states: ["h", "c"])],
        };

    /// <summary>True if <c>1 - gate(x)</c> is <c>gate(-x)</c>.</summary>
    private static bool IsOdd(Equations.Activation gate) =>
        gate == Equations.Activations.Sigmoid
        || gate == Equations.Activations.HardSigmoid
        || gate == Equations.Activations.HardSigmoid3;

    /// <summary>Why a clip keeps a cell out of Keras, or null.</summary>
    internal static string? Clipped(BoundCell cell) =>
        cell[GateClip].IsNone
            ? null
            : $"{cell.Find(GateClip.Name)}: it limits what the gates' activations see, which neither a layer of Keras nor one of ours does. If no value reaches it, state that there is none";

    /// <summary>That there is no such limit.</summary>
    internal static IReadOnlyList<Remedy> WithoutClip(BoundCell cell) =>
        cell[GateClip].IsNone ? [] : [new SayFactRemedy(cell.Scope, GateClip.Name, "none")];

    /// <summary>The activation of the gates; the operator's own is sigmoid.</summary>
    internal static Equations.Activation Gate(BoundCell cell) =>
        Equations.Activations.Get(cell.Find(RecurrentActivation.Name)?.Value.Text ?? "sigmoid");

    /// <summary>The activation of the state that the output sees; that of the candidate where the node has no other.</summary>
    private static Equations.Activation Output(BoundCell cell) =>
        cell.Find(OutputActivation.Name)?.Value.Text is { } output ? Equations.Activations.Get(output) : State(cell);

    /// <summary>The activation of the candidate, and of the output; the operator's own is tanh.</summary>
    internal static Equations.Activation State(BoundCell cell) =>
        Equations.Activations.Get(cell.Find(Activation.Name)?.Value.Text ?? "tanh");

    private static string In(string name) => "onnx.LSTM/" + name;

    private static ExtendedLstmRecipe Recipe(BoundCell cell) =>
        new(
            Ordered(cell, From(In("W")).Transposed()),
            Ordered(cell, From(In("R")).Transposed()),
            cell.Units,
            State(cell).Name,
            Gate(cell).Name)
        {
            Bias = cell.Has(In("Wb")) ? Ordered(cell, Sum(From(In("Wb")), From(In("Rb")))) : null,
        };

    private static Derivation Ordered(BoundCell cell, Derivation rows) => cell[InputForget].Truth == true
        ? Beside(rows.Gate("i", Gates), rows.Gate("i", Gates).Negated(), rows.Gate("c", Gates), rows.Gate("o", Gates))
        : rows.Gates(Gates, "ifco");
}
