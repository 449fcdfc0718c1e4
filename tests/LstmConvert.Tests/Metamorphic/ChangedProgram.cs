using Google.Protobuf;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Recognition;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Tests.Metamorphic;

/// <summary>A recorded program with some of its nodes changed.</summary>
internal static class ChangedProgram
{
    /// <summary>Opens it.</summary>
    /// <param name="program">The program below the goldens: <c>tf1/lstm</c>.</param>
    /// <param name="change">Changes its graph.</param>
    public static RecurrentSource Open(string program, Action<MutantGraph> change)
    {
        var definition = GraphDef.Parser.ParseFrom(File.ReadAllBytes(Path.Combine([Shared.Goldens, .. program.Split('/'), "frozen.pb"])));
        change(new MutantGraph(definition, definition.Node, null));
        var path = Path.Combine(Directory.CreateTempSubdirectory("lstmconvert").FullName, "changed.pb");
        File.WriteAllBytes(path, definition.ToByteArray());
        return RecurrentSource.Open([path], new SourceOptions(), new RecognitionOptions());
    }

    /// <summary>What it is refused with.</summary>
    /// <param name="program">The program below the goldens.</param>
    /// <param name="change">Changes its graph.</param>
    public static string Refusal(string program, Action<MutantGraph> change)
    {
        using var source = Open(program, change);
        return Assert.ThrowsAny<LstmConvertException>(() => source.Plan(new ConversionOptions())).Message;
    }

    /// <summary>The node of a name.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The name.</param>
    public static NodeDef Node(this MutantGraph graph, string name) => graph.Nodes.First(node => node.Name == name);
}
