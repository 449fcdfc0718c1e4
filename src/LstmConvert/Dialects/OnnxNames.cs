using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>The names that our reader gives the weights of an ONNX node, which have none that mean anything: <c>NODE/onnx.LSTM/W</c>, <c>NODE/fw/onnx.GRU/Rb</c>.</summary>
internal static partial class OnnxNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } = new("onnx", "names of ONNX's recurrent operators", "onnx/onnx docs/Operators.md")
    {
        Read = name => Name().Match(name) is { Success: true } match ? new VariableReading(name, null, match.Groups["end"].Value) : null,
        IsUnmistakable = name => Name().IsMatch(name),
    };

    [GeneratedRegex("(^|/)onnx\\.[A-Za-z]+/(?<end>W|R|Wb|Rb|P[iof])$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
