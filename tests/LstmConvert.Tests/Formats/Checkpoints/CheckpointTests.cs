using System.Security.Cryptography;
using System.Text.Json;
using LstmConvert.Formats;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Formats.Checkpoints;

/// <summary>Checkpoints that real TensorFlow wrote, against what TensorFlow itself read from them.</summary>
public sealed class CheckpointTests(ITestOutputHelper output)
{
    private static readonly SourceOptions Options = new();

    [Fact]
    public void Every_recorded_checkpoint_holds_the_variables_that_TensorFlow_listed_bit_for_bit()
    {
        var (cases, tensors) = (0, 0);
        foreach (
            var folder in new[] { "tf1", "tf-old", "tf2", "dialects" }
                .SelectMany(group => Directory.GetDirectories(Path.Combine(Shared.Goldens, group)))
                .Order(StringComparer.Ordinal))
        {
            if (Checkpoint(folder) is not { } path || !File.Exists(Path.Combine(folder, "variables.npz")))
            {
                continue;
            }

            using var expected = SourceCatalog.Open(Path.Combine(folder, "variables.npz"), Options);
            using var actual = Open(Path.Combine(folder, path));
            foreach (var variable in expected.Tensors)
            {
                // Names in an .npz have no leading dot or slash problem: they are the keys.
                var found = actual.Find(variable.Name)
                    ?? throw new Xunit.Sdk.XunitException(
                        $"{folder}: {variable.Name} is not in {string.Join(", ", actual.Tensors.Select(tensor => tensor.Name))}");
                Assert.Equal(variable.Shape, found.Shape);
                Assert.True(
                    Bytes(variable).AsSpan().SequenceEqual(Bytes(found.DType == DType.BFloat16 ? new Widened(found) : found)),
                    $"{folder}: {variable.Name} differs");
                tensors++;
            }

            Assert.Equal(
                expected.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal),
                actual.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
            cases++;
        }

        output.WriteLine($"{cases} checkpoints, {tensors} variables equal");
        Assert.True(cases > 350, $"only {cases} cases have a checkpoint and its variables");
    }

    [Fact]
    public void Public_checkpoints_hold_what_TensorFlow_read_from_them()
    {
        var tensors = 0;
        foreach (
            var record in Directory.GetFiles(
                Path.Combine(Shared.Folder, "real", "recorded-tf"),
                "recorded.json",
                SearchOption.AllDirectories))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(record));
            if (json.RootElement.GetProperty("kind").GetString() is "frozen" or "meta_only")
            {
                continue;
            }

            var source = json.RootElement.GetProperty("source").GetString()!;
            using var set = Open(Path.Combine(Shared.Folder, "real", "checkpoints", source));
            var variables = json.RootElement.GetProperty("variables").EnumerateArray().ToArray();
            foreach (var variable in variables)
            {
                var name = variable.GetProperty("name").GetString()!;
                if (set.Find(name) is { } tensor)
                {
                    Assert.Equal(variable.GetProperty("dtype").GetString(), tensor.DType.Name());
                    Assert.Equal(
                        variable.GetProperty("shape").EnumerateArray().Select(length => length.GetInt64()),
                        tensor.Shape.Dimensions.ToArray());
                    Assert.Equal(variable.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(Bytes(tensor))));
                }
                else
                {
                    var text = Assert.Single(set.WithoutNumbers, text => text.Name == name);
                    var bytes = CheckpointV2.Texts(text).SelectMany(element => element.ToArray()).ToArray();
                    Assert.Equal(variable.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
                }

                tensors++;
            }

            Assert.Equal(variables.Length, set.Tensors.Count + set.WithoutNumbers.Count);
        }

        output.WriteLine($"{tensors} tensors equal");
        Assert.True(tensors >= 440, $"only {tensors} tensors were compared");
    }

    [Fact]
    public void What_TensorFlow_reads_is_read_and_what_it_refuses_is_read_or_said_in_words()
    {
        var root = Path.Combine(Shared.Folder, "real", "checkpoints");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Shared.Folder, "real", "recorded-tf", "reader_behaviour.json")));
        foreach (var row in json.RootElement.GetProperty("rows").EnumerateArray())
        {
            var (name, path) = (row.GetProperty("case").GetString()!, row.GetProperty("path").GetString()!);
            if (row.TryGetProperty("damage", out _))
            {
                continue;
            }

            var listed = row.GetProperty("list_variables");
            var read = row.GetProperty("NewCheckpointReader_and_get_all");
            var count = new[] { listed, read }
                .Where(element => element.ValueKind == JsonValueKind.Number)
                .Select(element => element.GetInt32())
                .DefaultIfEmpty(0)
                .Max();
            string said;
            try
            {
                using var set = SourceCatalog.Open(Path.Combine(root, path), Options);
                Assert.True(set.Tensors.Count + set.WithoutNumbers.Count >= count, $"{name}: {set.Tensors.Count} of {count}");
                said = $"{set.Format}: {set.Tensors.Count} variables{string.Concat(set.Notes.Select(note => " · " + note))}";
            }
            catch (LstmConvertException e)
            {
                Assert.True(count == 0, $"{name}: TensorFlow reads {count} variables, and here: {e.Message}");
                said = e.Message;
            }

            output.WriteLine($"{name,-32} {said.Replace(root, "…", StringComparison.Ordinal)}");
        }
    }

    [Theory]
    [InlineData("data cut", "cut off")]
    [InlineData("data missing", "missing")]
    [InlineData("data of another save", "from other saves")]
    [InlineData("index missing", "missing")]
    [InlineData("index cut", "magic number")]
    [InlineData("index empty", "magic number")]
    [InlineData("index is a pointer", "Git LFS pointer to a file of 1299 bytes")]
    [InlineData("data is a pointer", "Git LFS pointer")]
    [InlineData("index is a page", "web page")]
    [InlineData("data flipped", "does not match its checksum")]
    public void A_damaged_checkpoint_is_said_in_words(string damage, string words)
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var prefix = Path.Combine(folder, "m");
            CheckpointV2Writer.Write(prefix, [Memory("rnn/basic_lstm_cell/kernel", 12, 16), Memory("rnn/basic_lstm_cell/bias", 16)]);
            var (index, data) = (prefix + ".index", prefix + ".data-00000-of-00001");
            switch (damage)
            {
                case "data cut":
                    File.WriteAllBytes(data, File.ReadAllBytes(data)[..100]);
                    break;
                case "data missing":
                    File.Delete(data);
                    break;
                case "data of another save":
                    File.Copy(data, prefix + ".data-00000-of-00002");
                    File.Move(data, prefix + ".data-00000-of-00003");
                    break;
                case "index missing":
                    File.Delete(index);
                    break;
                case "index cut":
                    File.WriteAllBytes(index, File.ReadAllBytes(index)[..^1]);
                    break;
                case "index empty":
                    File.WriteAllBytes(index, []);
                    break;
                case "index is a pointer":
                    File.WriteAllText(index, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1299\n");
                    break;
                case "data is a pointer":
                    File.WriteAllText(data, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 832\n");
                    break;
                case "index is a page":
                    File.WriteAllText(index, "\n<!DOCTYPE html><html></html>");
                    break;
                case "data flipped":
                    var bytes = File.ReadAllBytes(data);
                    bytes[100] ^= 4;
                    File.WriteAllBytes(data, bytes);
                    break;
            }

            var e = Assert.Throws<UnreadableInputException>(() =>
            {
                using var set = SourceCatalog.Open(prefix, Options);
                foreach (var tensor in set.Tensors)
                {
                    Bytes(tensor);
                }
            });
            output.WriteLine(e.Message);
            Assert.Contains(words, e.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_plain_index_is_written_again_byte_for_byte()
    {
        var (equal, compressed) = (0, 0);
        foreach (
            var index in Directory
                .GetFiles(Shared.Folder, "*.index", SearchOption.AllDirectories)
                .Where(index => !index.Contains("/hostile/", StringComparison.Ordinal)))
        {
            var table = LevelDbTable.Open(index, verify: true);
            var entries = table.Entries().ToArray();
            if (table.IsCompressed)
            {
                compressed++;
                continue;
            }

            var header = BundleHeaderProto.Parser.ParseFrom(entries[0].Value.Span);
            var written = CheckpointV2Writer.Index(
                header,
                entries.Skip(1).Select(entry => KeyValuePair.Create(entry.Key, BundleEntryProto.Parser.ParseFrom(entry.Value.Span))));
            Assert.True(written.AsSpan().SequenceEqual(File.ReadAllBytes(index)), $"{index} differs");
            equal++;
        }

        output.WriteLine($"{equal} equal, {compressed} compressed");
        Assert.True(equal > 350 && compressed >= 6);
    }

    [Fact]
    public void What_is_written_is_the_checkpoint_that_TensorFlow_wrote()
    {
        var checkedFiles = 0;
        foreach (var folder in Directory.GetDirectories(Path.Combine(Shared.Goldens, "tf1")))
        {
            var prefix = Path.Combine(folder, "model.ckpt");
            if (!File.Exists(prefix + ".data-00000-of-00001"))
            {
                continue;
            }

            using var set = Open(prefix);
            var entries = LevelDbTable
                .Open(prefix + ".index", verify: true)
                .Entries()
                .Skip(1)
                .Select(entry => BundleEntryProto.Parser.ParseFrom(entry.Value.Span));
            if (set.WithoutNumbers.Count > 0 || entries.Any(entry => entry.Slices.Count > 0))
            {
                continue;
            }

            var target = Directory.CreateTempSubdirectory().FullName;
            try
            {
                var copy = Path.Combine(target, "model.ckpt");
                CheckpointV2Writer.Write(copy, [.. set.Tensors.Reverse()]);
                foreach (var end in new[] { ".index", ".data-00000-of-00001" })
                {
                    Assert.True(
                        File.ReadAllBytes(copy + end).AsSpan().SequenceEqual(File.ReadAllBytes(prefix + end)),
                        $"{folder}{end} differs");
                }

                checkedFiles++;
            }
            finally
            {
                Directory.Delete(target, recursive: true);
            }
        }

        output.WriteLine($"{checkedFiles} checkpoints equal");
        Assert.True(checkedFiles > 100);
    }

    [Fact]
    public void Any_flipped_bit_of_an_index_or_of_a_tensor_is_found()
    {
        var random = new Random(20261124);
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var prefix = Path.Combine(folder, "m");
            CheckpointV2Writer.Write(
                prefix,
                [
                    Memory("rnn/basic_lstm_cell/kernel", 3, 4),
                    Memory("rnn/basic_lstm_cell/bias", 4),
                    Memory("rnn/basic_lstm_cell/bias/Adam", 4),
                ]);
            foreach (var (path, flips) in new[] { (prefix + ".index", 6000), (prefix + ".data-00000-of-00001", 4000) })
            {
                var intact = File.ReadAllBytes(path);
                for (var k = 0; k < flips; k++)
                {
                    var bytes = intact.ToArray();
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    File.WriteAllBytes(path, bytes);
                    Assert.ThrowsAny<LstmConvertException>(() =>
                    {
                        using var set = SourceCatalog.Open(prefix, Options);
                        foreach (var tensor in set.Tensors)
                        {
                            tensor.Check();
                        }
                    });
                }

                File.WriteAllBytes(path, intact);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_partitioned_variable_is_put_together_from_the_vector_of_the_format_description()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var index =
                "00000608011a020801000c1300666f6f00010102807f8081080112081202080212020801280835290398070a0215818208011208120208021202080220082810352337cbbb"
                + "00031e666f6f0801120812020802120208033a060a000a0210013a080a000a0408011002000000000100000000e9b977fd000000000100000000c0f2a1b0000102670071"
                + "000000000100000000c5e1d4e2760883010e" + new string('0', 70) + "57fb808b247547db";
            File.WriteAllBytes(Path.Combine(folder, "m.index"), Convert.FromHexString(index));
            File.WriteAllBytes(
                Path.Combine(folder, "m.data-00000-of-00001"),
                [.. new byte[8], .. Enumerable.Repeat(1f, 4).SelectMany(BitConverter.GetBytes)]);
            using var set = Open(Path.Combine(folder, "m"));
            var foo = Assert.Single(set.Tensors);
            Assert.Equal("foo float32 (2, 3)", foo.ToString());
            Assert.Equal([0, 1, 1, 0, 1, 1], Rows.ToDoubles(foo));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Checksums_and_ordered_numbers_match_the_published_vectors()
    {
        Assert.Equal(0xe3069283, Crc32C.Append("123456789"u8));
        Assert.Equal(0xfebe8a61, Crc32C.Mask(Crc32C.Append("foo"u8)));
        Assert.Equal(0x8a9136aau, Crc32C.Append(new byte[32]));
        Assert.Equal(0xa282ead8, Crc32C.Mask(0));
        Assert.Equal(Crc32C.Append("123456789"u8), Crc32C.Append("6789"u8, Crc32C.Append("12345"u8)));
        foreach (
            var (value, hex) in new[]
            {
                (0L, "80"),
                (1, "81"),
                (63, "bf"),
                (64, "c040"),
                (8191, "dfff"),
                (8192, "e02000"),
                (-1, "7f"),
                (-64, "40"),
                (-65, "3fbf"),
                (34, "a2"),
                (67, "c043"),
                (100, "c064"),
                (1L << 62, "ffc04000000000000000"),
            })
        {
            var key = new List<byte>();
            TensorSlice.WriteSigned(key, value);
            Assert.Equal(hex, Convert.ToHexStringLower([.. key]));
        }

        Assert.Equal(
            "00666f6f00010104807f807f81838485",
            Convert.ToHexStringLower(new TensorSlice([(0, -1), (0, -1), (1, 3), (4, 5)]).Key("foo"u8)));
    }

    [Theory]
    [InlineData("/gone/away/m-2", "m-2", 1)]
    [InlineData("C:\\\\Users\\\\me\\\\m-2", "m-2", 1)]
    [InlineData("m-2", "m-2", 0)]
    [InlineData("m-\\303\\251", "m-é", 0)]
    public void The_state_file_leads_to_the_checkpoint_beside_it(string named, string found, int notes)
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            foreach (var name in new[] { "m-2", "m-10", "m-é" })
            {
                CheckpointV2Writer.Write(Path.Combine(folder, name), [Memory("v", 1)]);
            }

            File.WriteAllText(
                Path.Combine(folder, "checkpoint"),
                $"model_checkpoint_path: \"{named}\"\nall_model_checkpoint_paths: \"m-1\"\n");
            foreach (var typed in new[] { folder, Path.Combine(folder, "checkpoint") })
            {
                using var set = Open(typed);
                Assert.StartsWith(Path.Combine(folder, found) + ",", set.Details, StringComparison.Ordinal);
                Assert.Equal(notes, set.Notes.Count);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Several_checkpoints_without_a_state_file_are_undecided_and_each_is_named()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            foreach (var name in new[] { "m-2", "m-10", "m-9" })
            {
                CheckpointV2Writer.Write(Path.Combine(folder, name), [Memory("v", 1)]);
            }

            File.Delete(Path.Combine(folder, "checkpoint"));
            var e = Assert.Throws<UndecidedException>(() => Open(folder));
            Assert.EndsWith(
                $"Name one: {Path.Combine(folder, "m-10")}, {Path.Combine(folder, "m-9")}, {Path.Combine(folder, "m-2")}.",
                e.Message,
                StringComparison.Ordinal);
            using var set = Open(Path.Combine(folder, "m-10"));
            Assert.Single(set.Tensors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TensorSet Open(string path) => SourceCatalog.Open(path, Options);

    private static string? Checkpoint(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "case.json")));
        return
            json.RootElement.TryGetProperty("files", out var files)
            && files.ValueKind == JsonValueKind.Object
            && files.TryGetProperty("checkpoint", out var checkpoint)
            ? checkpoint.GetString()
            : null;
    }

    private static byte[] Bytes(Tensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteCount];
        tensor.Read(0, bytes);
        return bytes;
    }

    private static MemoryTensor Memory(string name, params long[] shape)
    {
        var info = new TensorInfo(name, DType.Float32, new Shape(shape));
        var random = new Random(name.Length);
        var bytes = new byte[info.ByteCount];
        random.NextBytes(bytes);
        return new MemoryTensor(info, bytes);
    }

    /// <summary>bfloat16 as the recordings hold it: float32.</summary>
    private sealed class Widened(Tensor tensor) : Tensor(tensor.Info with { DType = DType.Float32 })
    {
        public override void Read(long offset, Span<byte> destination)
        {
            var halves = new byte[destination.Length / 2];
            tensor.Read(offset / 2, halves);
            destination.Clear();
            for (var k = 0; k < halves.Length; k += 2)
            {
                halves.AsSpan(k, 2).CopyTo(destination[((k * 2) + 2)..]);
            }
        }
    }
}
