using LstmConvert.Tensors;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LSTMLayer of Lasagne (lasagne 0.1 layers/recurrent.py:986-1035).
/// <code>
/// W_in_to_G (x, u)   W_hid_to_G (u, u)   b_G (u,)   for G of ingate forgetgate cell outgate; no forget bias
/// W_cell_to_{ingate,forgetgate,outgate} (u,)   cell_init, hid_init (1, u)   the state before the first step
/// </code>
/// Keras: LSTM. The output's peephole stands behind the logistic function.
/// </summary>
internal static class LasagneLstmCell
{
    private static readonly string[] Gates = ["ingate", "forgetgate", "cell", "outgate"];
    private static readonly string[] Peepholes = ["W_cell_to_ingate", "W_cell_to_forgetgate", "W_cell_to_outgate"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("lasagne.LSTMLayer")
    {
        Variables =
        [
            .. Roles(Gates), .. Peepholes.Select(role => Optional(role, "(u,)", "")), Optional("cell_init", "(1, u)", ""), Optional("hid_init", "(1, u)", ""),
        ],
        States = [new("c", 'u'), new("h", 'u')],
        Facts = [ForgetBias with { OnlyIfShown = true }, Activation with { OnlyIfShown = true }, RecurrentActivation with { OnlyIfShown = true }],
        Fixed = PlainLstm,
        Equations = at => new Equations.Lasagne.Lstm([.. Gates.Select(gate => GateOf(at, gate))])
        {
            Peepholes = at.Optional(Peepholes[0]) is { } input ? (input, at[Peepholes[1]], at[Peepholes[2]]) : null,
        },
        Obstacle = cell => Peepholes.FirstOrDefault(cell.Has) is { } peephole
            ? $"peepholes ({peephole}): its output gate's stands behind the logistic function, which neither a layer of Keras nor one of ours has" : Starts(cell),
        Unread = States,
        ToKeras = cell =>
        [
            Lstm.Of(
                kernel: Beside([.. Gates.Select(gate => From($"W_in_to_{gate}"))]),
                recurrentKernel: Beside([.. Gates.Select(gate => From($"W_hid_to_{gate}"))]),
                bias: Beside([.. Gates.Select(gate => From($"b_{gate}"))]),
                units: cell.Units,
                activation: "tanh",
                recurrentActivation: "sigmoid",
                states: ["h", "c"]),
        ],
    };

    /// <summary>The variables of gates.</summary>
    internal static IEnumerable<Role> Roles(IEnumerable<string> gates) =>
        gates.SelectMany(gate => new[] { Role($"W_in_to_{gate}", "(x, u)"), Role($"W_hid_to_{gate}", "(u, u)"), Role($"b_{gate}", "(u,)") });

    /// <summary>A gate as arrays.</summary>
    internal static Equations.Lasagne.LasagneGate GateOf(CellArrays at, string gate) => new(at[$"W_in_to_{gate}"], at[$"W_hid_to_{gate}"], at[$"b_{gate}"]);

    /// <summary>The variables that hold the state before the first step: where they are zero, as they are until they are trained, a Keras layer starts from them.</summary>
    internal static IReadOnlyList<string> States(BoundCell cell) => [.. cell.Variables.Keys.Where(role => role.EndsWith("_init", StringComparison.Ordinal))];

    /// <summary>Why the state before the first step keeps it out of Keras, or null.</summary>
    internal static string? Starts(BoundCell cell) => States(cell).Where(role => cell.Variables[role].ToDoubles().Any(value => value != 0)).ToArray() is [_, ..] trained
        ? $"it starts from numbers of its own ({string.Join(", ", trained.Select(role => cell.Variables[role].Name))}), which the weights of a Keras layer do not hold. To start from zeros, or to give them as initial_state: --exclude '*_init'"
        : null;
}
