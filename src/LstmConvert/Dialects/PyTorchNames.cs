using System.Globalization;
using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>
/// The names of PyTorch's recurrent modules: <c>rnn.weight_ih_l0, rnn.weight_hh_l0_reverse, rnn.bias_ih_l0 …</c>. A layer and direction is
/// a scope of its
/// own: <c>rnn/l0</c>, <c>rnn/l0_reverse</c>; both directions of a layer feed both of the next. LSTMCell, GRUCell and RNNCell have the same
/// names without a layer: <c>cell.weight_ih</c>.
/// </summary>
internal static partial class PyTorchNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } =
        new("pytorch", "names of PyTorch", "pytorch/pytorch torch/nn/modules/rnn.py")
        {
            Files = ".safetensors; .pt, .pth of torch.save(module.state_dict())",
            Read = name =>
                Name().Match(name) is { Success: true } match
                    ? new VariableReading(
                        $"{match.Groups["module"].Value.Replace('.', '/')}{(match.Groups["layer"].Success ? match.Groups["layer"].Value + "/" : "")}{match.Groups["role"].Value}",
                        null,
                        name[(name.LastIndexOf('.') + 1)..])
                    : null,
            IsUnmistakable = name => Name().IsMatch(name),
            PlaceOf = scope =>
                Layer().Match(scope) is { Success: true } match
                    ? new Place(
                        match.Groups["module"].Value,
                        int.Parse(match.Groups["level"].Value, CultureInfo.InvariantCulture),
                        HasLevel: true,
                        match.Groups["reverse"].Success ? true : null,
                        IsStackOfPairs: true,
                        IsNamedByFramework: true)
                    : null,
        };

    [GeneratedRegex(
        "^(?<module>.*[./])?(?<role>(weight|bias)_(ih|hh|hr))(_(?<layer>l[0-9]{1,4}(_reverse)?))?$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    [GeneratedRegex("^(?<module>.*/)?l(?<level>[0-9]{1,4})(?<reverse>_reverse)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Layer();
}
