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

    /// <summary>What Keras 1 takes mean and variance of: 0 is what every Keras since does.</summary>
    private static readonly ArgumentDefinition Mode = new("mode", FactValue.Of(0))
    {
        IsNeverWritten = true,
        LeftOutIf = FactValue.Of(0),
        Honours = value => value.Number is 0,
    };

    private static readonly ArgumentDefinition RmsScaling = new("rms_scaling", FactValue.Of(false))
    {
        LeftOutIf = FactValue.Of(false),
        Honours = value => value.Truth != true,
    };

    private const double SmallestSquare = 1e-12;

    private static readonly ArgumentDefinition Groups = new("groups", FactValue.Of(32));
    private static readonly ArgumentDefinition Factor = new("scale", FactValue.Of(1));
    private static readonly ArgumentDefinition Offset = new("offset", FactValue.Of(0));

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
            Arguments = [Axis, Epsilon, Center, Scale, Mode],
            Run = RunBatch,
            Refusal = use => use[Mode.Name].Number is 0 ? null
                : $"it has mode={use[Mode.Name]} of Keras 1, which takes the mean of what it gets in prediction too, and no Keras since has that",
            KeepsMask = true,
            IsNamed = true,
        },
        new("LayerNormalization")
        {
            Weights = use => [.. Own(use, Axes(use) is { Length: 2 } ? "(y, x)" : "(x,)")],
            Arguments = [Axis, Epsilon, Center, Scale, RmsScaling],
            Run = RunLayer,
            KeepsMask = true,
            IsNamed = true,
        },
        new("GroupNormalization")
        {
            Weights = use => [.. Own(use, "(x,)")],
            Arguments = [Groups, Axis, Epsilon, Center, Scale],
            Run = RunGroups,
            KeepsMask = true,
            IsNamed = true,
        },
        new("RMSNormalization")
        {
            Weights = _ => [new("scale", "(x,)")],
            Arguments = [Axis, Epsilon with { Default = FactValue.Of(1e-6) }],
            Run = RunSquares,
            KeepsMask = true,
            IsNamed = true,
        },
        new("UnitNormalization")
        {
            Arguments = [Axis],
            Run = (use, inputs) => OnOneAxis(use, inputs, OfLengthOne),
            KeepsMask = true,
        },
        new("Rescaling")
        {
            Arguments = [Factor, Offset],
            Run = (use, inputs) => CallResult.Of(inputs.Inputs[0] with
            {
                Data = (inputs.Inputs[0].Data * Row(use, Factor, inputs.Precision)) + Row(use, Offset, inputs.Precision),
            }),
            KeepsMask = true,
        },
    ];

    private static IEnumerable<WeightDefinition> Own(KerasUse use, string shape) =>
        [
            .. use.Is(Scale.Name) ? [new WeightDefinition("gamma", shape)] : Enumerable.Empty<WeightDefinition>(),
            .. use.Is(Center.Name) ? [new WeightDefinition("beta", shape)] : Enumerable.Empty<WeightDefinition>(),
        ];

    /// <summary>A number, or one for each feature.</summary>
    private static NumericArray Row(KerasUse use, ArgumentDefinition argument, Precision precision)
    {
        var value = use[argument.Name];
        if (value.Number is { } one)
        {
            return NumericArray.From([one], precision, 1);
        }

        using var document = System.Text.Json.JsonDocument.Parse(value.Text ?? "null");
        double[] numbers = document.RootElement.ValueKind == System.Text.Json.JsonValueKind.Array
            && document.RootElement.EnumerateArray().All(item => item.ValueKind == System.Text.Json.JsonValueKind.Number)
                ? [.. document.RootElement.EnumerateArray().Select(item => item.GetDouble())]
                : throw new UnsupportedModelException($"{use.ClassName} has {argument.Name}={value}, which is not known to compute.");
        return NumericArray.From(numbers, precision, numbers.Length);
    }

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
        var axes = Axes(use).Select(axis => axis < 0 ? axis + value.Data.Rank : axis).Order().ToArray();
        return CallResult.Of(value with
        {
            Data = Shapes.OnAxes(value.Data, axes, x =>
            {
                var width = x.Dimensions.Skip(x.Rank - axes.Length).Aggregate(1, (product, length) => product * length);
                var y = Centred(x.Reshape(x.Count / width, width), Number(use, Epsilon));
                y = gamma is null ? y : y * gamma.Reshape(width);
                return (beta is null ? y : y + beta.Reshape(width)).Reshape([.. x.Dimensions]);
            }),
        });
    }

    /// <summary>Each row with the mean 0 and the variance 1.</summary>
    private static NumericArray Centred(NumericArray rows, double epsilon)
    {
        var centred = rows - rows.Mean();
        return centred / ((centred * centred).Mean() + epsilon).Sqrt();
    }

    /// <summary>Groups of channels, each by mean and variance over all its places (keras 3.15.1
    /// src/layers/normalization/group_normalization.py).</summary>
    private static CallResult RunGroups(KerasUse use, CallInputs inputs)
    {
        var (value, (gamma, beta, _)) = (inputs.Inputs[0], Split(use));
        var x = value.Data;
        if (Axes(use) is not [var axis] || (axis != -1 && axis != x.Rank - 1) || Number(use, Groups) is var count && count < -1)
        {
            throw new UnsupportedModelException($"{use.ClassName} has axis={use[Axis.Name]}, and only the last axis is known to compute.");
        }

        var groups = count == -1 ? x.Width : (int)count;
        if (groups == 0 || x.Width % groups != 0)
        {
            throw new UnsupportedModelException($"{use.ClassName} has {groups} groups, and gets {x.Width} channels.");
        }

        var (places, width) = (x.Count / (x.RowCount * x.Width), x.Width / groups);
        var byGroup = Shapes.Permuted(x.Reshape(x.RowCount, places, groups, width), [0, 2, 1, 3]);
        var centred = Centred(byGroup.Reshape(x.RowCount * groups, places * width), Number(use, Epsilon));
        var y = Shapes.Permuted(centred.Reshape(x.RowCount, groups, places, width), [0, 2, 1, 3]).Reshape([.. x.Dimensions]);
        y = gamma is null ? y : y * gamma;
        return CallResult.Of(value with { Data = beta is null ? y : y + beta });
    }

    private static CallResult RunSquares(KerasUse use, CallInputs inputs) =>
        OnOneAxis(use, inputs, x => x / ((x * x).Mean() + Number(use, Epsilon)).Sqrt() * use.Weights[0]);

    private static CallResult OnOneAxis(KerasUse use, CallInputs inputs, Func<NumericArray, NumericArray> change) =>
        Axes(use) is [var axis]
            ? CallResult.Of(inputs.Inputs[0] with { Data = Shapes.OnAxes(inputs.Inputs[0].Data, [axis], change) })
            : throw new UnsupportedModelException($"{use.ClassName} has axis={use[Axis.Name]}, which is not known to compute.");

    /// <summary>Each row of the last axis with the length 1 (keras 3.15.1 src/backend/numpy normalize).</summary>
    /// <param name="x">The value.</param>
    public static NumericArray OfLengthOne(NumericArray x) => x / (x * x).Sum().Max(SmallestSquare).Sqrt();

    private static double Number(KerasUse use, ArgumentDefinition argument) => use[argument.Name].Number ?? argument.Default.Number ?? 0;
}
