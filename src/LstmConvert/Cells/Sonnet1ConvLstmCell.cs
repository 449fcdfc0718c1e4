using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// Conv1DLSTM, Conv2DLSTM and Conv3DLSTM of Sonnet 1 (deepmind/sonnet v1.36 sonnet/python/modules/gated_rnn.py:820-1250): a convolution of
/// the input and one of the state.
/// <code>
/// conv/w (k, …, x, 4u)   conv_1/w (k, …, u, 4u)   channels i j f o; the forget bias is added at run time
/// conv/b, conv_1/b (4u,)   the second one with legacy_bias_behaviour only, which is the default
/// </code>
/// Keras: ConvLSTM1D, ConvLSTM2D, ConvLSTM3D with both biases and the forget bias in one; steps of one and padding <c>same</c>.
/// </summary>
internal static class Sonnet1ConvLstmCell
{
    private const string Kernel = "conv/w";
    private const string Recurrent = "conv_1/w";

    private static readonly string[] Biases = ["conv/b", "conv_1/b"];

    /// <summary>The definitions for the catalog, by the number of axes that are convolved.</summary>
    public static IReadOnlyList<Cell> Definitions { get; } = [Of(1), Of(2), Of(3)];

    private static Cell Of(int axes)
    {
        var lengths = string.Join(", ", "klm".Take(axes));
        var images = ConvLstmCell.Lengths[..axes];
        return new($"Sonnet1Conv{axes}DLSTM")
        {
            Scopes = [$"conv_{axes}d_lstm"],
            Variables =
            [
                Role(Kernel, $"({lengths}, x, 4u)"),
                Role(Recurrent, $"({lengths}, u, 4u)"),
                .. Biases.Select(bias => Optional(bias, "(4u,)")),
            ],
            Gates = "ijfo",
            States = [new("h", 'u'), new("c", 'u')],
            ImageLengths = images,
            NeedsScope = true,
            IsProposed = false,
            Facts = [ForgetBias.By(1), .. images],
            Graph =
            [
                $"i, j, f, o = split(x conv {Kernel} + {Biases[0]}? + h conv {Recurrent} + {Biases[1]}?);"
                    + "c = sigmoid(f + forget_bias)*c + sigmoid(i)*tanh(j); h = sigmoid(o)*tanh(c)",
            ],
            Obstacle = ConvLstmCell.Obstacle,
            Equations = at => new Equations.Sonnet1.ConvLstm(at[Kernel], at[Recurrent], at[ForgetBias])
            {
                Biases = [.. Biases.Select(at.Optional).OfType<Arrays.NumericArray>()],
            },
            ToKeras = cell =>
            [
                ConvLstms.Of(
                    From(Kernel).Gates("ijfo", "ifjo").AsShape($"({lengths}, x, 4u)"),
                    From(Recurrent).Gates("ijfo", "ifjo").AsShape($"({lengths}, u, 4u)"),
                    Bias(cell).Plus(ForgetBias.Name, "f", "ijfo").Gates("ijfo", "ifjo"),
                    cell.Units,
                    [.. "klm".Take(axes).Select(letter => (int)cell.Sizes[letter])],
                    states: ["h", "c"]),
            ],
        };
    }

    private static Layouts.Derivation Bias(BoundCell cell) => Biases.Where(cell.Has).ToArray() switch
    {
        [var input, var state] => Sum(From(input), From(state)),
        [var only] => From(only),
        _ => Zero("(4u,)"),
    };
}
