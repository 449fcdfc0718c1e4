using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// chainer.links.LSTM and StatelessLSTM (chainer v7.8.1 functions/rnn/lstm.py, _extract_gates).
/// <code>
/// upward/W (4u, x)   upward/b (4u,)   lateral/W (4u, u)   rows a i f o of the first unit, then of the second …; the forget bias is in the bias
/// peep_{i,f,o}/W (u, u)   of StatefulPeepholeLSTM: whole matrices
/// </code>
/// Keras: LSTM, and our own ExtendedLSTMCell for the peepholes. Read as <c>(u, 4x)</c> a matrix has the gates beside each other.
/// </summary>
internal static class ChainerLstmCell
{
    private const string Gates = "aifo";

    private static readonly string[] Peepholes = ["peep_i/W", "peep_f/W", "peep_o/W"];

    private static readonly TruthFact Zoneout = new TruthFact("zoneout")
    {
        Neutral = FactValue.Of(false),
        Meaning = "whether it is a StatefulZoneoutLSTM, whose variables are the same and which mixes its old states into the new ones",
    }.By(false);

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("chainer.links.LSTM")
        {
            AlsoKnownAs = ["chainer.links.StatelessLSTM"],
            Variables =
            [
                Role("upward/W", "(4u, x)"),
                Optional("upward/b", "(4u,)"),
                Role("lateral/W", "(4u, u)"),
                .. Peepholes.Select(role => Optional(role, "(u, u)", "")),
            ],
            Together = [Peepholes],
            States = [new("c", 'u'), new("h", 'u')],
            Facts =
            [
                Zoneout,
                .. PlainLstmFacts,
            ],
            Fixed = PlainLstm,
            Equations = at => new Equations.Chainer.Lstm(at["upward/W"], at.Optional("upward/b"), at["lateral/W"])
            {
                Peepholes = at.Optional(Peepholes[0]) is { } input ? (input, at[Peepholes[1]], at[Peepholes[2]]) : null,
            },
            Obstacle = cell =>
                Peepholes.Count(cell.Has) is 1 or 2
                    ? $"of its three peepholes {string.Join(" and ", Peepholes.Where(role => !cell.Has(role)))}"
                        + $" {(Peepholes.Count(cell.Has) == 2 ? "is" : "are")} missing"
                : cell[Zoneout].Truth == true
                    ? $"{cell.Find(Zoneout.Name)}: it mixes its old states into the new ones, which neither a layer of Keras nor one of ours does"
                : null,
            ToKeras = cell =>
            {
                var (kernel, recurrentKernel) = (
                    Columns(From("upward/W").AsShape("(u, 4x)")),
                    Columns(From("lateral/W").AsShape("(u, 4u)")));
                var bias = cell.Has("upward/b")
                    ? Beside([.. "ifao".Select(gate => From("upward/b").AsShape("(u, 4)").Gate($"{gate}", Gates).AsShape("(u,)"))])
                    : null;
                return cell.Has(Peepholes[0])
                    ?
                    [
                        ExtendedLstmCell.Of(
                            new(kernel, recurrentKernel, cell.Units, "tanh", "sigmoid")
                            {
                                Bias = bias,
                                Peepholes = (Peephole(0), Peephole(1), Peephole(2)),
                                HasFullPeepholes = true,
                            },
                            states: ["h", "c"]),
                    ]
                    : [Lstm.Of(kernel, recurrentKernel, bias, cell.Units, "tanh", "sigmoid", states: ["h", "c"])];
            },
        };

    private static Derivation Peephole(int k) => From(Peepholes[k]).Transposed();

    private static Derivation Columns(Derivation byUnit) => Beside([.. "ifao".Select(gate => byUnit.Gate($"{gate}", Gates).Transposed())]);
}
