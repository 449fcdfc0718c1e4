using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Models;
using LstmConvert.Tensors;
using LstmConvert.Tests.Models;
using LstmConvert.Verification;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>
/// Keras's stock layers around recurrent ones, in models that real Keras 3 builds and saves here: this program computes what Keras
/// predicts, and what it writes again Keras loads and predicts the same with. Convolutions, which Keras's NumPy backend cannot compute,
/// stand as files in tests/data/keras-layers.
/// </summary>
public sealed class StockLayerTests(KerasFixture fixture) : IClassFixture<KerasFixture>, IDisposable
{
    /// <summary>float32 over some layers, times the largest value.</summary>
    private const double Limit = 5e-6;

    private static readonly string Script = Path.GetFullPath(
        Path.Combine(Path.GetDirectoryName(Shared.Bundled)!, "..", "LstmConvert.Tests", "KerasFiles", "stock_layers.py"));

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    /// <summary>Many models a row: a row is one temporary folder and a few answers of Keras.</summary>
    public static TheoryData<string> Models =>
    [
        "zeropad zeropad-int crop upsample sdrop gnoise",
        "gdrop adrop actreg elu prelu prelu-shared",
        "leaky relu softmax softmax-ax1 bn bn-ax1",
        "bn-nocenter ln ln-1 gn gn-1 unitnorm",
        "unitnorm-1 rms rescaling rescaling-list perm reshape",
        "reshape-neg dense td-dense td-bn td-drop td-act",
        "td-ln identity act-swish act-mish act-exp act-ls",
        "act-relu6 act-leaky act-hs act-tanhshrink act-glu-lstm gmax",
        "gavg gavg-keep gavg-masked gmax-masked flatten repeat",
        "bi-gru bi-ave bi-diff bi-rnn bi-rnn-stacked rnn-stacked",
        "rnn-gru td-lstm td-bilstm td-model td-func pad2d",
        "pad2d-int crop2d up2d gpool2d pad3d nested",
        "mask-drop mask-td mask-bi mask-bn mask-zeroout nobias",
        "unroll minlstm mha mha-val mha-kw mha-causal",
        "mha-scores att att-scale att-concat att-concat2 att-causal",
        "att-scores addatt addatt-noscale merges concat-ax1 dot",
        "dot-norm dot3 dot3b broadcast-add broadcast-mul attention-manual",
        "enc-dec enc-dec-gru enc-dec-bi enc-dec-att state-inputs bi-init",
        "shared shared-nested shared-func emb emb-bi-attn emb-two",
        "emb-td-dense multi-out order-branches f64 fmask-lstm fmask-add",
        "fmask-concat fmask-concat-dense fmask-td fmask-nested fmask-nested-func fmask-state",
        "fmask-gap fmask-att fmask-drop act-layer-elu act-layer-relu",
        "act-layer-leaky act-sparsemax frozen-nested frozen-backward frozen-cells",
        "ln-axes mask-rescaling fmask-decoder fmask-decoder-bi fmask-decoder-named",
        "fmask-products fmask-products-some fmask-reshape-out called-twice-alike",
    ];

    public static TheoryData<string> Convolutions =>
        [.. Directory.EnumerateDirectories(Path.Combine(Path.GetDirectoryName(Shared.Bundled)!, "keras-layers"))
            .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Models))]
    public async Task A_model_that_Keras_saved_is_computed_alike_and_predicts_the_same_when_it_is_written_again(string names)
    {
        var wrong = new List<string>();
        foreach (var name in names.Split(' '))
        {
            await Run($"model = build('{name}')");
            foreach (var source in new[] { "model.keras", "model.h5" })
            {
                wrong.AddRange((await Written(source, File.ReadAllBytes(Path.Combine(folder, source)))).Select(found => $"{name}: {found}"));
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Convolutions))]
    public async Task A_convolution_is_computed_as_recorded_and_loads_in_Keras_when_it_is_written_again(string name)
    {
        var example = Path.Combine(Path.GetDirectoryName(Shared.Bundled)!, "keras-layers", name);
        using var io = SourceCatalog.Open(Path.Combine(example, "io.npz"), new SourceOptions());
        using var file = KerasFile.Open(Path.Combine(example, "model.keras"));
        var model = file.ReadModel()!;
        Assert.Null(Difference(file.ReadWithValues()!, io));
        foreach (var target in KerasTarget.All.Where(target => target is { IsWholeModel: true, IsFolder: false }))
        {
            var path = Path.Combine(folder, $"m{target.Extension}");
            target.Write(path, new WrittenModel(TodaysKeras.Of(model, name, target).Model, []), new WeightStream(null, CancellationToken.None));
            using var back = target.Open(path);
            Assert.Null(Difference(back.ReadWithValues()!, io));
            await Run($"model = keras.models.load_model('{Path.GetFileName(path)}', compile=False)");
        }
    }

    [Theory]
    [InlineData("def own():\n    i = K.Input((8, 3)); m = keras.ops.greater(i[:, :, 0], 0.)\n    return K.Model(i, L.LSTM(4)(i, mask=m))", "called with a mask of its own")]
    [InlineData("def own():\n    i = K.Input((8, 3))\n    return K.Model(i, L.LSTM(4)(L.Dropout(0.5)(i, training=True)))", "called with training=true")]
    [InlineData("def own():\n    i = K.Input((8, 3)); a = L.LSTM(4)(i)\n    return K.Model(i, {'b': L.Dense(2)(a), 'a': a})", "gives its outputs by name")]
    [InlineData("def own():\n    i = K.Input(batch_shape=(2, 4, 3)); l = L.LSTM(4, stateful=True)\n    return K.Model(i, [l(i), l(i)])", "is stateful and called more than once")]
    [InlineData("def own():\n    i = K.Input(batch_shape=(2, 4, 3))\n    return K.Model(i, L.LSTM(4)(L.TimeDistributed(L.LSTM(3, stateful=True))(L.Reshape((4, 3, 1))(i))))", "carries states from each step to the next one")]
    [InlineData("def own():\n    i = K.Input((8, 3)); j = K.Input((8, 3)); a = L.Add()([L.Masking(0.)(i), j])\n    return K.Model([i, j], L.LSTM(4)(a))", "different masks")]
    public async Task What_no_layer_alone_says_is_refused_by_name(string code, string sentence)
    {
        await Run($"{code}\nmodel = own()\nmodel.save('model.keras')");
        var refused = Assert.Throws<UnsupportedModelException>(() =>
        {
            using var file = KerasFile.Open(Path.Combine(folder, "model.keras"));
            var model = file.ReadWithValues()!;
            var zeros = model.Inputs.ToDictionary(
                input => input.Name,
                input => new Value(NumericArray.Zeros(Precision.Double, 2, input.Axes[0] ?? 8, 3)),
                StringComparer.Ordinal);
            ModelWalker.Run(model, zeros, Precision.Double);
        });
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("decoder", "its mask is given by name")]
    [InlineData("multiply", "drops the mask")]
    [InlineData("maximum", "drops the mask")]
    public async Task What_Keras_2_computes_with_masks_is_what_Keras_3_computes_with_the_repaired_model(string name, string change)
    {
        await Run($"model = build_old('{name}')");
        var source = Path.Combine(folder, "model.h5");
        Assert.Empty(await Written("model.h5", File.ReadAllBytes(source)));
        using var file = KerasFile.Open(source);
        foreach (var target in KerasTarget.All.Where(target => target is { IsWholeModel: true, IsFolder: false }))
        {
            Assert.Contains(TodaysKeras.Of(file.ReadModel()!, source, target).Changes, said => said.Contains(change, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("L.Masking(0.)", "L.Masking(0.5)")]
    [InlineData("L.Masking(0.)", "L.Identity()")]
    [InlineData("L.ZeroPadding1D(1)", "L.ZeroPadding1D(1, data_format='channels_first')")]
    public async Task A_model_that_differs_at_masked_steps_alone_is_not_the_same_on_a_drawn_sample(string layer, string other)
    {
        foreach (var (name, one) in new[] { ("model", layer), ("other", other) })
        {
            await Run($"keras.utils.set_random_seed(1)\nmodel = K.Sequential([I(), {one}, RS(4), L.Flatten()])\nmodel.save('{name}.keras')");
        }

        var same = WholeModelVerifier.Run(Path.Combine(folder, "model.keras"), Path.Combine(folder, "model.keras"), new VerificationOptions());
        Assert.Equal(Verdict.Same, same!.Verdict);
        VerificationReport? report = null;
        var refused = Record.Exception(() =>
            report = WholeModelVerifier.Run(Path.Combine(folder, "model.keras"), Path.Combine(folder, "other.keras"), new VerificationOptions()));
        Assert.True(refused is UnsupportedModelException || report!.Verdict == Verdict.Different, $"{refused} {report?.Verdict}");
    }

    private async Task<IReadOnlyList<string>> Written(string source, byte[] bytes)
    {
        var (wrong, copy) = (new List<string>(), Path.Combine(folder, "source" + Path.GetExtension(source)));
        File.WriteAllBytes(copy, bytes);
        using var io = SourceCatalog.Open(Path.Combine(folder, "io.npz"), new SourceOptions());
        using var file = KerasFile.Open(copy);
        foreach (var target in KerasTarget.All.Where(target => target is { IsWholeModel: true, IsFolder: false }))
        {
            if (Difference(file.ReadWithValues()!, io) is { } ours)
            {
                wrong.Add($"{source}: {ours}");
                continue;
            }

            var path = Path.Combine(folder, $"again{target.Extension}");
            File.Delete(path);
            var model = TodaysKeras.Of(file.ReadModel()!, copy, target).Model;
            target.Write(path, new WrittenModel(model, []), new WeightStream(null, CancellationToken.None));
            await Run($"model = predict('{Path.GetFileName(path)}')");
            using var theirs = SourceCatalog.Open(Path.Combine(folder, "y.npz"), new SourceOptions());
            for (var k = 0; io.Find($"y{k}") is not null; k++)
            {
                var difference = KerasGoldenTests.Difference(KerasGoldenTests.Array(theirs, $"y{k}"), KerasGoldenTests.Array(io, $"y{k}"));
                if (!(difference <= Limit * Largest(KerasGoldenTests.Array(io, $"y{k}"))))
                {
                    wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{source} as {target.Name}: output {k} differs in Keras by {difference:g3}"));
                }
            }
        }

        return wrong;
    }

    /// <summary>What our own evaluation says otherwise than Keras; null for nothing.</summary>
    private static string? Difference(Model model, TensorSet io)
    {
        var inputs = model.Inputs
            .Select((input, k) => (input.Name, Value: new Value(KerasGoldenTests.Array(io, $"x{k}"))))
            .ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        var outputs = ModelWalker.Run(model, inputs, Precision.Double);
        for (var k = 0; k < outputs.Count; k++)
        {
            var expected = KerasGoldenTests.Array(io, $"y{k}");
            var difference = KerasGoldenTests.Difference(outputs[k].Data, expected);
            if (!(difference <= Limit * Largest(expected)))
            {
                return string.Create(CultureInfo.InvariantCulture, $"our output {k} differs by {difference:g3}");
            }
        }

        return null;
    }

    private static double Largest(NumericArray array) => Math.Max(1, array.ToDoubles().Select(Math.Abs).DefaultIfEmpty(0).Max());

    private async Task Run(string code)
    {
        var answer = await fixture.Keras.AskAsync(new JsonObject
        {
            ["code"] = $"exec(compile(open('{Script}').read(), 'stock_layers.py', 'exec'))\n{code}",
            ["folder"] = folder,
            ["samples"] = new JsonArray(),
        });
        Assert.True(answer["ok"]!.GetValue<bool>(), $"{code}: {answer["error"]}");
    }
}
