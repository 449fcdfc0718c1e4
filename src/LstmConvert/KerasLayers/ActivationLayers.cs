using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's activations that are layers of their own, with arguments (keras 3.15.1 src/layers/activations).</summary>
internal static class ActivationLayers
{
    private static readonly ArgumentDefinition MaxValue = new("max_value", FactValue.None);
    private static readonly ArgumentDefinition NegativeSlope = new("negative_slope", FactValue.Of(0.0));
    private static readonly ArgumentDefinition Threshold = new("threshold", FactValue.Of(0.0));
    private static readonly ArgumentDefinition Alpha = new("alpha", FactValue.Of(1.0));
    private static readonly ArgumentDefinition LeakySlope = new("negative_slope", FactValue.Of(0.3))
    {
        NameInKeras1 = "alpha",
        NameInBrowser = "alpha",
    };
    private static readonly ArgumentDefinition Theta = new("theta", FactValue.Of(1.0));
    private static readonly ArgumentDefinition Axis = new("axis", FactValue.Of(-1)) { IsOneOfList = true, Honours = value => value.Number is not null };
    private static readonly ArgumentDefinition SharedAxes = new("shared_axes", FactValue.None);

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } =
    [
        Of("ReLU", [MaxValue, NegativeSlope, Threshold], (use, x) =>
            Activations.Rectified(x, use[MaxValue.Name].Number, Number(use, NegativeSlope), Number(use, Threshold))) with
        {
            AsActivation = use => Named(
                ActivationSettings.Relu,
                use[MaxValue.Name].Number ?? double.PositiveInfinity,
                Number(use, NegativeSlope),
                Number(use, Threshold)),
            BrowserRefusal = (use, _) =>
                Number(use, NegativeSlope) != 0 || Number(use, Threshold) != 0 ? "TensorFlow.js has no slope and no threshold there" : null,
        },
        Of("LeakyReLU", [LeakySlope], (use, x) => Activations.Rectified(x, null, Number(use, LeakySlope), 0)) with
        {
            AsActivation = use => Named(ActivationSettings.LeakyRelu, Number(use, LeakySlope)),
        },
        Of("ELU", [Alpha], (use, x) => Activations.Exponential1(x, Number(use, Alpha))) with
        {
            AsActivation = use => Named(ActivationSettings.Elu, Number(use, Alpha)),
            BrowserRefusal = (use, _) => Number(use, Alpha) != 1 ? "TensorFlow.js has no alpha but 1 there" : null,
        },
        Of("Softmax", [Axis], (use, x) => Shapes.OnAxes(x, [(int)Number(use, Axis)], Activations.Softmax.Keras)) with
        {
            AsActivation = use => Number(use, Axis) == -1 ? Activations.Softmax : null,
        },
        Of("ThresholdedReLU", [Theta], (use, x) => NumericArray.WherePositive(x - Number(use, Theta), x, x * 0)) with
        {
            Refusal = _ => "Keras 3 has no such layer",
        },
        Of("PReLU", [SharedAxes], (use, x) => x.Max(0) + (x.Min(0) * use.Weights[0])) with
        {
            Weights = use => [new("alpha", AlphaShape(use))],
            IsNamed = true,
        },
    ];

    /// <summary>The layer that is an activation with settings, which Keras knows by no name; null for any other name.</summary>
    /// <param name="name">The activation's name.</param>
    public static KerasUse? Of(string name) => ActivationSettings.Parse(name) switch
    {
        { Family: ActivationSettings.LeakyRelu, Numbers: [var slope] } => Of("LeakyReLU", (LeakySlope, slope)),
        { Family: ActivationSettings.Elu, Numbers: [var alpha] } => Of("ELU", (Alpha, alpha)),
        { Family: ActivationSettings.Relu, Numbers: [double.PositiveInfinity, var slope, var threshold] } =>
            Of("ReLU", (NegativeSlope, slope), (Threshold, threshold)),
        { Family: ActivationSettings.Relu, Numbers: [var largest, var slope, var threshold] } =>
            Of("ReLU", (MaxValue, largest), (NegativeSlope, slope), (Threshold, threshold)),
        _ => null,
    };

    private static KerasUse Of(string className, params IEnumerable<(ArgumentDefinition Argument, double Value)> arguments) =>
        new(
            Definitions.First(layer => layer.ClassName == className),
            arguments.ToDictionary(pair => pair.Argument.Name, pair => FactValue.Of(pair.Value), StringComparer.Ordinal));

    private static KerasLayer Of(
        string className,
        IReadOnlyList<ArgumentDefinition> arguments,
        Func<KerasUse, NumericArray, NumericArray> compute) =>
        new(className)
        {
            Arguments = arguments,
            KeepsMask = true,
            Run = (use, inputs) => CallResult.Of(inputs.Inputs[0] with { Data = compute(use, inputs.Inputs[0].Data) }),
        };

    /// <summary>A slope for each number of a sample, or one along each shared axis: the lengths follow from the inputs.</summary>
    private static string AlphaShape(KerasUse use) =>
        Numbers.List(use[SharedAxes.Name]) is [1] ? "(1, x)"
        : Numbers.List(use[SharedAxes.Name]) is [1, 2] ? "(1, 1, x)"
        : (use.Stored is [var stored, ..] ? stored.Shape.Rank : 1) switch
        {
            2 => "(y, x)",
            3 => "(z, y, x)",
            _ => "(x,)",
        };

    private static double Number(KerasUse use, ArgumentDefinition argument) => use[argument.Name].Number ?? 0;

    private static Activation Named(string family, params IReadOnlyList<double> numbers) =>
        new ActivationSettings(family, numbers).Activation!;
}
