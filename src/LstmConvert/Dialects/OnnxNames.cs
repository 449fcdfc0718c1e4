using System.Text.RegularExpressions;
using LstmConvert.Tensors;

namespace LstmConvert.Dialects;

/// <summary>The names that our reader gives the weights of an ONNX node, which have none that mean anything: <c>NODE/onnx.LSTM/W</c>,
/// <c>NODE/fw/onnx.GRU/Rb</c>.</summary>
internal static partial class OnnxNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } =
        new("onnx", "names of ONNX's recurrent operators", "onnx/onnx docs/Operators.md")
        {
            Files = ".onnx",
            Read = name =>
                Name().Match(name) is { Success: true } match ? new VariableReading(name, null, match.Groups["end"].Value) : null,
            IsUnmistakable = name => Name().IsMatch(name),
            Guess = Guess,
            InsteadOfName =
                "What the node computes stands in its attributes (direction, activations, clip, linear_before_reset), not in its weights: name the .onnx that they are from.",
        };

    /// <summary>W (d, g*u, x) and R (d, g*u, u), alone.</summary>
    private static string? Guess(IReadOnlyList<TensorInfo> variables)
    {
        TensorInfo? Find(string end) =>
            variables.FirstOrDefault(one =>
                one.Name == end
                || one.Name.EndsWith("/" + end, StringComparison.Ordinal)
                || one.Name.EndsWith("." + end, StringComparison.Ordinal));
        return
            Find("W") is { Shape: { Rank: 3 } input } w
            && Find("R") is { Shape: { Rank: 3 } hidden } r
            && input[0] is 1 or 2
            && hidden[0] == input[0]
            && hidden[1] == input[1]
            && hidden[2] > 0
            && hidden[1] / hidden[2] is 1 or 3 or 4
            && hidden[1] % hidden[2] == 0
            ? $"{w} and {r}"
            : null;
    }

    [GeneratedRegex("(^|/)onnx\\.[A-Za-z]+/(?<end>W|R|Wb|Rb|P[iof])$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
