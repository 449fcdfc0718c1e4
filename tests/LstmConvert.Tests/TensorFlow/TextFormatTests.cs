using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using LstmConvert.Recognition;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.TensorFlow;

/// <summary>The reader of <c>.pbtxt</c> against the compiler of protocol buffers, which writes the same format, against files that programs
/// left, and against damage.</summary>
public sealed class TextFormatTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public static TheoryData<string> Graphs() =>
        [
            .. Directory
                .EnumerateFiles(Shared.Bundled, "*", SearchOption.AllDirectories)
                .Where(path => Path.GetExtension(path) == ".meta" || Path.GetFileName(path) == "saved_model.pb")
                .Select(path => Path.GetRelativePath(Shared.Bundled, path))
                .Order(StringComparer.Ordinal),
        ];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Graphs))]
    public async Task What_the_compiler_of_protocol_buffers_prints_is_the_message_that_it_was_made_of(string name)
    {
        var path = Path.Combine(Shared.Bundled, name);
        var (parser, descriptor) = name.EndsWith(".meta", StringComparison.Ordinal)
            ? (MetaGraphDef.Parser, MetaGraphDef.Descriptor)
            : ((MessageParser)SavedModel.Parser, SavedModel.Descriptor);
        var text = await Protoc(
            $"--decode={descriptor.FullName}",
            await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.True(text.Length > 1000);
        var expected = parser
            .WithDiscardUnknownFields(true)
            .ParseFrom(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(expected, parser.ParseFrom(TextFormat.ToBytes(text, descriptor, name)));
    }

    [Fact]
    public void Graphs_that_programs_left_as_text_are_those_that_they_left_as_bytes()
    {
        var texts = Directory.GetFiles(Path.Combine(Shared.Folder, "real"), "frozen_graph.pbtxt", SearchOption.AllDirectories);
        Assert.True(texts.Length > 20);
        foreach (var text in texts)
        {
            var nodes = GraphFile.Read(text).Graph.Node;
            Assert.Equal(GraphFile.Read(Path.Combine(Path.GetDirectoryName(text)!, "frozen_model.pb")).Graph.Node, nodes);
        }
    }

    [Fact]
    public void Each_form_of_a_value_has_its_bytes()
    {
        var graph = Graph("""
            # written by hand
            node <
              name: 'a' "\x62" '\143';   op: "Const", input: ["x", "y:1"] input: []
              attr { key: "dtype" value { type: DT_FLOAT_REF } }
              attr { key: "n" value: { i: -0x1F } }
              attr { key: "o" value { i: 017 } }
              attr { key: "list" value { list { i: [1, - 2, 9223372036854775807] f: [1.5e-3f, -inf, NaN] b: true b: f type: [DT_HALF, 1] } } }
              attr { key: "text" value { s: "\a\b\f\n\r\t\v\\\'\"\?\000\377\u00e9\U0001F600" } }
              experimental_debug_info { original_node_names: "a" [some.extension/type] { q: 1 } }
              99: 5
            >
            """);
        var node = Assert.Single(graph.Node);
        Assert.Equal(("abc", "Const"), (node.Name, node.Op));
        Assert.Equal(["x", "y:1"], node.Input);
        Assert.Equal((101, -31L, 15L), (node.Attr["dtype"].Type, node.Attr["n"].I, node.Attr["o"].I));
        Assert.Equal([1L, -2L, long.MaxValue], node.Attr["list"].List.I);
        Assert.Equal([1.5e-3f, float.NegativeInfinity, float.NaN], node.Attr["list"].List.F);
        Assert.Equal([true, false], node.Attr["list"].List.B);
        Assert.Equal([19, 1], node.Attr["list"].List.Type);
        byte[] bytes = [7, 8, 12, 10, 13, 9, 11, 92, 39, 34, 63, 0, 255, .. "é😀"u8];
        Assert.Equal(bytes, node.Attr["text"].S.ToByteArray());
    }

    [Theory]
    [InlineData("node { name: \"a\"", "is not closed with }")]
    [InlineData("node { name: \"a }", "a text is not closed")]
    [InlineData("node {\n\n name \"a\" }", "in line 3")]
    [InlineData("node { attr { key: 'i' value { i: one } } }", "'one' is neither")]
    [InlineData("node { attr { key: 'i' value { i: 089 } } }", "'089' is neither")]
    [InlineData("node { attr { key: 'f' value { f: 1.2.3 } } }", "'1.2.3' is none")]
    [InlineData("node { attr { key: 'b' value { b: maybe } } }", "'maybe' is neither")]
    [InlineData("node { attr { key: 's' value { s: \"\\777\" } } }", "larger than a byte")]
    [InlineData("node { attr { key: 's' value { s: \"\\ud800\" } } }", "no character")]
    [InlineData("node { attr { key: 's' value { s: \"\\q\" } } }", "not known")]
    [InlineData("node { input: [\"a\" \"b\", }", "value is missing")]
    [InlineData("node { name { } }", "name takes no message")]
    [InlineData("node { name: 5 }", "name takes no '5'")]
    [InlineData("node: \"a\"", "node takes no text")]
    [InlineData("node { name: 'a' }\0node { name: 'b' }", "field's name is missing")]
    [InlineData("node { name: 'a' } }", "field's name is missing")]
    public void What_is_damaged_is_named_with_its_line(string text, string problem)
    {
        var refusal = Assert.Throws<UnreadableInputException>(() => Graph(text));
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("graph.pbtxt is damaged: in line ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_within_messages_are_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("a {", 200_000));
        Assert.Contains(
            "100 messages within messages",
            Assert.Throws<UnreadableInputException>(() => Graph(deep)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_beginning_of_a_text_is_refused_or_read_and_never_fails_otherwise()
    {
        const string Text =
            "node { name: \"a\\n\" op: 'Const' attr { key: \"value\" value { tensor { dtype: DT_FLOAT tensor_shape { dim { size: 2 } } float_val: [1.5, -2] } } } } # end";
        for (var length = 0; length < Text.Length; length++)
        {
            try
            {
                _ = Graph(Text[..length]);
            }
            catch (UnreadableInputException)
            {
                // Refused in a sentence of ours.
            }
        }

        Assert.Equal("a\n", Graph(Text).Node[0].Name);
    }

    [Theory]
    [InlineData("﻿# GraphDef\nnode {", "node")]
    [InlineData("saved_model_schema_version: 1", "saved_model_schema_version")]
    [InlineData("node", null)]
    [InlineData("model_checkpoint_path = \"a\"", null)]
    [InlineData("{\"node\": 1}", null)]
    public void A_text_is_known_by_its_first_field(string text, string? field) =>
        Assert.Equal(field, TextFormat.FirstField(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task An_Estimators_graph_as_text_says_what_the_same_graph_as_bytes_does()
    {
        var source = Path.Combine(Shared.Bundled, "tf1", "multi-residual-dropout");
        foreach (var file in Directory.GetFiles(source, "model.ckpt.*").Where(file => Path.GetExtension(file) != ".meta"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var meta = MetaGraphDef.Parser.ParseFrom(
            await File.ReadAllBytesAsync(Path.Combine(source, "model.ckpt.meta"), TestContext.Current.CancellationToken));
        await File.WriteAllBytesAsync(
            Path.Combine(folder, "graph.pbtxt"),
            await Protoc($"--decode={GraphDef.Descriptor.FullName}", meta.GraphDef.ToByteArray()),
            TestContext.Current.CancellationToken);
        Assert.Equal(Facts(Path.Combine(source, "model.ckpt")), Facts(Path.Combine(folder, "model.ckpt")));
        Assert.Contains("graph: ", Facts(Path.Combine(folder, "model.ckpt")), StringComparison.Ordinal);
    }

    private static string Facts(string path)
    {
        using var source = RecurrentSource.Open(path);
        return string.Join('\n', source.Model.Layers.SelectMany(layer => layer.Cell.Facts.Select(fact => $"{layer.Scope} {fact}")));
    }

    private static GraphDef Graph(string text) =>
        GraphDef.Parser.ParseFrom(TextFormat.ToBytes(Encoding.UTF8.GetBytes(text), GraphDef.Descriptor, "graph.pbtxt"));

    /// <summary>Runs the compiler of protocol buffers that the build has, on our descriptions of the messages.</summary>
    private static async Task<byte[]> Protoc(string what, byte[] input)
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var tools = Path.Combine(packages, "grpc.tools");
        var protoc = Directory.Exists(tools)
            ? Directory
                .GetFiles(tools, "protoc", SearchOption.AllDirectories)
                .Where(file => file.Contains("linux_x64", StringComparison.Ordinal))
                .Max()
            : null;
        if (protoc is null)
        {
            Assert.False(
                Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") == "required",
                "protoc of the package Grpc.Tools is missing.");
            Assert.Skip("protoc of the package Grpc.Tools for linux-x64 is missing.");
        }

        var source = Path.GetFullPath(Path.Combine(Shared.Bundled, "..", "..", "..", "src", "LstmConvert"));
        var start = new ProcessStartInfo(protoc, [what, $"-I{source}", "TensorFlow/Protos/graph.proto"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var writing = Task.Run(async () =>
        {
            await process.StandardInput.BaseStream.WriteAsync(input);
            process.StandardInput.Close();
        });
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output, TestContext.Current.CancellationToken);
        await writing;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}
