using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's BatchNormalization and LayerNormalization in prediction (keras 3.15.1 src/layers/normalization).
/// <code>
/// gamma (x,)   beta (x,)   moving_mean (x,)   moving_variance (x,)      y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
/// </code>
/// A LayerNormalization takes mean and variance from each sample's own numbers along its axes.
/// </summary>
internal static class Normalizations
{
    private const double DefaultEpsilon = 1e-3;

    private static readonly ArgumentDefinition Axis = new("axis", FactValue.Of(-1)) { IsOneOfList = true };
    private static readonly ArgumentDefinition Epsilon = new("epsilon", FactValue.Of(DefaultEpsilon));
    private static readonly ArgumentDefinition Center = new("center", FactValue.Of(true));
    private static readonly ArgumentDefinition Scale = new("scale", FactValue.Of(true));
    private static readonly ArgumentDefinition RmsScaling = new("rms_scaling", FactValue.Of(false))
    {
        LeftOutIf = FactValue.Of(false),
        Honours = value => value.Truth != true,
    };

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } =
    [
        new("BatchNormalization")
        {
            Weights = use =>
                [
                    .. Own(use, "(x,)"),
                    new("moving_mean", "(x,)") { IsTrainable = false },
                    new("moving_variance", "(x,)") { IsTrainable = false },
                ],
            Arguments = [Axis, Epsilon, Center, Scale],
            Run = RunBatch,
            IsNamed = true,
        },
        new("LayerNormalization")
        {
            Weights = use => [.. Own(use, Axes(use) is { Length: 2 } ? "(y, x)" : "(x,)")],
            Arguments = [Axis, Epsilon, Center, Scale, RmsScaling],
            Run = RunLayer,
            IsNamed = true,
        },
    ];

    private static IEnumerable<WeightDefinition> Own(KerasUse use, string shape) =>
        [
            .. use.Is(Scale.Name) ? [new WeightDefinition("gamma", shape)] : Enumerable.Empty<WeightDefinition>(),
            .. use.Is(Center.Name) ? [new WeightDefinition("beta", shape)] : Enumerable.Empty<WeightDefinition>(),
        ];

    private static int[] Axes(KerasUse use) => Numbers.List(use[Axis.Name]) ?? [(int)(use[Axis.Name].Number ?? -1)];

    private static (NumericArray? Gamma, NumericArray? Beta, IReadOnlyList<NumericArray> Moving) Split(KerasUse use)
    {
        var own = use.Weights.ToList();
        var gamma = use.Is(Scale.Name) ? own[0] : null;
        var beta = use.Is(Center.Name) ? own[gamma is null ? 0 : 1] : null;
        return (gamma, beta, [.. own.Skip((gamma is null ? 0 : 1) + (beta is null ? 0 : 1))]);
    }

    private static CallResult RunBatch(KerasUse use, CallInputs inputs)
    {
        var (value, (gamma, beta, rest)) = (inputs.Inputs[0], Split(use));
        if (Axes(use) is not [var axis])
        {
            throw new UnsupportedModelException($"{use.ClassName} has axis={use[Axis.Name]}, which is not known to compute.");
        }

        axis = axis < 0 ? axis + value.Data.Rank : axis;
        var order = Enumerable.Range(0, value.Data.Rank).Where(one => one != axis).Append(axis).ToArray();
        var x = axis == value.Data.Rank - 1 ? value.Data : Shapes.Permuted(value.Data, order);
        var factor = 1 / (rest[1] + (use[Epsilon.Name].Number ?? DefaultEpsilon)).Sqrt();
        var y = (x - rest[0]) * (gamma is null ? factor : factor * gamma);
        y = beta is null ? y : y + beta;
        return CallResult.Of(
            value with
            {
                Data =
                    axis == value.Data.Rank - 1
                        ? y
                        : Shapes.Permuted(y, [.. Enumerable.Range(0, y.Rank).Select(one => Array.IndexOf(order, one))]),
            });
    }

    private static CallResult RunLayer(KerasUse use, CallInputs inputs)
    {
        var (value, (gamma, beta, _)) = (inputs.Inputs[0], Split(use));
        var x = value.Data;
        var axes = Axes(use).Select(axis => axis < 0 ? axis + x.Rank : axis).Order().ToArray();
        if (!axes.SequenceEqual(Enumerable.Range(x.Rank - axes.Length, axes.Length)))
        {
            throw new UnsupportedModelException($"{use.ClassName} has axis={use[Axis.Name]}, and only the last axes are known to compute.");
        }

        var width = axes.Aggregate(1, (product, axis) => product * x.Dimensions[axis]);
        var rows = x.Reshape(x.Count / width, width);
        var centred = rows - rows.Mean();
        var y = centred / ((centred * centred).Mean() + (use[Epsilon.Name].Number ?? DefaultEpsilon)).Sqrt();
        y = gamma is null ? y : y * gamma.Reshape(width);
        y = beta is null ? y : y + beta.Reshape(width);
        return CallResult.Of(value with { Data = y.Reshape([.. x.Dimensions]) });
    }
}
