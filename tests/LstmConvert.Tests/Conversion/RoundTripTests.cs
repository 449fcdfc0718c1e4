using System.Globalization;
using CsCheck;
using LstmConvert.Conversion;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Tensors;
using LstmConvert.Tests.Models;

namespace LstmConvert.Tests.Conversion;

/// <summary>Round trips over sizes, dtypes, kinds of layers and stacks of them: what is moved keeps its bits, what is folded or summed its
/// rounding.</summary>
public sealed class RoundTripTests : IDisposable
{
    private const int Samples = 60;

    /// <summary>Half an ulp in each direction of a forget bias of a few units, or of a sum of two biases.</summary>
    private static readonly Dictionary<DType, double> Rounding = new() { [DType.Float32] = 5e-7, [DType.Float64] = 2e-15 };

    private static readonly string[] Functions = ["tanh", "relu", "softsign", "elu", "sigmoid", "linear"];
    private static readonly string[] Kinds = ["lstm", "gru", "cudnn", "rnn", "both", "stack"];

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Gen<(int Seed, int[] Units, int[] Kinds, int Inputs, bool IsDouble)> Shapes =>
        Gen.Select(
            Gen.Int[0, int.MaxValue],
            Gen.Int[1, 9].Array[1, 4],
            Gen.Int[0, Kinds.Length - 1].Array[4, 4],
            Gen.Int[1, 7],
            Gen.Bool);

    /// <summary>Keras, TensorFlow's variables, Keras: every number of a kernel bit for bit; a bias that was not there is zero.</summary>
    [Fact]
    public void Layers_of_Keras_come_back_from_the_variables_of_TensorFlow() => Shapes.Sample(
        shape =>
        {
            var dtype = shape.IsDouble ? DType.Float64 : DType.Float32;
            var (keras, variables, again) = (Path.Combine(folder, "m.keras"), Path.Combine(folder, "v.npz"), Path.Combine(folder, "a.h5"));
            Write(Random(shape.Seed, shape.Units, shape.Kinds, shape.Inputs), dtype, keras);
            var reverse = Back(keras, variables);
            using var source = Open(variables, reverse);
            source
                .Plan(new ConversionOptions { MergeBidirectional = false })
                .Write(again, new WriteOptions { Overwrite = true }, CancellationToken.None);

            using var before = KerasFile.Open(keras);
            using var after = KerasFile.Open(again);
            var byScope = after.Layers.ToDictionary(layer => layer.Scopes.Single(), layer => layer.Weights, StringComparer.Ordinal);
            var layers = before.Layers.ToDictionary(layer => layer.Name, layer => layer.Weights.ToList(), StringComparer.Ordinal);
            foreach (var cell in reverse.Cells)
            {
                // The weights of the cells of one layer stand behind each other; a bias that is not there leaves a gap.
                var (rest, made) = (layers[cell.Layer], byScope[cell.Scope]);
                var count = rest.Count > 2 && (rest[2].Shape.Rank == 1 || rest.Count == 3) ? 3 : 2;
                Same(made, [.. rest.Take(count)], dtype, cell.CellName);
                rest.RemoveRange(0, count);
            }

            Assert.All(layers.Values, rest => Assert.Empty(rest));
        },
        iter: Samples,
        threads: 1);

    /// <summary>TensorFlow, Keras, TensorFlow: every number bit for bit but for those of biases, and the names.</summary>
    [Fact]
    public void Variables_of_TensorFlow_come_back_from_the_file_of_Keras() => Shapes.Sample(
        shape =>
        {
            var dtype = shape.IsDouble ? DType.Float64 : DType.Float32;
            string At(string name) => Path.Combine(folder, name);
            var (keras, variables, file, back) = (At("m.keras"), At("v.npz"), At("t.h5"), At("b.npz"));
            Write(Random(shape.Seed, shape.Units, shape.Kinds, shape.Inputs), dtype, keras);
            var reverse = Back(keras, variables);
            using (var source = Open(variables, reverse))
            {
                source
                    .Plan(new ConversionOptions { MergeBidirectional = shape.Seed % 2 == 0 })
                    .Write(file, new WriteOptions { Overwrite = true }, CancellationToken.None);
            }

            Back(file, back);
            using var one = SourceCatalog.Open(variables, new SourceOptions());
            using var other = SourceCatalog.Open(back, new SourceOptions());
            Assert.Equal(
                one.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal),
                other.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
            foreach (var tensor in one.Tensors)
            {
                var returned = other.Find(tensor.Name)!;
                Assert.Equal(tensor.Info, returned.Info);
                var limit = tensor.Name.EndsWith("bias", StringComparison.Ordinal) ? Rounding[dtype] : 0;
                Assert.All(tensor.ToDoubles().Zip(returned.ToDoubles()), pair => Assert.InRange(pair.First - pair.Second, -limit, limit));
            }
        },
        iter: Samples,
        threads: 1);

    private static ReverseConversion Back(string keras, string target)
    {
        var reverse = ReverseConversion.Of(keras, new ReverseOptions());
        reverse.Write(target, overwrite: true);
        return reverse;
    }

    /// <summary>The variables, with what the way back said of them.</summary>
    private static RecurrentSource Open(string variables, ReverseConversion reverse) => RecurrentSource.Open(
        [variables],
        new SourceOptions(),
        new RecognitionOptions
        {
            Wiring = "independent",
            Cells = [.. reverse.Cells.Select(cell => new Scoped<string>(cell.Scope, cell.CellName))],
            Facts =
            [
                .. reverse.Cells.SelectMany(cell =>
                    cell.Facts.Select(fact => fact.Split(" = ")).Select(fact => new SaidFact(cell.Scope, fact[0], fact[1]))),
            ],
        });

    private static void Same(IReadOnlyList<Tensor> made, IReadOnlyList<Tensor> original, DType dtype, string cell)
    {
        Assert.Equal(3, made.Count);
        for (var k = 0; k < 2; k++)
        {
            Assert.Equal(dtype, made[k].DType);
            Assert.Equal(original[k].ToDoubles(), made[k].ToDoubles());
        }

        var (bias, given) = (made[2].ToDoubles(), original.Count > 2 ? original[2].ToDoubles() : new double[made[2].Shape.ElementCount]);
        if (made[2].Shape.Rank == 2)
        {
            // Only of the candidate both biases are kept apart; those of the gates are added wherever they are used.
            var (units, width) = (bias.Length / 6, bias.Length / 2);
            double Sum(double[] both, int k) => both[k] + both[width + k];
            double[] OfCandidate(double[] both) => [.. both[(2 * units)..width], .. both[(width + (2 * units))..]];
            var rounding = 2 * Rounding[dtype];
            Assert.All(Enumerable.Range(0, 2 * units), k => Assert.InRange(Sum(bias, k) - Sum(given, k), -rounding, rounding));
            (bias, given) = (OfCandidate(bias), OfCandidate(given));
        }

        var limit = cell.Contains("LSTM", StringComparison.Ordinal) ? Rounding[dtype] : 0;
        Assert.All(bias.Zip(given), pair => Assert.InRange(pair.First - pair.Second, -limit, limit));
    }

    private static void Write(Model model, DType dtype, string path)
    {
        File.Delete(path);
        KerasTarget.Find("keras3-model").Write(path, WrittenModel.Of(model, dtype), new WeightStream(null, CancellationToken.None));
    }

    /// <summary>A chain of layers that cells of TensorFlow are.</summary>
    private static Model Random(int seed, int[] units, int[] kinds, int inputs)
    {
        var (make, random, calls, width) = (new TestModels(seed), new Random(seed), new List<Call>(), inputs);
        foreach (var (k, size) in units.Index())
        {
            var (use, output) = Layer(random, Kinds[kinds[k]], size);
            var name = string.Create(CultureInfo.InvariantCulture, $"layer_{k}");
            calls.Add(new Call(name, make.With(use, width), [new Port(k == 0 ? "x" : calls[^1].Name)]));
            width = output;
        }

        return new Model([new ModelInput("x", inputs)], calls, [new Port(calls[^1].Name)]);
    }

    private static (KerasUse Use, int Width) Layer(Random random, string kind, int units)
    {
        string Function() => Functions[random.Next(Functions.Length)];
        KerasUse Biased(KerasUse use) =>
            random.Next(3) == 0 ? use.With(RecurrentArguments.UseBias.Name, FactValue.Of(false)) : use;
        KerasUse Turned(KerasUse use) => random.Next(4) == 0 ? use.Backward() : use;
        KerasUse OfLstm() => Biased(Lstm.Layer(units, Function()));
        switch (kind)
        {
            case "gru":
                return (Turned(Biased(Gru.Layer(units, false, Function()))), units);
            case "cudnn":
                return (Turned(Biased(Gru.Layer(units, true, Function()))), units);
            case "rnn":
                return (Turned(Biased(SimpleRnn.Layer(units, Function()))), units);
            case "both":
                var one = OfLstm();
                return (Bidirectional.Merge(one, one), 2 * units);
            case "stack":
                KerasUse Cell() => Biased(new KerasUse(
                    LstmCell.Definition,
                    OfLstm()
                        .Arguments.Where(argument => LstmCell.Definition.Arguments.Any(known => known.Name == argument.Key))
                        .ToDictionary(StringComparer.Ordinal)));
                var cells = StackedRnnCells.Definition.WithInner(
                    new KerasUse(StackedRnnCells.Definition, new Dictionary<string, FactValue>()),
                    new Dictionary<string, IReadOnlyList<KerasUse>> { ["cells"] = [Cell(), Cell()] });
                return (Rnn.Definition.WithInner(
                    new KerasUse(Rnn.Definition, new Dictionary<string, FactValue>()).ReturningSequences(),
                    new Dictionary<string, IReadOnlyList<KerasUse>> { ["cell"] = [cells] }), units);
            default:
                return (Turned(OfLstm()), units);
        }
    }
}
