using Google.Protobuf;
using LstmConvert.TensorFlow.Protos;
namespace LstmConvert.Tests.Metamorphic;
public sealed class Probe
{
    [Fact]
    public void Dump()
    {
        var path = Environment.GetEnvironmentVariable("PROBE_IN");
        if (path is null) { Assert.Skip("no"); return; }
        var g = LstmConvert.Graphs.Reading.Graph.Open(path).Definition;
        var filter = Environment.GetEnvironmentVariable("PROBE_FILTER") ?? "";
        var edits = Environment.GetEnvironmentVariable("PROBE_EDIT");
        if (edits is not null)
        {
            foreach (var e in edits.Split(';'))
            {
                var p = e.Split('|');
                var n = g.Node.FirstOrDefault(x => x.Name == p[1]);
                switch (p[0])
                {
                    case "placeholder": n!.Op = "Placeholder"; n.Input.Clear(); { var t = n.Attr.TryGetValue("T", out var a) ? a : n.Attr["dtype"]; n.Attr.Clear(); n.Attr["dtype"] = new AttrValue { Type = 1 }; if (p.Length > 2) { var sh = new TensorShapeProto(); foreach (var d in p[2].Split(',')) sh.Dim.Add(new TensorShapeProto.Types.Dim { Size = long.Parse(d) }); n.Attr["shape"] = new AttrValue { Shape = sh }; } } break;
                    case "pwd": n!.Op = "PlaceholderWithDefault"; break;
                    case "op": n!.Op = p[2]; break;
                    case "input": n!.Input[int.Parse(p[2])] = p[3]; break;
                    case "swap": (n!.Input[int.Parse(p[2])], n.Input[int.Parse(p[3])]) = (n.Input[int.Parse(p[3])], n.Input[int.Parse(p[2])]); break;
                    case "scalar": MutantGraph.SetScalar(n!, float.Parse(p[2], System.Globalization.CultureInfo.InvariantCulture)); break;
                    case "add": { var nn = new NodeDef { Name = p[1], Op = p[2] }; nn.Input.AddRange(p[3].Split(',')); nn.Attr["T"] = new AttrValue { Type = 1 }; g.Node.Add(nn); } break;
                    case "const": { var nn = new NodeDef { Name = p[1], Op = "Const" }; nn.Attr["dtype"] = new AttrValue { Type = 1 }; nn.Attr["value"] = new AttrValue { Tensor = new TensorProto { Dtype = 1, TensorShape = new TensorShapeProto() } }; nn.Attr["value"].Tensor.FloatVal.Add(float.Parse(p[2], System.Globalization.CultureInfo.InvariantCulture)); g.Node.Add(nn); } break;
                    default: throw new InvalidOperationException(p[0]);
                }
            }
            File.WriteAllBytes(Environment.GetEnvironmentVariable("PROBE_OUT")!, g.ToByteArray());
            return;
        }
        using var w = new StreamWriter("/tmp/truth/dump.txt");
        foreach (var n in g.Node.Where(n => n.Name.Contains(filter))) w.WriteLine($"{n.Op} {n.Name}({string.Join(", ", n.Input)})");
        foreach (var f in g.Library?.Function ?? []) { w.WriteLine($"FUNCTION {f.Signature.Name}"); foreach (var n in f.NodeDef) w.WriteLine($"   {n.Op} {n.Name}({string.Join(", ", n.Input)})"); foreach (var r in f.Ret) w.WriteLine($"   ret {r.Key} = {r.Value}"); }
    }
}
