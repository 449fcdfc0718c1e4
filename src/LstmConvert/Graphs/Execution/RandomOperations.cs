using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>Random numbers: the same in every run, and said, for no witness draws the same.</summary>
internal static class RandomOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["RandomUniform"] = Call.One(at => Drawn(at, Uniform)),
        ["RandomStandardNormal"] = Call.One(at => Drawn(at, Normal)),
        ["TruncatedNormal"] = Call.One(at => Drawn(at, Truncated)),
        ["StatelessRandomUniform"] = Call.One(at => Drawn(at, Uniform)),
        ["StatelessRandomGetKeyCounter"] = at => [at.New(DType.Int64, 1), at.New(DType.Int64, 2)],
        ["StatelessRandomUniformV2"] = Call.One(at => Drawn(at, Uniform)),
    };

    public static bool IsRandom(string operation) =>
        Table.ContainsKey(operation) && operation.Contains("Uniform", StringComparison.Ordinal);

    private static GraphValue Drawn(Call at, Func<Random, double> draw)
    {
        at.Run.Note(
            $"{at.Node.Name} draws random numbers, as a dropout does: they are not those of TensorFlow, and matter only where something is dropped."
        );
        at.Run.IsRandom = true;
        var shape = at.Ints(0);
        var numbers = new double[at.Run.Budget.Count(shape)];
        at.Run.Budget.Spend(10L * numbers.Length);
        for (var k = 0; k < numbers.Length; k++)
        {
            numbers[k] = draw(at.Run.Random);
        }

        return GraphValue.Of(DType.Float64, shape, numbers).Cast(at.Node.Type("dtype", DType.Float32), at.Precision);
    }

    /// <summary>Below 1 in float32 as well.</summary>
    private static double Uniform(Random random) => random.Next(1 << 24) / (double)(1 << 24);

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Truncated(Random random)
    {
        var number = Normal(random);
        return Math.Abs(number) < 2 ? number : Truncated(random);
    }
}
