using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// ConvLSTMCell with its Conv1DLSTMCell, Conv2DLSTMCell and Conv3DLSTMCell (tensorflow v1.15.5
/// contrib/rnn/python/ops/rnn_cell.py:2067-2245; Shi et al. 2015).
/// <code>
/// kernel (k, …, x+u, 4u)   channels x then h; columns i j f o      biases (4u,)   the forget bias is added at run time
/// </code>
/// Keras: ConvLSTM1D, ConvLSTM2D, ConvLSTM3D with columns i f c o and the forget bias in the bias; steps of one and padding <c>same</c>.
/// With skip_connection TensorFlow's own loop does not run: the state that it carries is wider than the one it starts from.
/// </summary>
internal static class ConvLstmCell
{
    private const string Kernel = "kernel";
    private const string Biases = "biases";

    /// <summary>The lengths of an image: no number depends on them, but Keras builds its layer for one size.</summary>
    internal static readonly FactDefinition[] Lengths =
    [
        .. Enumerable
            .Range(1, 3)
            .Select(axis => new NumberFact($"length_{axis}")
            {
                Neutral = FactValue.None,
                OnlyIfShown = true,
                IsCount = true,
                Meaning = "the length of an axis of the image",
            }),
    ];

    /// <summary>The definitions for the catalog, by the number of axes that are convolved.</summary>
    public static IReadOnlyList<Cell> Definitions { get; } = [Of(1), Of(2), Of(3)];

    /// <summary>What no layer over images holds.</summary>
    internal static string? Obstacle(BoundCell cell) =>
        cell.IsBackward && cell.Find(SequenceLengths.Name) is { Value.Truth: true }
            ? "it walks rows backward within lengths of their own, and Keras masks no images"
            : null;

    private static Cell Of(int axes)
    {
        var lengths = string.Join(", ", "klm".Take(axes));
        return new($"Conv{axes}DLSTMCell")
        {
            AlsoKnownAs = ["ConvLSTMCell"],
            Scopes = [$"conv_{axes}d_lstm_cell", "conv_lstm_cell"],
            Variables = [Role(Kernel, $"({lengths}, x+u, 4u)"), Optional(Biases, "(4u,)")],
            Gates = "ijfo",
            States = [new("c", 'u'), new("h", 'u')],
            ImageLengths = Lengths[..axes],
            NeedsScope = true,
            IsProposed = false,
            Facts = [ForgetBias.By(1), .. Lengths[..axes]],
            Graph =
            [
                "i, j, f, o = split([x;h] conv kernel + biases?); c = sigmoid(f + forget_bias)*c + sigmoid(i)*tanh(j); h = sigmoid(o)*tanh(c)",
            ],
            Obstacle = Obstacle,
            GoesBack = use => ConvLstms.IsOfCell(use, axes),
            Equations = at => new Equations.TensorFlow1.ConvLstmCell(at[Kernel], at.Optional(Biases), at[ForgetBias]),
            ToKeras = cell =>
            [
                ConvLstms.Of(
                    From(Kernel).Rows("x").Gates("ijfo", "ifjo").AsShape($"({lengths}, x, 4u)"),
                    From(Kernel).Rows("u").Gates("ijfo", "ifjo").AsShape($"({lengths}, u, 4u)"),
                    (cell.Has(Biases) ? From(Biases) : Zero("(4u,)")).Plus(ForgetBias.Name, "f", "ijfo").Gates("ijfo", "ifjo"),
                    cell.Units,
                    [.. "klm".Take(axes).Select(letter => (int)cell.Sizes[letter])],
                    states: ["h", "c"]),
            ],
        };
    }
}
