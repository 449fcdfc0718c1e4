using LstmConvert.Equations;
using LstmConvert.Equations.Keras;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's pooling layers (keras 3.15.1 src/layers/pooling).</summary>
internal static class Poolings
{
    private static readonly ArgumentDefinition PoolSize = new("pool_size", FactValue.Of(2)) { NameInKeras1 = "pool_length" };
    private static readonly ArgumentDefinition Strides = new("strides", FactValue.None) { NameInKeras1 = "stride" };
    private static readonly ArgumentDefinition KeepDims = new("keepdims", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } =
    [
        .. Enumerable.Range(1, 3).SelectMany(rank => new[]
        {
            Of($"MaxPooling{rank}D", rank, isMean: false), Of($"AveragePooling{rank}D", rank, isMean: true),
            Global($"GlobalMaxPooling{rank}D", rank, isMean: false), Global($"GlobalAveragePooling{rank}D", rank, isMean: true),
        }),
    ];

    /// <summary>The largest value of each feature over all steps, <c>(b, t, x)</c> to <c>(b, x)</c>: numbers of every row, whatever the batch
    /// is.</summary>
    public static KerasUse LargestOfSteps() =>
        new(
            Definitions.First(layer => layer.ClassName == "GlobalMaxPooling1D"),
            new Dictionary<string, FactValue>(StringComparer.Ordinal)
            {
                [Convolutions.DataFormat.Name] = Convolutions.DataFormat.Default,
                [KeepDims.Name] = KeepDims.Default,
            });

    private static KerasLayer Of(string className, int rank, bool isMean) => new(className)
    {
        Arguments = [PoolSize, Strides, Convolutions.Padding, Convolutions.DataFormat],
        Run = (use, inputs) =>
        {
            var size = Numbers.Of(use, PoolSize.Name, rank);
            var windows = new Windows(size, use[Strides.Name].IsNone ? size : Numbers.Of(use, Strides.Name, rank), [.. size.Select(_ => 1)], use[Convolutions.Padding.Name].Text!);
            return CallResult.Of(new Value(new Pooling(windows, isMean).Call(Shapes.OfRank(use, inputs.Inputs[0].Data, rank + 2))));
        },
    };

    private static KerasLayer Global(string className, int rank, bool isMean) => new(className)
    {
        Arguments = [Convolutions.DataFormat, KeepDims],
        ReadsMask = isMean && rank == 1,
        Run = (use, inputs) =>
        {
            var x = Shapes.OfRank(use, inputs.Inputs[0].Data, rank + 2);
            var pooled = Pooling.Global(x, isMean, isMean && rank == 1 ? inputs.Inputs[0].Mask : null);
            return CallResult.Of(new Value(use.Is(KeepDims.Name) ? pooled.Reshape([x.RowCount, .. Enumerable.Repeat(1, rank), x.Width]) : pooled));
        },
    };
}
