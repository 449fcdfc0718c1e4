using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;
using LstmConvert.Tests.KerasFiles;
using LstmConvert.Tests.Models;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.KerasLayers;

/// <summary>The Python text of our layers: against its golden file, in Python's compiler, and in real Keras against the equations
/// here.</summary>
public sealed partial class LayerModuleTests(KerasFixture fixture) : IClassFixture<KerasFixture>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public static TheoryData<string, string, string?> Files =>
        new(
            from name in new[]
            {
                "a cell of ours",
                "a cell of ours, normalised",
                "a cell of ours, not an LSTM",
                "a cell of ours, plain or phased",
                "a cell of ours, over windows",
                "lone backward layer",
                "bidirectional, two layers",
            }
            from file in new[] { "model.keras", "model.h5" }
            from backend in new[] { KerasPython.Numpy, KerasPython.Torch }
            select (name, file, backend));

    private static string Golden => Path.GetFullPath(Path.Combine(Shared.Bundled, "..", "layers", "all_layers.py"));

    private static LayerModule All =>
        new(
            "all_layers.py",
            [.. KerasLayerCatalog.All.Where(layer => layer.IsOurs).Select(layer => layer.ClassName).Order(StringComparer.Ordinal)]);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_module_of_all_layers_is_the_golden_text()
    {
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Golden)!);
            await File.WriteAllTextAsync(Golden, All.Text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(Golden, TestContext.Current.CancellationToken), All.Text);
    }

    /// <summary>In Keras 2 the operations are TensorFlow's, which has no ops.concatenate and no ops.sum.</summary>
    [Fact]
    public void Every_operation_is_one_that_Keras_3_and_TensorFlow_call_alike()
    {
        var used = Operation().Matches(All.Text).Select(match => match.Groups["name"].Value).Distinct();
        var beforeTheLayers = Operation()
            .Matches(All.Text[..All.Text.IndexOf("@keras.saving", StringComparison.Ordinal)])
            .Select(match => match.Groups["name"].Value);
        Assert.Empty(used.Except(beforeTheLayers).Except(["floor", "matmul", "reshape", "split", "sqrt", "where", "zeros_like"]));
        Assert.DoesNotContain("ops.concatenate(", All.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("ops.sum(", All.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Python_compiles_the_module()
    {
        var module = Path.Combine(folder, "all_layers.py");
        await File.WriteAllTextAsync(module, All.Text, TestContext.Current.CancellationToken);
        using var python = Process.Start(
            new ProcessStartInfo("python3", ["-W", "error", "-m", "py_compile", module]) { RedirectStandardError = true })!;
        var error = await python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", error);
        Assert.Equal(0, python.ExitCode);
    }

    [Fact]
    public async Task A_module_of_any_one_layer_compiles_and_is_clean_to_flake8()
    {
        const string Python = "/usr/bin/python3";
        foreach (var name in All.ClassNames)
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, $"{name}.py"),
                new LayerModule($"{name}.py", [name]).Text,
                TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "all_layers.py"), All.Text, TestContext.Current.CancellationToken);
        var (code, output) = File.Exists(Python) ? await RunAsync(Python, ["-W", "error", "-m", "compileall", "-q", folder]) : (1, "");
        Assert.True(code == 0 || !File.Exists(Python), output);
        var (isMissing, _) = File.Exists(Python) ? await RunAsync(Python, ["-m", "flake8", "--version"]) : (1, "");
        Assert.False(
            isMissing != 0 && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") == "required",
            "flake8 is not there (Debian: python3-flake8).");
        Assert.SkipWhen(isMissing != 0, "flake8 is not there: whether the modules are clean to it was not looked at.");
        (code, output) = await RunAsync(Python, ["-m", "flake8", "--isolated", folder]);
        Assert.Equal("", output);
        Assert.Equal(0, code);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Keras_loads_a_whole_model_saves_it_loads_it_again_and_predicts_what_is_computed_here(
        string name, string file, string? backend)
    {
        var make = new TestModels(11);
        var model = TestModels.All[name](make);
        var inputs = make.Inputs(model);
        var (path, module) = (Path.Combine(folder, file), KerasCode.Module(model, Path.Combine(folder, "model_layers.py"), isPrinted: false)!);
        (file.EndsWith(".keras", StringComparison.Ordinal) ? KerasTarget.ByName(path) : KerasTarget.Find("keras-model")).Write(
            path,
            WrittenModel.Of(model, DType.Float32),
            new WeightStream(null, CancellationToken.None));
        await File.WriteAllTextAsync(module.Path, module.Text, TestContext.Current.CancellationToken);
        using var opened = KerasFile.Open(path);
        var ours = ModelWalker.Run(StoredWeights.Loaded(opened.ReadModel()!, path), inputs, Precision.Single);

        var code = KerasCode.Load(model, file, module) + "model.save('again.keras')\nmodel = load_model('again.keras', compile=False)\n";
        var x = inputs[model.Inputs[0].Name].Data;
        var answer = await fixture.With(backend).AskAsync(new JsonObject
        {
            ["code"] = code,
            ["folder"] = folder,
            ["samples"] = new JsonArray(new JsonObject
            {
                ["x"] = new JsonArray(new JsonObject
                {
                    ["shape"] = new JsonArray([.. x.Dimensions.Select(length => (JsonNode)length)]),
                    ["data"] = Convert.ToBase64String(MemoryMarshal.AsBytes<double>(x.ToDoubles())),
                }),
            }),
        });
        Assert.True(answer["ok"]!.GetValue<bool>(), answer.ToJsonString());
        var theirs = answer["samples"]![0]!["outputs"]![0]!;
        var values = MemoryMarshal.Cast<byte, double>(Convert.FromBase64String(theirs["data"]!.GetValue<string>()));
        var found = NumericArray.From(values, Precision.Double, [.. theirs["shape"]!.AsArray().Select(length => length!.GetValue<int>())]);
        Assert.InRange(KerasGoldenTests.Difference(ours[0].Data, found), 0, 1e-5);
    }

    [Theory]
    [InlineData("lstm.h5", ".h5", "lstm_layers.py")]
    [InlineData("out/my-model.weights.h5", ".weights.h5", "out/my_model_layers.py")]
    [InlineData("2 layers.keras", ".keras", "_2_layers_layers.py")]
    public void The_module_is_named_after_the_file_so_that_Python_can_import_it(string file, string extension, string module) =>
        Assert.Equal(module, LayerModule.PathBeside(file, extension));

    [Theory]
    [InlineData("my-layers.py")]
    [InlineData("layers.txt")]
    [InlineData("class.py")]
    [InlineData("1.py")]
    public void A_name_that_Python_cannot_import_is_refused(string path) => Assert.Throws<UsageException>(() => LayerModule.Checked(path));

    [Fact]
    public void A_foreign_class_of_the_same_name_is_not_taken_for_ours()
    {
        var model = TestModels.All["a cell of ours"](new TestModels(1));
        var json = ModelConfigurationWriter.Write(model, KerasSpelling.Archive);
        Assert.Contains("lstmconvert\\u003EExtendedLSTMCell", json, StringComparison.Ordinal);
        var generation = KerasGeneration.Of("3.15.1");
        Assert.DoesNotContain(StoredWeights.Leaves(ModelConfiguration.Read(json, generation)), leaf => StoredWeights.IsUnknown(leaf.Use));
        var foreign = json.Replace("lstmconvert\\u003E", "other\\u003E", StringComparison.Ordinal);
        Assert.Contains(StoredWeights.Leaves(ModelConfiguration.Read(foreign, generation)), leaf => StoredWeights.IsUnknown(leaf.Use));
    }

    [GeneratedRegex(@"\bops\.(?<name>[a-z_]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Operation();

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }
}
