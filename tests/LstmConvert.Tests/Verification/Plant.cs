using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Verification;

/// <summary>A layer with a mistake, and what undoes it, in the words of a verdict.</summary>
internal sealed record Planted(KerasUse Use, string Truth);

/// <summary>
/// Mistakes as people make them, written on plain numbers: nothing of what undoes them is used here. Kinds stand in the order in which two
/// of them are made: what is said of a
/// layer, then numbers, then blocks, then whole matrices.
/// </summary>
internal static class Plant
{
    private static readonly string[] Functions =
    [
        "tanh",
        "relu",
        "sigmoid",
        "linear",
        "softsign",
        "elu",
        "hard_sigmoid",
        "swish",
        "softplus",
    ];
    private static readonly string[] GateFunctions = ["sigmoid", "hard_sigmoid", "tanh", "linear", "softsign"];

    /// <summary>Every kind; null where a layer has nothing to be mistaken.</summary>
    public static IReadOnlyList<(string Kind, Func<KerasUse, Random, Planted?> Make)> Kinds { get; } =
    [
        ("direction", (use, _) =>
            use.IsBackward ? new(use.Forward(), "the direction backward") : new(use.Backward(), "the direction forward")),
        ("recurrent_activation", (use, random) =>
            Gates(use).Length == 0 ? null : Other(use, "recurrent_activation", GateFunctions, random)),
        ("activation", (use, random) => Other(use, "activation", Functions, random)),
        ("reset_after", ResetAfter),
        ("update sign", (use, _) =>
            Gates(use).Length != 3
                ? null
                : new(Blocks(use, blocks => [Map(blocks[0], value => -value), blocks[1], blocks[2]]), "update gate with the other sign")),
        ("forget bias", ForgetBias),
        ("transposed recurrent kernel", (use, _) =>
            IsExtended(use) || use.Units < 2
                ? null
                : new(
                    use with
                    {
                        Weights =
                        [
                            use.Weights[0],
                            Side(Split(use.Weights[1], Math.Max(1, Gates(use).Length)).Select(Turned)),
                            .. use.Weights.Skip(2),
                        ],
                    },
                    "recurrent kernel transposed")),
        ("gate order", Order),
        ("peephole order", PeepholeOrder),
        ("peepholes lost", (use, _) =>
            Peepholes(use) is not { } at
                ? null
                : new(
                    use with
                    {
                        Weights =
                        [
                            .. use.Weights.Take(at),
                            .. use.Weights.Skip(at).Take(3).Select(weight => Map(weight, _ => 0)),
                            .. use.Weights.Skip(at + 3),
                        ],
                    },
                    "w_f_diag")),
        ("clip lost", (use, _) =>
            use.Inner is not [var cell] || cell["cell_clip"].IsNone
                ? null
                : new(use with { Inner = [cell.With("cell_clip", FactValue.None)] }, "cell_clip left out")),
        ("interleaved columns", (use, _) =>
            IsExtended(use) || Gates(use).Length == 0 || use.Units < 2
                ? null
                : new(
                    use with
                    {
                        Weights = [.. use.Weights.Select(weight => Interleaved(weight, Gates(use).Length))],
                    },
                    "columns taken unit by unit")),
        ("rows exchanged", (use, random) => IsExtended(use) ? null : RowsExchanged(use, random)),
        ("axes exchanged", (use, _) =>
            IsExtended(use) || use.Weights[0].RowCount < 2
                ? null
                : new(use with { Weights = [FromOtherAxes(use.Weights[0]), .. use.Weights.Skip(1)] }, "the kernel's axes exchanged")),
        ("bias lost", (use, _) =>
            use.Weights is not [var kernel, var recurrent, var bias] || IsExtended(use)
                ? null
                : new(use with { Weights = [kernel, recurrent, Map(bias, _ => 0)] }, " bias left out")),
    ];

    private static string Gates(KerasUse use) => use.ClassName switch
    {
        "RNN" => "ifgo",
        "LSTM" => "ifco",
        "GRU" => "zrh",
        _ => "",
    };

    private static Planted Other(KerasUse use, string argument, string[] names, Random random)
    {
        var at = use.Inner is [var cell] ? cell : use;
        var own = at.ActivationName(argument);
        string[] others = [.. names.Where(name => name != own)];
        var other = at.With(argument, FactValue.Of(others[random.Next(others.Length)]));
        return new(use.Inner.Count == 1 ? use with { Inner = [other] } : other, $" {argument}={own} ");
    }

    private static Planted? ForgetBias(KerasUse use, Random random)
    {
        if (Gates(use).Length != 4 || use.Weights.Count < 3 || use.Weights[2].Rank != 1)
        {
            return null;
        }

        var plus = random.Next(4) switch
        {
            0 => 1.0,
            1 => -1.0,
            _ when IsExtended(use) => 1.0,
            _ => Math.Round((4 * random.NextDouble()) - 2, 2),
        };
        var text = string.Create(CultureInfo.InvariantCulture, $"forget bias {Math.Abs(plus):g6} {(plus < 0 ? "added" : "taken away")}");
        return plus == 0
            ? null
            : new(
                use with
                {
                    Weights =
                    [
                        use.Weights[0],
                        use.Weights[1],
                        Side(Split(use.Weights[2], 4).Select((block, k) => k == 1 ? Map(block, value => value + plus) : block)),
                        .. use.Weights.Skip(3),
                    ],
                },
                text);
    }

    private static Planted? ResetAfter(KerasUse use, Random random)
    {
        if (use.ClassName != "GRU" || use.Is("reset_after"))
        {
            return null;
        }

        var flipped = use.With("reset_after", FactValue.Of(true));
        return new(
            use.Weights.Count < 3
                ? flipped
                : flipped with
                {
                    Weights =
                    [
                        use.Weights[0],
                        use.Weights[1],
                        Of([.. use.Weights[2].ToDoubles(), .. new double[use.Weights[2].Count]], 2, use.Weights[2].Count),
                    ],
                },
            "reset_after=False");
    }

    private static Planted? Order(KerasUse use, Random random)
    {
        var gates = Gates(use);
        if (gates.Length == 0)
        {
            return null;
        }

        char[] order = [.. gates];
        do
        {
            random.Shuffle(order);
        }
        while (order.AsSpan().SequenceEqual(gates));

        return new(
            Blocks(use, blocks => [.. order.Select(gate => blocks[gates.IndexOf(gate, StringComparison.Ordinal)])]),
            $"gates taken as {string.Join(' ', order)}");
    }

    private static bool IsExtended(KerasUse use) => use.Inner.Count == 1;

    private static int? Peepholes(KerasUse use) =>
        use.Inner is [var cell]
        && cell.WeightDefinitions.Index().Where(one => one.Item.Name == "w_i").Select(one => (int?)one.Index).FirstOrDefault() is { } at
            ? at
            : null;

    private static Planted? PeepholeOrder(KerasUse use, Random random)
    {
        if (Peepholes(use) is not { } at)
        {
            return null;
        }

        string[] orders = ["iof", "fio", "foi", "oif", "ofi"];
        var order = orders[random.Next(orders.Length)];
        return new(
            use with
            {
                Weights =
                [
                    .. use.Weights.Take(at),
                    .. order.Select(gate => use.Weights[at + "ifo".IndexOf(gate, StringComparison.Ordinal)]),
                    .. use.Weights.Skip(at + 3),
                ],
            },
            $"peepholes taken as {string.Join(' ', order.ToCharArray())}");
    }

    private static Planted? RowsExchanged(KerasUse use, Random random)
    {
        // The state's rows came first, as the reader thought.
        var (x, h) = (use.Weights[0].RowCount, use.Weights[1].RowCount);
        var width = use.Weights[0].Width;
        double[] joint = [.. use.Weights[0].ToDoubles(), .. use.Weights[1].ToDoubles()];
        return new(
            use with
            {
                Weights = [Of(joint[(h * width)..], x, width), Of(joint[..(h * width)], h, width), .. use.Weights.Skip(2)],
            },
            "the state's rows behind the input's");
    }

    private static KerasUse Blocks(KerasUse use, Func<NumericArray[], NumericArray[]> change) =>
        use with
        {
            Weights = [.. use.Weights.Select((weight, k) => k < 3 ? Side(change(Split(weight, Gates(use).Length))) : weight)],
        };

    /// <summary>The numbers column by column, taken for row by row.</summary>
    private static NumericArray FromOtherAxes(NumericArray weight) => Of(Turned(weight).ToDoubles(), [.. weight.Dimensions]);

    private static NumericArray Interleaved(NumericArray weight, int gates)
    {
        var (columns, units) = (Columns(weight), Columns(weight).Length / gates);
        return FromColumns(
            weight,
            [.. Enumerable.Range(0, units).SelectMany(unit => Enumerable.Range(0, gates).Select(gate => columns[(gate * units) + unit]))]);
    }

    private static NumericArray[] Split(NumericArray weight, int blocks)
    {
        var columns = Columns(weight);
        return [.. columns.Chunk(columns.Length / blocks).Select(some => FromColumns(weight, some))];
    }

    private static NumericArray Side(IEnumerable<NumericArray> blocks) =>
        blocks.ToArray() is var all ? FromColumns(all[0], [.. all.SelectMany(Columns)]) : null!;

    private static NumericArray Turned(NumericArray weight)
    {
        var columns = Columns(weight);
        return Of([.. columns.SelectMany(column => column)], columns.Length, columns[0].Length);
    }

    private static double[][] Columns(NumericArray weight)
    {
        var (values, width) = (weight.ToDoubles(), weight.Dimensions[^1]);
        return
        [
            .. Enumerable
                .Range(0, width)
                .Select(column => Enumerable.Range(0, values.Length / width).Select(row => values[(row * width) + column]).ToArray()),
        ];
    }

    private static NumericArray FromColumns(NumericArray like, double[][] columns)
    {
        double[] values = [.. Enumerable.Range(0, columns[0].Length).SelectMany(row => columns.Select(column => column[row]))];
        return like.Rank == 1 ? Of(values, values.Length) : Of(values, columns[0].Length, columns.Length);
    }

    private static NumericArray Map(NumericArray weight, Func<double, double> change) =>
        Of(Array.ConvertAll(weight.ToDoubles(), value => change(value)), [.. weight.Dimensions]);

    private static NumericArray Of(double[] values, params int[] shape) => NumericArray.From(values, Precision.Double, shape);
}
