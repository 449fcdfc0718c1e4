using System.Globalization;

namespace LstmConvert.Equations;

/// <summary>
/// An activation with settings, by its name: <c>leaky_relu(0.1)</c> slope · <c>elu(0.6)</c> alpha · <c>relu(1.5,0.1,0)</c> largest value
/// (<c>inf</c> for none), slope, threshold. Keras has layers in place of such names, and takes a layer as an activation.
/// </summary>
/// <param name="Family">The name before the parenthesis.</param>
/// <param name="Numbers">The numbers in it.</param>
internal sealed record ActivationSettings(string Family, IReadOnlyList<double> Numbers)
{
    /// <summary>The rectifier with a slope below zero.</summary>
    public const string LeakyRelu = "leaky_relu";

    /// <summary>The exponential unit.</summary>
    public const string Elu = "elu";

    /// <summary>The rectifier with a largest value, a slope and a threshold.</summary>
    public const string Relu = "relu";

    /// <summary>The activation; null where the numbers do not fit.</summary>
    public Activation? Activation => (Family, Numbers) switch
    {
        (LeakyRelu, [var slope]) => Activations.LeakyReluOf(slope),
        (Elu, [1]) => Activations.Elu,
        (Elu, [var alpha]) => Activations.WithSettings(Name, x => Activations.Exponential1(x, alpha)),
        (Relu, [double.PositiveInfinity, 0, 0]) => Activations.Relu,
        (Relu, [double.PositiveInfinity, var slope, 0]) => Activations.LeakyReluOf(slope),
        (Relu, [var largest, var slope, var threshold]) => Activations.WithSettings(
            Name, x => Activations.Rectified(x, double.IsPositiveInfinity(largest) ? null : largest, slope, threshold)),
        _ => null,
    };

    private string Name => $"{Family}({string.Join(',', Numbers.Select(Text))})";

    private static string Text(double number) =>
        double.IsPositiveInfinity(number) ? "inf" : number.ToString("r", CultureInfo.InvariantCulture);

    /// <summary>Reads a name; null where it is none with settings.</summary>
    /// <param name="name">The name.</param>
    public static ActivationSettings? Parse(string name)
    {
        var begin = name.IndexOf('(', StringComparison.Ordinal);
        if (begin < 0 || !name.EndsWith(')'))
        {
            return null;
        }

        var numbers = new List<double>();
        foreach (var part in name[(begin + 1)..^1].Split(','))
        {
            if (part == "inf")
            {
                numbers.Add(double.PositiveInfinity);
            }
            else if (double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            {
                numbers.Add(number);
            }
            else
            {
                return null;
            }
        }

        return new ActivationSettings(name[..begin].ToLowerInvariant(), numbers);
    }
}
