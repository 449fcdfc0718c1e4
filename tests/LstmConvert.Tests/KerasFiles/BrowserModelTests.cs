using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using LstmConvert.Arrays;
using LstmConvert.Conversion;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Tensors;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>TensorFlow.js layers models: what we write predicts the same in TensorFlow.js, and what its converter wrote is read.</summary>
public sealed class BrowserModelTests(JavaScript node, ITestOutputHelper output) : IClassFixture<JavaScript>, IDisposable
{
    private const double Limit = 1e-5;

    private static readonly KerasTarget Target = KerasTarget.Find("tfjs");

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string> Folders => [.. WholeModelTests.Folders.Select(row => row.Data)];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_model_written_for_TensorFlow_js_predicts_there_what_was_recorded(string goldens)
    {
        var (right, refused, wrong) = (0, 0, new List<string>());
        foreach (var example in Directory.EnumerateDirectories(Path.Combine(Shared.Goldens, goldens)).Order(StringComparer.Ordinal))
        {
            foreach (
                var source in new[] { "model.h5", "model.keras", "saved_model" }
                    .Select(name => Path.Combine(example, name))
                    .Where(Path.Exists))
            {
                var name = $"{Path.GetFileName(example)}/{Path.GetFileName(source)}";
                try
                {
                    var problem = await Check(example, source, Path.Combine(folder, $"m{right + wrong.Count}"));
                    right += problem is null ? 1 : 0;
                    wrong.AddRange(problem is null ? [] : [$"{name}: {problem}"]);
                }
                catch (UnsupportedModelException e)
                {
                    refused++;
                    output.WriteLine($"{name}: refused: {e.Message}");
                }
                catch (Exception e) when (e is LstmConvertException or InvalidOperationException)
                {
                    wrong.Add($"{name}: {e.GetType().Name}: {e.Message}");
                }
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{right} right, {refused} refused by name"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(right >= 10, $"{right} models were compared.");
    }

    /// <summary>The programs of TensorFlow 1 that Keras's own layers express, on one sample: masked steps too.</summary>
    [Fact]
    public async Task A_program_of_TensorFlow_1_written_for_TensorFlow_js_predicts_there_what_we_compute()
    {
        var (right, refused, wrong) = (0, 0, new List<string>());
        foreach (
            var example in Directory
                .EnumerateDirectories(Path.Combine(Shared.Goldens, "tf1"))
                .Order(StringComparer.Ordinal)
                .Select(one => new GoldenCase(one)))
        {
            try
            {
                using var source = RecurrentSource.Open(example.Own);
                var path = Path.Combine(folder, $"m{right + wrong.Count}");
                source
                    .Plan(new ConversionOptions { IsWhole = true })
                    .Write(path, new WriteOptions { Target = Target }, CancellationToken.None);
                using var file = KerasFile.Open(path);
                var model = file.ReadWithValues()!;
                var inputs = model.Inputs.Select(input => Sample(model, input)).ToArray();
                var ours = ModelWalker.Run(
                    model,
                    model.Inputs.Zip(inputs).ToDictionary(pair => pair.First.Name, pair => new Value(pair.Second), StringComparer.Ordinal),
                    Precision.Double);
                var theirs = await node.PredictAsync(path, inputs);
                var difference = theirs.Zip(ours, (one, other) => KerasGoldenTests.Difference(one, other.Data)).Max();
                right += difference <= Limit ? 1 : 0;
                wrong.AddRange(
                    difference <= Limit ? [] : [string.Create(CultureInfo.InvariantCulture, $"{example.Name}: differs by {difference:g3}")]
                );
            }
            catch (UnsupportedModelException e)
            {
                refused++;
                output.WriteLine($"{example.Name}: refused: {e.Message}");
            }
            catch (Exception e) when (e is UndecidedException || (e is UnreadableInputException && example.Name == "kind-meta-only"))
            {
                output.WriteLine($"{example.Name}: {e.Message}");
            }
            catch (Exception e) when (e is LstmConvertException or InvalidOperationException)
            {
                wrong.Add($"{example.Name}: {e.GetType().Name}: {e.Message}");
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{right} right, {refused} refused by name"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(right >= 70, $"{right} programs were compared.");
    }

    [Fact]
    public void What_the_converter_of_TensorFlow_js_wrote_is_read_and_computes_what_was_recorded()
    {
        var (right, wrong) = (0, new List<string>());
        foreach (
            var example in Directory
                .EnumerateDirectories(Shared.Goldens, "keras-*")
                .SelectMany(Directory.EnumerateDirectories)
                .Where(one => Directory.Exists(Path.Combine(one, "tfjs")))
                .Order(StringComparer.Ordinal))
        {
            using var io = SourceCatalog.Open(Path.Combine(example, "io.npz"), new SourceOptions());
            var name = Path.GetRelativePath(Shared.Goldens, example);
            try
            {
                using var file = KerasFile.Open(Path.Combine(example, "tfjs"));
                var ours = Run(file.ReadWithValues()!, io, out _);
                var difference = ours.Zip(Expected(io, ours.Count), KerasGoldenTests.Difference).Max();
                right += difference <= Limit ? 1 : 0;
                wrong.AddRange(difference <= Limit ? [] : [string.Create(CultureInfo.InvariantCulture, $"{name}: {difference:g3}")]);
            }
            catch (LstmConvertException e)
            {
                wrong.Add($"{name}: {e.Message}");
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{right} right"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(right >= 20, $"{right} models were compared.");
    }

    /// <summary>What lies outside is no part of a mean: TensorFlow's rule, of which no recording tells, computed by
    /// TensorFlow.js.</summary>
    [Theory]
    [InlineData("""{"class_name":"AveragePooling1D","config":{"name":"p","pool_size":[3],"strides":[2],"padding":"same"}}""", 8, 3)]
    [InlineData("""{"class_name":"AveragePooling1D","config":{"name":"p","pool_size":[4],"strides":[1],"padding":"same"}}""", 7, 2)]
    [InlineData("""{"class_name":"AveragePooling2D","config":{"name":"p","pool_size":[2,3],"strides":[2,2],"padding":"same"}}""", 7, 8, 2)]
    [InlineData("""{"class_name":"AveragePooling2D","config":{"name":"p","pool_size":[2,3],"strides":[2,2],"padding":"valid"}}""", 7, 8, 2)]
    [InlineData("""{"class_name":"MaxPooling2D","config":{"name":"p","pool_size":[3,2],"strides":[2,2],"padding":"same"}}""", 6, 5, 2)]
    public async Task A_pool_takes_no_value_from_outside_as_TensorFlow_js_does(string layer, params int[] lengths)
    {
        var model = ModelConfiguration.Read(
            $$$"""{"class_name":"Sequential","config":{"name":"s","layers":[{"class_name":"InputLayer","config":{"name":"x","batch_input_shape":[null,{{{string.Join(',', lengths)}}}]}},{{{layer}}}]}}""",
            KerasGeneration.Of("2.15.0"));
        int[] shape = [2, .. lengths];
        var count = shape.Aggregate(1, (product, length) => product * length);
        var x = NumericArray.From([.. Enumerable.Range(0, count).Select(k => Math.Sin(k) + 2)], Precision.Double, shape);
        var ours = ModelWalker.Run(
            model,
            new Dictionary<string, Value>(StringComparer.Ordinal) { [model.Inputs[0].Name] = new Value(x) },
            Precision.Double)[0].Data;
        var theirs = await node.PredictAsync(Written(model), [x]);
        Assert.InRange(KerasGoldenTests.Difference(theirs[0], ours), 0, 1e-6);
    }

    [Theory]
    [InlineData("model.h5", "2.2.4", "gru-reset-after", "TensorFlow.js has no GRU with reset_after=True")]
    [InlineData("model.h5", "2.2.4", "cudnn-gru", "TensorFlow.js has no GRU with reset_after=True")]
    [InlineData("model.h5", "2.15.0", "rnn-stacked-cells", null)]
    [InlineData("model.h5", "2.15.0", "masking-bidirectional", "gives zeros there")]
    [InlineData("model.h5", "2.2.4", "masking-bidirectional", null)]
    [InlineData("model.h5", "2.2.4", "cudnn-lstm", null)]
    [InlineData("model.h5", "2.2.4", "float64", "TensorFlow.js computes in float32")]
    public void What_TensorFlow_js_computes_otherwise_is_refused_by_name(string file, string version, string example, string? refusal)
    {
        var source = Path.Combine(Shared.Goldens, $"keras-{version}", example, file);
        if (refusal is null)
        {
            using var plan = WholeModelPlan.Open(source, Target);
            return;
        }

        Assert.Contains(
            refusal,
            Assert.Throws<UnsupportedModelException>(() => WholeModelPlan.Open(source, Target)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_are_cut_into_files_of_four_megabytes_at_any_byte_and_come_back()
    {
        var path = Written(Large(inputs: 1_400, units: 400));
        var files = Directory
            .GetFiles(path, "*.bin")
            .Select(file => (Name: Path.GetFileName(file), new FileInfo(file).Length))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .ToArray();
        var bytes = ((1_400L * 1_600) + (400 * 1_600) + 1_600) * sizeof(float);
        Assert.Equal(["group1-shard1of3.bin", "group1-shard2of3.bin", "group1-shard3of3.bin"], files.Select(file => file.Name));
        Assert.Equal([4 << 20, 4 << 20, bytes - (8 << 20)], files.Select(file => file.Length));
        using var back = KerasFile.Open(path);
        Assert.Equal(bytes / sizeof(float), back.Layers.Sum(layer => layer.Weights.Sum(weight => weight.ToDoubles().Length)));
    }

    /// <summary>Add gives a mask of one axis more in TensorFlow.js: behind it nothing may compute by it.</summary>
    [Fact]
    public void A_recurrent_layer_behind_a_merge_of_masked_steps_is_refused_and_a_merge_behind_it_is_not()
    {
        Model Of(bool isRecurrentLast, bool hasMask)
        {
            KerasUse Lstm4() =>
                new(
                    Lstm.Definition,
                    new Dictionary<string, FactValue> { ["units"] = FactValue.Of(4), ["return_sequences"] = FactValue.Of(true) });
            Call[] calls =
            [
                .. hasMask
                    ? [new Call("masking", new KerasUse(Masking.Definition, new Dictionary<string, FactValue>()), [new Port("x")])]
                    : Array.Empty<Call>(),
                new Call("one", Lstm4(), [new Port(hasMask ? "masking" : "x")]),
                new Call("two", Lstm4(), [new Port("one")]),
                new Call("sum", Merging.Layer(AddLayer.Definition), [new Port("one"), new Port("two")]),
                .. isRecurrentLast ? [new Call("three", Lstm4(), [new Port("sum")])] : Array.Empty<Call>(),
            ];
            return new Model([new ModelInput("x", 3)], calls, [new Port(calls[^1].Name)]);
        }

        Assert.Contains("three would compute by a mask", Assert.Single(Target.Obstacles(Of(true, true))), StringComparison.Ordinal);
        Assert.Empty(Target.Obstacles(Of(true, false)));
        Assert.Empty(Target.Obstacles(Of(false, true)));
    }

    [Theory]
    [InlineData("uint8", 0.008)]
    [InlineData("uint16", 4e-5)]
    [InlineData("float16", 2e-3)]
    public async Task Weights_that_a_converter_rounded_are_those_that_TensorFlow_js_computes_with(string type, double rounding)
    {
        var path = Written(Large(inputs: 3, units: 4));
        float[] Weights()
        {
            using var file = KerasFile.Open(path);
            return [.. StoredWeights.Leaves(file.ReadModel()!).SelectMany(leaf => leaf.Use.Stored).SelectMany(weight => weight.ToDoubles()).Select(value => (float)value)];
        }

        var exact = Weights();
        Quantise(path, type);
        var rounded = Weights();
        Assert.NotEqual(exact, rounded);
        Assert.All(exact.Zip(rounded), pair => Assert.InRange(pair.Second - pair.First, -rounding, rounding));

        using var read = KerasFile.Open(path);
        var model = read.ReadWithValues()!;
        double[] x = [.. Enumerable.Range(0, 2 * 5 * 3).Select(k => Math.Sin(k))];
        var ours = ModelWalker.Run(
            model,
            new Dictionary<string, Value>(StringComparer.Ordinal) { [model.Inputs[0].Name] = new Value(NumericArray.From(x, Precision.Double, 2, 5, 3)) },
            Precision.Double)[0].Data;
        var answer = await node.AskAsync(new JsonObject
        {
            ["model"] = Path.Combine(path, "model.json"),
            ["inputs"] = new JsonArray(new JsonObject
            {
                ["shape"] = new JsonArray(2, 5, 3),
                ["data"] = new JsonArray([.. x.Select(value => (JsonNode)value)]),
            }),
        });
        var theirs = answer["outputs"]![0]!["data"]!.AsArray().Select(value => value!.GetValue<double>()).ToArray();
        Assert.Equal(ours.Count, theirs.Length);
        Assert.All(ours.ToDoubles().Zip(theirs), pair => Assert.InRange(pair.Second - pair.First, -1e-5, 1e-5));
    }

    /// <summary>The weights of a folder as the converter rounds them (tensorflowjs/quantization.py).</summary>
    private static void Quantise(string path, string type)
    {
        var file = Path.Combine(path, "model.json");
        var document = JsonNode.Parse(File.ReadAllText(file))!;
        var group = document["weightsManifest"]![0]!;
        var shard = Path.Combine(path, group["paths"]![0]!.GetValue<string>());
        var (bytes, at, written) = (File.ReadAllBytes(shard), 0, new List<byte>());
        foreach (var weight in group["weights"]!.AsArray())
        {
            var count = weight!["shape"]!.AsArray().Aggregate(1, (product, length) => product * length!.GetValue<int>());
            var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(at, count * sizeof(float))).ToArray();
            at += count * sizeof(float);
            var levels = type == "uint8" ? 255 : 65535;
            var (least, most) = (values.Min(), values.Max());
            var scale = most > least ? (double)(most - least) / levels : 1;
            weight["quantization"] = type == "float16" ? new JsonObject { ["dtype"] = type }
                : new JsonObject { ["dtype"] = type, ["min"] = least, ["scale"] = scale, ["original_dtype"] = "float32" };
            foreach (var value in values)
            {
                var level = (ushort)Math.Clamp(Math.Round((value - least) / scale), 0, levels);
                written.AddRange(
                    type == "float16" ? BitConverter.GetBytes((Half)value)
                        : type == "uint8" ? [(byte)level]
                        : BitConverter.GetBytes(level));
            }
        }

        File.WriteAllBytes(shard, [.. written]);
        File.WriteAllText(file, document.ToJsonString());
    }

    [Theory]
    [InlineData("\"group1-shard1of1.bin\"", "\"../group1-shard1of1.bin\"", "no path that a file holds is followed")]
    [InlineData("\"group1-shard1of1.bin\"", "\"/etc/passwd\"", "no path that a file holds is followed")]
    [InlineData("\"group1-shard1of1.bin\"", "\"..\"", "no path that a file holds is followed")]
    [InlineData("\"group1-shard1of1.bin\"", "\"other.bin\"", "does not exist")]
    [InlineData("\"lstm/bias\"", "\"lstm/kernel\"", "names the weight lstm/kernel twice")]
    [InlineData("\"shape\":[16]", "\"shape\":[17]", "would end at byte")]
    [InlineData("\"shape\":[16]", "\"shape\":[15]", "The files are of another model")]
    [InlineData("\"shape\":[16]", "\"shape\":[9223372036854775807,9]", "")]
    [InlineData("\"shape\":[16]", "\"shape\":[-16]", "has an axis of -16 elements")]
    [InlineData("\"layers-model\"", "\"graph-model\"", "whose layers are gone")]
    [InlineData(
        "\"name\":\"lstm/bias\",",
        "\"name\":\"lstm/bias\",\"quantization\":{\"dtype\":\"int4\",\"min\":0,\"scale\":1},",
        "Convert the model again without quantisation")]
    [InlineData(
        "\"name\":\"lstm/bias\",",
        "\"name\":\"lstm/bias\",\"quantization\":{\"dtype\":\"uint8\",\"min\":null,\"scale\":1},",
        "min is no number")]
    [InlineData("\"units\":4", "\"units\":5", "The configuration and the weights are of different models")]
    [InlineData("\"lstm/bias\"", "\"lstmm/bias\"", "different models")]
    [InlineData("\"modelTopology\":{", "\"modelTopology\":{{", "cannot be read")]
    [InlineData("\"class_name\":\"LSTM\"", "\"class_name\":7", "")]
    public void A_damaged_model_is_refused_in_one_sentence(string good, string bad, string sentence)
    {
        var path = Written(Large(inputs: 3, units: 4));
        var text = File.ReadAllText(Path.Combine(path, "model.json"));
        Assert.Contains(good, text, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(path, "model.json"), text.Replace(good, bad, StringComparison.Ordinal));
        var refused = Assert.ThrowsAny<LstmConvertException>(() =>
        {
            using var file = KerasFile.Open(path);
            file.ReadWithValues();
        });
        Assert.True(refused is UnreadableInputException or UnsupportedModelException, refused.GetType().Name);
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_prefix_of_a_model_and_any_changed_byte_gives_our_exception_or_a_model()
    {
        var path = Written(Large(inputs: 3, units: 4));
        var bytes = File.ReadAllBytes(Path.Combine(path, "model.json"));
        for (var k = 0; k < bytes.Length; k++)
        {
            Try(path, bytes[..k]);
            Try(path, [.. bytes[..k], (byte)(bytes[k] ^ 0x15), .. bytes[(k + 1)..]]);
        }
    }

    [Fact]
    public void A_folder_with_anything_else_in_it_is_never_replaced()
    {
        var path = Written(Large(inputs: 3, units: 4));
        File.WriteAllText(Path.Combine(path, "index.html"), "mine");
        Assert.Contains(
            "index.html",
            Assert.Throws<OutputException>(() => Write(Large(inputs: 3, units: 4), path, overwrite: true)).Message,
            StringComparison.Ordinal);
        File.Delete(Path.Combine(path, "index.html"));
        Assert.Contains(
            "exists",
            Assert.Throws<OutputException>(() => Write(Large(inputs: 3, units: 4), path, overwrite: false)).Message,
            StringComparison.Ordinal);
        Write(Large(inputs: 5, units: 4), path, overwrite: true);
        using var file = KerasFile.Open(path);
        Assert.Equal("(5, 16)", file.Layers[0].Weights[0].Shape.ToString());
        Assert.Equal([path], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_run_that_fails_leaves_the_earlier_model_and_nothing_else()
    {
        var path = Written(Large(inputs: 3, units: 4));
        Assert.Throws<OutputException>(() => Target.Place<int>(path, overwrite: true, temporary =>
        {
            File.WriteAllText(Path.Combine(temporary, "group1-shard1of1.bin"), "half");
            throw new IOException("the disk is full");
        }));
        using var file = KerasFile.Open(path);
        Assert.Equal(3, file.ReadModel()!.Layers.Count + 2);
        Assert.Equal([path], Directory.GetFileSystemEntries(folder));
    }

    private static void Try(string path, byte[] json)
    {
        File.WriteAllBytes(Path.Combine(path, "model.json"), json);
        try
        {
            using var file = BrowserModel.Open(path);
            file.ReadWithValues();
        }
        catch (Exception e) when (e is UnreadableInputException or UnsupportedModelException)
        {
            // One of ours: what is asked for.
        }
    }

    private static Model Large(int inputs, int units)
    {
        var use = new KerasUse(
            Lstm.Definition,
            new Dictionary<string, FactValue> { ["units"] = FactValue.Of(units), ["recurrent_activation"] = FactValue.Of("sigmoid") });
        double[] Values(int count) => [.. Enumerable.Range(0, count).Select(k => Math.Sin(k))];
        var weights = new[] { (inputs, 4 * units), (units, 4 * units) }
            .Select(shape => NumericArray.From(Values(shape.Item1 * shape.Item2), Precision.Double, shape.Item1, shape.Item2))
            .Append(NumericArray.From(Values(4 * units), Precision.Double, 4 * units));
        return new Model(
            [new ModelInput("x", inputs)],
            [new Call("lstm", use with { Weights = [.. weights] }, [new Port("x")])],
            [new Port("lstm")])
        {
            IsSequential = true,
        };
    }

    private string Written(Model model)
    {
        var path = Path.Combine(folder, "model");
        Write(model, path, overwrite: false);
        return path;
    }

    private static void Write(Model model, string path, bool overwrite) => Target.Place(path, overwrite, temporary =>
    {
        Target.Write(temporary, WrittenModel.Of(model, DType.Float32), new WeightStream(null, CancellationToken.None));
        return 0;
    });

    private async Task<string?> Check(string example, string source, string path)
    {
        using var io = SourceCatalog.Open(Path.Combine(example, "io.npz"), new SourceOptions());
        using var plan = WholeModelPlan.Open(source, Target);
        plan.Write(path, new WriteOptions { Target = Target }, CancellationToken.None);
        using var back = KerasFile.Open(path);
        var ours = Run(back.ReadWithValues()!, io, out var inputs);
        var theirs = await node.PredictAsync(path, inputs);
        if (theirs.Length != ours.Count)
        {
            return $"{theirs.Length} outputs in TensorFlow.js and {ours.Count} here";
        }

        var limit = Limit * Math.Max(1, ours.Max(one => one.ToDoubles().Select(Math.Abs).Max()));
        var differences = theirs.Zip(ours, KerasGoldenTests.Difference).ToList();
        if (!example.Contains("float16", StringComparison.Ordinal))
        {
            differences.AddRange(theirs.Zip(Expected(io, theirs.Length), KerasGoldenTests.Difference)); // half precision rounds every step where it was recorded
        }

        return differences.Max() <= limit ? null : string.Create(CultureInfo.InvariantCulture, $"differs by {differences.Max():g3}");
    }

    /// <summary>Two rows; the last steps of the second are masked where the model masks.</summary>
    private static NumericArray Sample(Model model, ModelInput input)
    {
        const int steps = 5;
        int[] shape = [2, .. input.Axes.Select(length => length ?? steps)];
        var rows = model
            .Calls.Where(call => call.Inputs[0].From == input.Name)
            .Select(call => call.Callee)
            .OfType<KerasUse>()
            .Max(Embedding.RowsOf);
        var size = shape.Aggregate(1, (product, length) => product * length);
        var values = Enumerable.Range(0, size).Select(k => rows > 0 ? (k * 7) % (rows - 1) : Math.Sin(k)).ToArray();
        if (model.Calls.Any(call => call.Callee is KerasUse use && use.Layer.MakesMask(use)))
        {
            values.AsSpan(size - (2 * (shape.Length > 2 ? shape[2] : 1))).Fill(rows > 0 ? rows - 1 : Masking.PaddingValue);
        }

        return NumericArray.From(values, Precision.Double, shape);
    }

    private static IEnumerable<NumericArray> Expected(TensorSet io, int count) =>
        Enumerable
            .Range(0, count)
            .Select(k => KerasGoldenTests.Array(io, k == 0 ? ["outputs", "outputs_0", "y0"] : [$"outputs_{k}", $"y{k}"]));

    private static IReadOnlyList<NumericArray> Run(Model model, TensorSet io, out IReadOnlyList<NumericArray> inputs)
    {
        inputs = [.. model.Inputs.Select((_, k) => KerasGoldenTests.Array(io, k == 0 ? ["x", "x_0", "x0"] : [$"x_{k}", $"x{k}"]))];
        var values = model.Inputs.Zip(inputs).ToDictionary(pair => pair.First.Name, pair => new Value(pair.Second), StringComparer.Ordinal);
        return [.. ModelWalker.Run(model, values, Precision.Double).Select(value => value.Data)];
    }
}
