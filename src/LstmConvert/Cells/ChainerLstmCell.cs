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
/// Keras: LSTM. Read as <c>(u, 4x)</c> a matrix has the gates beside each other.
/// </summary>
internal static class ChainerLstmCell
{
    private const string Gates = "aifo";

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
                Optional("peep_i/W", "(u, u)", ""),
                Optional("peep_f/W", "(u, u)", ""),
                Optional("peep_o/W", "(u, u)", ""),
            ],
            States = [new("c", 'u'), new("h", 'u')],
            Facts =
            [
                Zoneout,
                .. PlainLstmFacts,
            ],
            Fixed = PlainLstm,
            Equations = at => new Equations.Chainer.Lstm(at["upward/W"], at.Optional("upward/b"), at["lateral/W"]),
            Obstacle = cell =>
                cell.Variables.Keys.FirstOrDefault(role => role.StartsWith("peep_", StringComparison.Ordinal)) is { } peephole
                    ? $"peepholes that are whole matrices ({peephole}): each gate sees every unit's state, which neither a layer of Keras nor one of ours has"
                : cell[Zoneout].Truth == true
                    ? $"{cell.Find(Zoneout.Name)}: it mixes its old states into the new ones, which neither a layer of Keras nor one of ours does"
                : null,
            ToKeras = cell =>
                [
                    Lstm.Of(
                        kernel: Columns(From("upward/W").AsShape("(u, 4x)")),
                        recurrentKernel: Columns(From("lateral/W").AsShape("(u, 4u)")),
                        bias: cell.Has("upward/b")
                            ? Beside([.. "ifao".Select(gate => From("upward/b").AsShape("(u, 4)").Gate($"{gate}", Gates).AsShape("(u,)"))])
                            : null,
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h", "c"]),
                ],
        };

    private static Derivation Columns(Derivation byUnit) => Beside([.. "ifao".Select(gate => byUnit.Gate($"{gate}", Gates).Transposed())]);
}
