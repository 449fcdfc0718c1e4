using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>
/// The names of MXNet's recurrent layers, which compute what PyTorch's do with the same gates: <c>lstm0_l0_i2h_weight</c>,
/// <c>lstm0_r0_h2h_bias</c> for the reversed
/// direction, without a layer for the cells (<c>lstm0_i2h_weight</c>), and in files of <c>save_parameters</c> <c>_unfused.0.i2h_weight</c>,
/// <c>_unfused.0.l_cell.i2h_weight</c>, <c>_unfused.0.r_cell.h2h_bias</c>.
/// </summary>
internal static partial class MxNetNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } = new("mxnet", "names of MXNet", "apache/mxnet v1.9.1 python/mxnet/gluon/rnn/rnn_layer.py")
    {
        Files = ".params of save_parameters",
        Read = Read,
        IsUnmistakable = name => Name().IsMatch(name),
    };

    private static VariableReading? Read(string name)
    {
        if (Name().Match(name) is not { Success: true } match)
        {
            return null;
        }

        var module = match.Groups["module"].Value.TrimEnd('_', '.').Replace('.', '/');
        var (end, of) = (match.Groups["end"].Value, match.Groups["of"].Value);
        return new VariableReading(
            $"{(module.Length > 0 ? module + "/" : "")}{(match.Groups["level"].Success ? $"l{match.Groups["level"].Value}{(match.Groups["reverse"].Success ? "_reverse" : "")}/" : "")}{end}_{(of == "i2h" ? "ih" : "hh")}",
            null,
            $"{of}_{end}");
    }

    [GeneratedRegex(
        "^(?<module>.*?)(_unfused\\.(?<level>[0-9]{1,4})\\.((l_cell|(?<reverse>r_cell))\\.)?|(l|(?<reverse>r))(?<level>[0-9]{1,4})_|(?<=^|[_.]))(?<of>i2h|h2h)_(?<end>weight|bias)$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
