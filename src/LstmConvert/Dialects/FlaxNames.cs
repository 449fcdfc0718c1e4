using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>The names of Flax's recurrent cells: a dense layer for each gate (<c>ii, if, ig, io, hi …</c>; <c>ir, iz, in, hr …</c>; <c>i,
/// h</c>).</summary>
internal static partial class FlaxNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } = new("flax", "names of Flax", "google/flax flax/linen/recurrent.py")
    {
        Files = ".msgpack of flax.serialization.to_bytes",
        Read = name => Name().IsMatch(name) ? new VariableReading(name, null, name[(name.LastIndexOf('/') + 1)..]) : null,
        IsUnmistakable = name => Name().IsMatch(name),
    };

    [GeneratedRegex("(^|/)([ih][ifgozrn]|[ih])/(kernel|bias)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
