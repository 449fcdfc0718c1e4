using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using LstmConvert.Tensors;
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
/// Keras: LSTM. Release 0.1 adds the output's peephole behind the logistic function, which no layer has; the code after it (0.2.dev1)
/// inside, which our own ExtendedLSTMCell does.
/// </summary>
internal static class LasagneLstmCell
{
    private static readonly string[] Gates = ["ingate", "forgetgate", "cell", "outgate"];
    private static readonly string[] Peepholes = ["W_cell_to_ingate", "W_cell_to_forgetgate", "W_cell_to_outgate"];

    private static readonly ChoiceFact OutputPeephole = new ChoiceFact("output_peephole", ["behind", "inside"])
    {
        Meaning = "whether the output's peephole is added behind the logistic function, as release 0.1 does, or inside, as 0.2.dev1 does",
        OnlyWith = Peepholes[2],
    }.By("behind");

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("lasagne.LSTMLayer")
        {
            Variables =
            [
                .. Roles(Gates),
                .. Peepholes.Select(role => Optional(role, "(u,)", "")),
                Optional("cell_init", "(1, u)", ""),
                Optional("hid_init", "(1, u)", ""),
            ],
            States = [new("c", 'u'), new("h", 'u')],
            Facts =
            [
                OutputPeephole,
                .. PlainLstmFacts,
            ],
            Fixed = PlainLstm,
            Equations = at => new Equations.Lasagne.Lstm([.. Gates.Select(gate => GateOf(at, gate))])
            {
                Peepholes = at.Optional(Peepholes[0]) is { } input ? (input, at[Peepholes[1]], at[Peepholes[2]]) : null,
                SeesInside = IsInside(at.Cell),
            },
            Obstacle = cell =>
                Peepholes.Any(cell.Has) && !IsInside(cell)
                    ? $"peepholes, and {cell.Find(OutputPeephole.Name)}: the output gate's is added behind the logistic function, which neither a layer of Keras nor one of ours does"
                    : Starts(cell),
            WaysOut = cell =>
                Peepholes.Any(cell.Has) && !IsInside(cell)
                    ? [new SayFactRemedy(cell.Scope, OutputPeephole.Name, "inside")]
                    : StartFromZeros(cell),
            Unread = States,
            ToKeras = cell =>
                Peepholes.Any(cell.Has)
                    ?
                    [
                        ExtendedLstmCell.Of(
                            Recipe(cell) with
                            {
                                Peepholes = (From(Peepholes[0]), From(Peepholes[1]), From(Peepholes[2])),
                            },
                            states: ["h", "c"]),
                    ]
                : [Lstm.Of(Recipe(cell), states: ["h", "c"])],
        };

    /// <summary>The variables of gates.</summary>
    internal static IEnumerable<Role> Roles(IEnumerable<string> gates) =>
        gates.SelectMany(gate =>
            new[] { Role($"W_in_to_{gate}", "(x, u)"), Role($"W_hid_to_{gate}", "(u, u)"), Role($"b_{gate}", "(u,)") });

    /// <summary>A gate as arrays.</summary>
    internal static Equations.Lasagne.LasagneGate GateOf(CellArrays at, string gate) =>
        new(at[$"W_in_to_{gate}"], at[$"W_hid_to_{gate}"], at[$"b_{gate}"]);

    /// <summary>The variables that hold the state before the first step: where they are zero, as they are until they are trained, a Keras
    /// layer starts from them.</summary>
    internal static IReadOnlyList<string> States(BoundCell cell) =>
        [.. cell.Variables.Keys.Where(role => role.EndsWith("_init", StringComparison.Ordinal))];

    /// <summary>Why the state before the first step keeps it out of Keras, or null.</summary>
    internal static string? Starts(BoundCell cell) =>
        Trained(cell) is [_, ..] trained
            ? $"it starts from numbers of its own ({string.Join(", ", trained)}), which the weights of a Keras layer do not hold. Left out, the layer starts from zeros, or from what its initial_state is given"
            : null;

    /// <summary>To leave them out.</summary>
    internal static IReadOnlyList<Remedy> StartFromZeros(BoundCell cell) =>
        Trained(cell) is [_, ..] trained ? [new LeaveOutRemedy(trained)] : [];

    private static bool IsInside(BoundCell cell) => cell.Find(OutputPeephole.Name)?.Value.Text == "inside";

    private static ExtendedLstmRecipe Recipe(BoundCell cell) =>
        new(Ordered("W_in_to_"), Ordered("W_hid_to_"), cell.Units, "tanh", "sigmoid") { Bias = Ordered("b_") };

    private static Derivation Ordered(string role) => Beside([.. Gates.Select(gate => From(role + gate))]);

    private static string[] Trained(BoundCell cell) =>
        [
            .. States(cell)
                .Select(role => cell.Variables[role])
                .Where(state => state.ToDoubles().Any(value => value != 0))
                .Select(state => state.Name),
        ];
}
