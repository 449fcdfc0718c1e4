using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using LstmConvert.Files;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.TensorFlow;
using LstmConvert.Tests.Arrays;

namespace LstmConvert.Tests.Files;

/// <summary>Files that are named where something else is wanted are called what they are.</summary>
public sealed class ForeignFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("dialects", ".pt", "a file of PyTorch")]
    [InlineData("dialects", ".safetensors", "a safetensors file")]
    [InlineData("dialects", ".msgpack", "a MessagePack of Flax or another program")]
    [InlineData("dialects", ".params", "a file of MXNet")]
    [InlineData("dialects", ".onnx", "an ONNX model")]
    [InlineData("tf2", ".tflite", "a model of TensorFlow Lite")]
    [InlineData("keras-2.11.0", "model.json", "the architecture of a Keras model without its weights")]
    [InlineData("keras-2.11.0", ".h5", "an HDF5 file")]
    [InlineData("tf1", ".npz", "a NumPy archive (.npz)")]
    [InlineData("tf1", "case.json", "a JSON text")]
    public void What_other_programs_wrote_is_called_what_it_is(string set, string end, string kind)
    {
        var files = Directory.GetFiles(Path.Combine(Shared.Goldens, set), "*" + end, SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal(kind, ForeignFile.Of(file)?.Name));
    }

    [Theory]
    [InlineData("tf1", ".index")]
    [InlineData("tf1", ".data-00000-of-00001")]
    [InlineData("tf1", ".meta")]
    [InlineData("tf1", ".pb")]
    [InlineData("tf-old", ".meta")]
    public void What_TensorFlow_wrote_is_nothing_foreign(string set, string end) =>
        Assert.All(Directory.GetFiles(Path.Combine(Shared.Bundled, set), "*" + end, SearchOption.AllDirectories), file =>
            Assert.Null(ForeignFile.Of(file)));

    [Fact]
    public void Every_protocol_of_a_pickle_is_one()
    {
        var recorded = Oracle.Numpy("""
            import pickle, numpy as np
            objects = [{'w': [1, 2]}, [1, 'a'], {'k': np.zeros(3)}, np.zeros((2, 2), np.float32)]
            np.savez(out, **{f'{k}_{p}': np.frombuffer(pickle.dumps(o, p), np.uint8).astype(np.float64) for k, o in enumerate(objects) for p in range(pickle.HIGHEST_PROTOCOL + 1)})
            """);
        Assert.Equal(24, recorded.Names.Count());
        foreach (var name in recorded.Names)
        {
            Assert.Equal(
                (name, "a Python pickle"),
                (name, ForeignFile.Of("w.pkl", [.. recorded.Values(name).Select(value => (byte)value)])?.Name));
        }
    }

    [Theory]
    [InlineData("1,2,3\n4,5,6\n", "w.csv", "a text")]
    [InlineData("import tensorflow as tf\n", "train.py", "a Python program")]
    [InlineData("{\"format\": \"layers-model\", \"modelTopology\": {}}", "model.json", "a model of TensorFlow.js")]
    [InlineData("[1, 2]", "a.json", "a JSON text")]
    [InlineData("größe\n", "a.txt", "a text")]
    [InlineData("MATLAB 5.0 MAT-file, Platform: GLNXA64", "w.mat", "a file of MATLAB")]
    public void Texts_are_called_what_they_are(string text, string name, string kind) =>
        Assert.Equal(kind, ForeignFile.Of(name, Encoding.UTF8.GetBytes(text))?.Name);

    [Theory]
    [InlineData("")]
    [InlineData("62fce772bdc5f9d6")]
    [InlineData("08011200")]
    [InlineData("504b0304")]
    [InlineData("80")]
    [InlineData("1201")]
    public void Short_and_unknown_bytes_are_never_a_failure(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        for (var length = 0; length <= bytes.Length; length++)
        {
            _ = ForeignFile.Of("a", bytes.AsSpan(0, length));
        }

        Assert.Null(hex == "504b0304" ? null : ForeignFile.Of("a", bytes));
    }

    [Fact]
    public void Where_a_source_is_wanted_a_Keras_file_is_named_with_what_to_do()
    {
        using (var zip = ZipFile.Open(At("model.keras"), ZipArchiveMode.Create))
        {
            zip.CreateEntry("metadata.json");
        }

        var refusal = Assert.Throws<UnreadableInputException>(() => SourceCatalog.Open(At("model.keras"), new SourceOptions()));
        Assert.Contains("is a Keras file (.keras)", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("lstmconvert repair", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_Keras_file_is_wanted_a_source_is_called_what_it_is()
    {
        var checkpoint = Path.Combine(Shared.Bundled, "tf1", "gru", "model.ckpt");
        Assert.Contains(
            "is a V2 checkpoint, and a Keras file is expected here",
            Refusal(() => KerasFile.Open(checkpoint)),
            StringComparison.Ordinal);
        Assert.Contains(
            "is a V2 checkpoint, and a Keras file is expected here",
            Refusal(() => KerasFile.Open(checkpoint + ".index")),
            StringComparison.Ordinal);
        Assert.Contains("is a folder, and a file is expected here", Refusal(() => KerasFile.Open(folder)), StringComparison.Ordinal);
        var header = new byte[40];
        BinaryPrimitives.WriteUInt64LittleEndian(header, 30);
        "{}"u8.CopyTo(header.AsSpan(8));
        File.WriteAllBytes(At("w.safetensors"), header);
        Assert.Contains(
            "is a .safetensors file, and a Keras file is expected here",
            Refusal(() => KerasFile.Open(At("w.safetensors"))),
            StringComparison.Ordinal);
        Assert.Contains(
            "is a safetensors file, and a graph of TensorFlow is expected here",
            Refusal(() => GraphFile.Read(At("w.safetensors"))),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run/model.ckpt-30", "Did you mean {0}run/model.ckpt-3, {0}run/model.ckpt-10 or {0}run/model.ckpt-20?")]
    [InlineData("run/MODEL.ckpt-3", "Did you mean {0}run/model.ckpt-3?")]
    [InlineData("run/best", "{0}run has the checkpoints model.ckpt-20, model.ckpt-10, model.ckpt-3.")]
    [InlineData("rum/model.ckpt-3", "Did you mean {0}run?")]
    [InlineData("elsewhere/far/x", "has no elsewhere. Check the path.")]
    public void A_path_that_leads_to_nothing_is_answered_with_what_is_there(string path, string answer)
    {
        Directory.CreateDirectory(At("run"));
        foreach (var step in new[] { 3, 10, 20 })
        {
            File.WriteAllText(At($"run/model.ckpt-{step}.index"), "");
            File.WriteAllText(At($"run/model.ckpt-{step}.data-00000-of-00001"), "");
        }

        Assert.Contains(
            string.Format(null, answer, folder + "/"),
            Refusal(() => SourceCatalog.Open(At(path), new SourceOptions())),
            StringComparison.Ordinal);
    }

    private static string Refusal(Action action) => Assert.Throws<UnreadableInputException>(action).Message;

    private string At(string name) => Path.Combine(folder, name);
}
