using System.IO.Compression;
using Google.Protobuf;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Tests.Metamorphic;

/// <summary>A program as somebody else would have named it: the scopes of its variables are other words, and what training leaves lies
/// beside them.</summary>
internal static class RenamedProgram
{
    private static readonly string[] Words =
    [
        "encoder",
        "my_model",
        "Model_2",
        "dec",
        "layer0",
        "net",
        "tower",
        "blstm",
        "cell",
        "seq2seq",
        "lm",
        "a.b",
        "lstm1",
        "rnn_3",
        "output",
        "state",
        "gru_x",
        "Fwd",
        "L2",
        "words",
    ];

    /// <summary>Renames scopes in a graph and in its variables; what is done, and how a tensor's name changes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="from">The variables, an .npz.</param>
    /// <param name="to">Where they are written under their new names.</param>
    /// <param name="parts">The components of scopes that may have another name.</param>
    /// <param name="random">What decides.</param>
    public static (string Text, Func<string, string> Rename) Rename(
        GraphDef graph,
        string from,
        string to,
        IReadOnlySet<string> parts,
        Random random)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        var left = Words.OrderBy(_ => random.Next()).ToList();
        foreach (var part in parts.Order(StringComparer.Ordinal))
        {
            // Levels and directions are numbered and named by TensorFlow itself.
            if (
                random.Next(3) > 0
                && left.Count > 0
                && !part.StartsWith("cell_", StringComparison.Ordinal)
                && !part.StartsWith("Cell", StringComparison.Ordinal)
                && part is not ("fw" or "bw" or "FW" or "BW" or "multi_rnn_cell" or "MultiRNNCell"))
            {
                map[part] = left[0];
                left.RemoveAt(0);
            }
        }

        var prefix = random.Next(2) == 0 && left.Count > 0 ? left[^1] + "/" : "";
        string New(string name) => prefix + string.Join('/', name.Split('/').Select(part => map.GetValueOrDefault(part, part)));
        foreach (var node in graph.Node)
        {
            node.Name = New(node.Name);
            for (var k = 0; k < node.Input.Count; k++)
            {
                var (control, name) = (node.Input[k].StartsWith('^') ? "^" : "", MutantGraph.NameOf(node.Input[k]));
                node.Input[k] = control + New(name) + node.Input[k][(control.Length + name.Length)..];
            }

            if (node.Attr.TryGetValue("shared_name", out var shared) && shared.S.Length > 0 && node.Op == "VarHandleOp")
            {
                shared.S = ByteString.CopyFromUtf8(New(shared.S.ToStringUtf8()));
            }

            if (node.Attr.TryGetValue("_class", out var places) && places.List is { } list)
            {
                for (var k = 0; k < list.S.Count; k++)
                {
                    var text = list.S[k].ToStringUtf8();
                    list.S[k] = text.StartsWith("loc:@", StringComparison.Ordinal) ? ByteString.CopyFromUtf8("loc:@" + New(text[5..])) : list.S[k];
                }
            }
        }

        var stored = Stored(from);
        foreach (var tensor in graph.Node.Where(node => node.Op == "Const").Select(node => node.Attr["value"].Tensor))
        {
            for (var k = 0; k < tensor.StringVal.Count; k++)
            {
                var text = tensor.StringVal[k].ToStringUtf8();
                tensor.StringVal[k] = stored.Contains(text) ? ByteString.CopyFromUtf8(New(text)) : tensor.StringVal[k];
            }
        }

        var beside = random.Next(4);
        Copy(from, to, New, beside);
        return ($"names {string.Join(", ", map.Select(pair => $"{pair.Key}={pair.Value}"))} below '{prefix}', {beside} slots", New);
    }

    private static HashSet<string> Stored(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        return archive.Entries.Select(entry => entry.FullName[..^4]).ToHashSet(StringComparer.Ordinal);
    }

    private static void Copy(string from, string to, Func<string, string> rename, int beside)
    {
        File.Delete(to);
        var known = Stored(from);
        using var source = ZipFile.OpenRead(from);
        using var target = ZipFile.Open(to, ZipArchiveMode.Create);
        foreach (var entry in source.Entries)
        {
            var name = rename(entry.FullName[..^4]);
            string[] slots = beside switch
            {
                0 => [],
                1 => ["/Adam", "/Adam_1"],
                2 => ["/ExponentialMovingAverage"],
                _ => ["/RMSProp", "/Momentum", "/ExponentialMovingAverage"],
            };
            foreach (var slot in slots.Where(slot => !known.Contains(entry.FullName[..^4] + slot)).Prepend(""))
            {
                using var read = entry.Open();
                using var write = target.CreateEntry(name + slot + ".npy").Open();
                read.CopyTo(write);
            }
        }
    }
}
