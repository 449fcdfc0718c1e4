using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>The names of PyTorch's recurrent modules: <c>weight_ih_l0, weight_hh_l0_reverse, bias_ih_l0 …</c>.</summary>
internal static partial class PyTorchNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } = new("pytorch", "names of PyTorch", "pytorch/pytorch torch/nn/modules/rnn.py")
    {
        Read = name => Name().IsMatch(name) ? new VariableReading(name, null, name[(name.LastIndexOf('.') + 1)..]) : null,
        IsUnmistakable = name => Name().IsMatch(name),
        Refusal = "their kernels are transposed and have two biases, which this version does not convert",
    };

    [GeneratedRegex("(^|[./])(weight|bias)_(ih|hh|hr)_l[0-9]+(_reverse)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
