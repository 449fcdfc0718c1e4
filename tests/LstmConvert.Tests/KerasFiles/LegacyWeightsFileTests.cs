using LstmConvert.Arrays;
using LstmConvert.Conversion;
using LstmConvert.Equations;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;
using LstmConvert.Tests.Formats.Hdf5;
using LstmConvert.Tests.Models;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>Weights files with the configuration of their model: what is written comes back, in our reader and in h5py.</summary>
public sealed class LegacyWeightsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string> Names => [.. TestModels.All.Keys];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_comes_back_with_its_weights(string name)
    {
        var make = new TestModels(4);
        var model = TestModels.All[name](make);
        using var file = LegacyWeightsFile.Open(Write(model, DType.Float32));
        Assert.True(file.IsOurs);
        var back = file.ReadWithValues()!;
        var inputs = make.Inputs(model);
        Assert.All(
            ModelWalker.Run(model, inputs, Precision.Double).Zip(ModelWalker.Run(back, inputs, Precision.Double)),
            pair => Assert.Equal(pair.First.Data.ToDoubles(), pair.Second.Data.ToDoubles()));
    }

    [Fact]
    public void A_configuration_of_more_than_64_KB_is_cut_as_Keras_cuts_and_joined_again()
    {
        var make = new TestModels(4);
        var calls = Enumerable.Range(0, 700)
            .Select(k =>
            new Call($"a_layer_with_a_rather_long_name_{k}", make.With(SimpleRnn.Layer(1), 1),
            [new(k == 0 ? "x" : $"a_layer_with_a_rather_long_name_{k - 1}")])).ToArray();
        var path = Write(ModelOrder.Of([new("x", 1)], calls, [new(calls[^1].Name)]), DType.Float64);
        var listing = Hdf5WriterTests
            .Python(
                path,
                "import sys, h5py, json\nf = h5py.File(sys.argv[1], 'r')\nparts = [f.attrs['lstmconvert_model%d' % k] for k in range(sum(a.startswith('lstmconvert_model') for a in f.attrs))]\nprint(len(parts), max(map(len, parts)), len(json.loads(b''.join(parts))['config']['layers']))"
            )
            .Split(' ');
        Assert.True(int.Parse(listing[0], System.Globalization.CultureInfo.InvariantCulture) > 1);
        Assert.Equal("64512", listing[1]);
        Assert.Equal("701", listing[2]);
        using var file = LegacyWeightsFile.Open(path);
        Assert.Equal(700, file.ReadWithValues()!.Calls.Count);
    }

    [Fact]
    public void Provenance_is_written_and_read()
    {
        var model = TestModels.All["chain with projection"](new TestModels(4));
        var path = Path.Combine(folder, "o.h5");
        var written = WrittenModel.Of(model, DType.Float32) with
        {
            Provenance = [("source", "model.ckpt")],
            LayerProvenance = model
                .Layers.Select((layer, k) => (layer.Name, k))
                .ToDictionary(
                    one => one.Name,
                    one => (IReadOnlyList<(string, string)>)[("scope", $"rnn/cell_{one.k}"), ("cell", "LSTMCell")]),
        };
        Write(written, path);
        using var file = LegacyWeightsFile.Open(path);
        Assert.Equal("model.ckpt", file.Provenance("source"));
        Assert.Equal("rnn/cell_1", file.Layers[1].Provenance["scope"]);
    }

    [Fact]
    public void Weights_of_another_model_than_the_configuration_says_are_refused()
    {
        var make = new TestModels(4);
        var written = ModelOrder.Of([new("x", 3)], [new("lstm", make.With(Lstm.Layer(4), 3), [new("x")])], [new("lstm")]);
        var said = ModelOrder.Of([new("x", 3)], [new("lstm", Lstm.Layer(5), [new("x")])], [new("lstm")]);
        var path = Path.Combine(folder, "o.h5");
        var stored = ((KerasUse)WrittenModel.Of(written, DType.Float32).Model.Calls[0].Callee).Stored;
        Write(new WrittenModel(said.With(layer => (KerasUse)layer.Callee with { Stored = stored }), []), path);
        using var file = LegacyWeightsFile.Open(path);
        Assert.Contains("LSTM of 5 units", Assert.Throws<UnreadableInputException>(file.ReadWithValues).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_without_weights_in_the_file_is_said()
    {
        var make = new TestModels(4);
        var model = TestModels.All["chain with projection"](make);
        var path = Path.Combine(folder, "o.h5");
        var written = WrittenModel.Of(model, DType.Float32);
        Write(
            written with
            {
                Model = written.Model.With(layer => layer.Name == "lstm_0" ? (KerasUse)layer.Callee with { Stored = [] } : layer.Callee),
            },
            path);
        using var file = LegacyWeightsFile.Open(path);
        Assert.Contains(
            "a layer lstm_0 (LSTM) with weights", Assert.Throws<UnreadableInputException>(file.ReadWithValues).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_model_is_run_as_its_configuration_says()
    {
        var cases = Path.Combine(Shared.Folder, "cases", "R06");
        var outputs = new[] { "right.h5", "relu.h5", "sum.h5" }.Select(name =>
        {
            using var file = LegacyWeightsFile.Open(Path.Combine(cases, name));
            var model = file.ReadWithValues()!;
            return ModelWalker.Run(model, new TestModels(8).Inputs(model), Precision.Double)[0].Data;
        }).ToArray();
        Assert.Equal([8, 8, 4], outputs.Select(data => data.Width));
        Assert.InRange(KerasGoldenTests.Difference(outputs[0], outputs[1]), 0.1, double.MaxValue);
        Assert.InRange(KerasGoldenTests.Difference(outputs[2], outputs[0].Columns(0, 4) + outputs[0].Columns(4, 4)), 0, 1e-15);
    }

    [Fact]
    public void The_layers_of_a_Keras_1_file_are_read_as_their_class_has_them()
    {
        using var old = LegacyWeightsFile.Open(Path.Combine(Shared.Goldens, "keras-1.2.2", "lstm", "weights.h5"));
        Assert.Null(old.KerasVersion);
        Assert.Equal(12, old.Layers[0].Weights.Count);
        using var whole = LegacyWeightsFile.Open(Path.Combine(Shared.Goldens, "keras-1.2.2", "lstm", "model.h5"));
        var layer = (KerasUse)whole.ReadWithValues()!.Calls[0].Callee;
        Assert.Equal(
            layer.Weights.Select(weight => weight.ToDoubles()),
            StoredWeights
                .Loaded(
                    StoredWeights.Attach(layer with { Weights = [], Stored = [] }, "lstm", old.Layers[0].Weights, "weights.h5"),
                    "weights.h5")
                .Weights.Select(weight => weight.ToDoubles()));
        Assert.Equal(layer.WeightDefinitions.Count, layer.Weights.Count);
    }

    /// <summary>Keras 3 writes bfloat16 here as two bytes without a meaning, and reads them no more; its .keras says what they
    /// are.</summary>
    [Fact]
    public void Weights_in_a_type_that_HDF5_does_not_have_are_those_of_the_same_model_in_a_file_that_names_it()
    {
        var golden = Path.Combine(Shared.Goldens, "keras-3.15.1", "bfloat16");
        using var file = KerasFile.Open(Path.Combine(golden, "model.h5"));
        using var other = KerasFile.Open(Path.Combine(golden, "model.keras"));
        Assert.All(file.Layers.SelectMany(layer => layer.Weights), weight => Assert.Equal(DType.BFloat16, weight.DType));
        Assert.Equal(Numbers(other), Numbers(file));
        using var plan = WholeModelPlan.Open(file.Path, KerasTarget.Find("keras3-model"));
        Assert.Equal(
            Numbers(other).Length,
            plan.Model.Calls.Sum(call => ((KerasUse)call.Callee).Stored.Sum(one => one.Shape.ElementCount)));

        static double[] Numbers(KerasFile one) =>
            [.. StoredWeights.Leaves(one.ReadModel()!).SelectMany(leaf => leaf.Use.Stored).SelectMany(weight => weight.ToDoubles())];
    }

    /// <summary>Archives that no Keras writes: nothing of them is read, and nothing is written anywhere.</summary>
    [Theory]
    [InlineData("../evil", "leads out of the archive")]
    [InlineData("assets/../../evil", "leads out of the archive")]
    [InlineData("/etc/evil", "leads out of the archive")]
    [InlineData("assets\\evil", "leads out of the archive")]
    [InlineData("config.json", "two entries")]
    [InlineData("assets/fine", null)]
    public void An_archive_with_a_name_that_leads_elsewhere_or_stands_twice_is_refused(string name, string? sentence)
    {
        var path = Path.Combine(folder, "m.keras");
        File.Copy(Path.Combine(Shared.Goldens, "keras-3.15.1", "lstm", "model.keras"), path);
        File.SetAttributes(path, FileAttributes.Normal);
        using (var zip = System.IO.Compression.ZipFile.Open(path, System.IO.Compression.ZipArchiveMode.Update))
        {
            zip.CreateEntry(name);
        }

        if (sentence is null)
        {
            using var file = KerasFile.Open(path);
            Assert.NotNull(file.ReadWithValues());
            return;
        }

        Assert.Contains(sentence, Assert.Throws<UnreadableInputException>(() => KerasFile.Open(path)).Message, StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFileSystemEntries(folder));
    }

    private string Write(Model model, DType dtype)
    {
        var path = Path.Combine(folder, "o.h5");
        Write(WrittenModel.Of(model, dtype), path);
        return path;
    }

    private static void Write(WrittenModel model, string path) =>
        KerasTarget.Default.Write(path, model, new WeightStream(null, CancellationToken.None));
}
