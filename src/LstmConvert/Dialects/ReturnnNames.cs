using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>The names of RETURNN's native units: <c>LAYER/rec/W, LAYER/rec/W_re, LAYER/rec/b</c>, gates j i f o.</summary>
internal static partial class ReturnnNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } = new("returnn", "names of RETURNN's native units", "rwth-i6/returnn@b46ff5f returnn/tf/network.py:4786")
    {
        Read = name => Name().IsMatch(name) ? new VariableReading(name, null, name[(name.LastIndexOf('/') + 1)..]) : null,
        IsUnmistakable = name => Name().IsMatch(name),
        Refusal = "their gates are in the order j i f o, which this version does not convert",
    };

    [GeneratedRegex("(^|/)rec/W_re$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
