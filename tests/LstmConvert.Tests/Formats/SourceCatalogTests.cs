using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using LstmConvert.Formats;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Formats;

/// <summary>What a path means: links, kinds side by side, sources without values, and what is no file at all.</summary>
public sealed class SourceCatalogTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_checkpoint_made_of_links_is_what_they_point_to()
    {
        var store = Checkpoint("store", "m");
        Directory.CreateDirectory(At("work"));
        foreach (var (name, k) in new[] { ".index", ".data-00000-of-00001" }.Select((name, k) => (name, k)))
        {
            // A data store keeps files under names of its own.
            File.Move(store + name, At("store", $"sha-{k}"));
            File.CreateSymbolicLink(At("work", "m" + name), At("store", $"sha-{k}"));
        }

        AssertHolds(At("work", "m"), "rnn/lstm_cell/kernel");
        AssertHolds(At("work"), "rnn/lstm_cell/kernel");
        AssertHolds(At("work", "m.index"), "rnn/lstm_cell/kernel");
    }

    [Fact]
    public void A_link_to_an_index_leads_to_the_data_beside_the_index()
    {
        Checkpoint("store", "m-100");
        File.CreateSymbolicLink(At("latest.index"), At("store", "m-100.index"));
        AssertHolds(At("latest.index"), "rnn/lstm_cell/kernel", notes: 1);
        AssertHolds(At("latest"), "rnn/lstm_cell/kernel", notes: 1);
        Directory.CreateSymbolicLink(At("best"), At("store"));
        AssertHolds(At("best"), "rnn/lstm_cell/kernel");
        AssertHolds(At("best", "m-100"), "rnn/lstm_cell/kernel");
    }

    [Fact]
    public void A_version_1_checkpoint_behind_a_link_is_read()
    {
        WriteV1(At("model.ckpt"));
        File.CreateSymbolicLink(At("link"), "model.ckpt");
        AssertHolds(At("link"), "rnn/lstm_cell/kernel");
    }

    [Fact]
    public void Arrays_behind_links_are_read_and_a_link_into_its_own_path_is_walked_once()
    {
        WriteNpy("store", "0a1b");
        Directory.CreateDirectory(At("arrays", "rnn"));
        File.CreateSymbolicLink(At("arrays", "rnn", "kernel.npy"), At("store", "0a1b.npy"));
        Directory.CreateSymbolicLink(At("arrays", "latest"), ".");
        Directory.CreateSymbolicLink(At("arrays", "best"), At("arrays"));
        Directory.CreateSymbolicLink(At("arrays", "rnn", "up"), "../..");
        Directory.CreateSymbolicLink(At("arrays", "circle"), "circle");
        AssertHolds(At("arrays"), "rnn/kernel");
        AssertHolds(At("arrays", "latest", "best"), "rnn/kernel");
        Assert.Single(SourceCatalog.Open(At("arrays", "rnn", "kernel.npy"), new SourceOptions()).Tensors);
    }

    [Fact]
    public void A_link_to_nothing_is_said()
    {
        File.CreateSymbolicLink(At("kernel.npy"), "gone");
        Assert.Contains("is a link to gone, which is not there", Refused(At("kernel.npy")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_in_the_folder_wins_over_arrays_below_it_and_a_note_says_so()
    {
        Checkpoint("run", "m");
        WriteNpy(Path.Combine("run", "npy", "rnn"), "other");
        using (var set = SourceCatalog.Open(At("run"), new SourceOptions()))
        {
            Assert.Equal("V2 checkpoint", set.Format);
            Assert.Contains($"another source: {At("run", "npy", "rnn")}.", Assert.Single(set.Notes), StringComparison.Ordinal);
        }

        AssertHolds(At("run", "npy", "rnn"), "other");
        File.WriteAllBytes(
            At("run", "objects.npy"),
            [
                0x93,
                .. "NUMPY"u8,
                1,
                0,
                64,
                0,
                .. Encoding.Latin1.GetBytes("{'descr': '|O', 'fortran_order': False, 'shape': (9,), }".PadRight(63) + "\n"),
            ]);
        SourceCatalog.Open(At("run"), new SourceOptions()).Dispose();
        WriteNpy("run", "beside");
        var e = Assert.Throws<UndecidedException>(() => SourceCatalog.Open(At("run"), new SourceOptions()));
        Assert.Contains($"Name one: {At("run", "*.npy")}, {At("run", "m")}.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_model_beside_a_checkpoint_is_undecided_and_each_can_be_named()
    {
        Checkpoint(Path.Combine("model", "variables"), "variables");
        File.WriteAllBytes(At("model", "saved_model.pb"), [0x08, 0x01]);
        AssertHolds(At("model"), "rnn/lstm_cell/kernel");
        Checkpoint("model", "m");
        var e = Assert.Throws<UndecidedException>(() => SourceCatalog.Open(At("model"), new SourceOptions()));
        Assert.Contains($"Name one: {At("model", "saved_model.pb")}, {At("model", "m")}.", e.Message, StringComparison.Ordinal);
        AssertHolds(At("model", "saved_model.pb"), "rnn/lstm_cell/kernel");
        AssertHolds(At("model", "m"), "rnn/lstm_cell/kernel");
    }

    [Theory]
    [InlineData("")]
    [InlineData("variables")]
    [InlineData("variables/")]
    [InlineData("variables/variables")]
    [InlineData("variables/variables.index")]
    [InlineData("saved_model.pb")]
    public void Whatever_of_a_saved_model_is_named_its_graph_is_found(string named)
    {
        var model = Path.Combine(Shared.Goldens, "tf1", "kind-saved-model", "saved_model");
        using var set = SourceCatalog.Open(Path.Combine(model, named), new SourceOptions());
        Assert.Equal("SavedModel", set.Format);
        Assert.Equal(Path.Combine(model, "saved_model.pb"), set.GraphPath);
    }

    [Fact]
    public void The_graph_beside_is_the_one_of_the_prefix_or_the_only_one()
    {
        var prefix = Checkpoint("run", "m");
        var graph = new GraphDef { Node = { new NodeDef { Name = "x", Op = "Placeholder" } } }.ToByteArray();
        File.WriteAllBytes(At("run", "frozen.pb"), graph);
        File.WriteAllBytes(At("run", "labels.pb"), [0x12, 0x01, 0x00]);
        Assert.Equal(At("run", "frozen.pb"), Graph());
        File.WriteAllBytes(At("run", "other.pb"), graph);
        Assert.Null(Graph());
        File.WriteAllBytes(prefix + ".meta", graph);
        Assert.Equal(prefix + ".meta", Graph());

        string? Graph()
        {
            using var set = SourceCatalog.Open(prefix, new SourceOptions());
            return set.GraphPath;
        }
    }

    [Fact]
    public void An_index_without_its_data_has_names_and_shapes_and_refuses_values()
    {
        var prefix = Checkpoint("run", "m");
        var data = prefix + ".data-00000-of-00001";
        File.WriteAllBytes(data, File.ReadAllBytes(data)[..8]);
        Assert.Contains("cut off", Refused(prefix), StringComparison.Ordinal);
        File.Delete(data);
        Assert.Contains("is missing", Refused(prefix), StringComparison.Ordinal);
        using var set = SourceCatalog.Open(prefix, new SourceOptions { WithoutValues = true });
        var kernel = Assert.Single(set.Tensors);
        Assert.Equal("rnn/lstm_cell/kernel float32 (5, 12)", kernel.ToString());
        Assert.Contains(data, Assert.Single(set.MissingValues), StringComparison.Ordinal);
        Assert.Contains(data, Assert.Throws<UnreadableInputException>(() => kernel.Read(0, new byte[4])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_that_is_named_is_read_though_its_index_lies_there_without_data()
    {
        var prefix = Checkpoint("run", "m");
        File.WriteAllBytes(
            prefix + ".meta",
            new MetaGraphDef
            {
                GraphDef = new GraphDef
                {
                    Node =
                    {
                        new NodeDef { Name = "x", Op = "Placeholder" },
                    },
                },
            }.ToByteArray());
        using (var whole = SourceCatalog.Open(prefix + ".meta", new SourceOptions { WithoutValues = true }))
        {
            Assert.False(whole.IsGraphAlone);
        }

        File.Delete(prefix + ".data-00000-of-00001");
        using var set = SourceCatalog.Open(prefix + ".meta", new SourceOptions { WithoutValues = true });
        Assert.True(set.IsGraphAlone);
        Assert.Equal(prefix + ".meta", set.GraphPath);
        Assert.Contains("is missing", Refused(prefix + ".meta"), StringComparison.Ordinal);
    }

    [Fact]
    public void Pipes_devices_and_the_whole_file_system_are_refused_at_once()
    {
        Assert.SkipUnless(RuntimeInformation.IsOSPlatform(OSPlatform.Linux), "pipes and devices have names on Unix only");
        using (var make = Process.Start("mkfifo", [At("pipe")]))
        {
            make.WaitForExit();
        }

        Assert.Contains("a pipe or a device", Refused(At("pipe")), StringComparison.Ordinal);
        Assert.Contains("a pipe or a device", Refused("/dev/zero"), StringComparison.Ordinal);
        Checkpoint("run", "m");
        File.Move(At("pipe"), At("run", "pipe"));
        AssertHolds(At("run"), "rnn/lstm_cell/kernel");
        Assert.NotEmpty(Refused("/"));
    }

    [Fact]
    public void A_state_file_of_blanks_is_no_checkpoint()
    {
        File.WriteAllText(At("checkpoint"), new string(' ', CheckpointState.MaximumBytes));
        Assert.NotEmpty(Refused(folder));
        File.WriteAllText(At("checkpoint"), "model_checkpoint_path: \"" + new string('\\', CheckpointState.MaximumBytes - 30));
        Assert.NotEmpty(Refused(folder));
    }

    private string At(params string[] parts) => Path.Combine([folder, .. parts]);

    private string Checkpoint(string below, string name)
    {
        Directory.CreateDirectory(At(below));
        CheckpointV2Writer.Write(At(below, name), [Kernel()]);
        File.Delete(At(below, "checkpoint"));
        return At(below, name);
    }

    private static MemoryTensor Kernel()
    {
        var bytes = new byte[5 * 12 * sizeof(float)];
        new Random(5).NextBytes(bytes);
        return new MemoryTensor(new TensorInfo("rnn/lstm_cell/kernel", DType.Float32, new Shape(5, 12)), bytes);
    }

    private void WriteNpy(string below, string name)
    {
        Directory.CreateDirectory(At(below));
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 12), }".PadRight(117) + "\n";
        File.WriteAllBytes(
            At(below, name + ".npy"),
            [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.Latin1.GetBytes(header), .. Bytes(Kernel())]);
    }

    /// <summary>The smallest checkpoint of TensorFlow before 0.12: one table with the list of tensors and one tensor.</summary>
    private static void WriteV1(string path)
    {
        var shape = new TensorShapeProto
        {
            Dim =
            {
                new TensorShapeProto.Types.Dim { Size = 5 },
                new TensorShapeProto.Types.Dim { Size = 12 },
            },
        };
        var whole = new TensorSliceProto { Extent = { new TensorSliceProto.Types.Extent(), new TensorSliceProto.Types.Extent() } };
        var meta = new SavedTensorSlices
        {
            Meta = new SavedTensorSliceMeta
            {
                Tensor =
                {
                    new SavedSliceMeta
                    {
                        Name = "rnn/lstm_cell/kernel",
                        Shape = shape,
                        Type = 1,
                        Slice = { whole },
                    },
                },
            },
        };
        var data = new TensorProto { FloatVal = { MemoryMarshal.Cast<byte, float>(Bytes(Kernel())).ToArray() } };
        var values = new SavedTensorSlices { Data = new SavedSlice { Name = "rnn/lstm_cell/kernel", Slice = whole, Data = data } };
        File.WriteAllBytes(path, LevelDbTableWriter.Write(
        [
            KeyValuePair.Create(Array.Empty<byte>(), meta.ToByteArray()),
            KeyValuePair.Create(TensorSlice.Read(whole).Key("rnn/lstm_cell/kernel"u8), values.ToByteArray()),
        ]));
    }

    private static byte[] Bytes(Tensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteCount];
        tensor.Read(0, bytes);
        return bytes;
    }

    private static void AssertHolds(string path, string variable, int notes = 0)
    {
        using var set = SourceCatalog.Open(path, new SourceOptions());
        var tensor = Assert.Single(set.Tensors);
        Assert.Equal(variable, tensor.Name);
        Assert.Equal(Bytes(Kernel()), Bytes(tensor));
        Assert.Equal(notes, set.Notes.Count);
    }

    private static string Refused(string path) =>
        Assert.Throws<UnreadableInputException>(() => SourceCatalog.Open(path, new SourceOptions())).Message;
}
