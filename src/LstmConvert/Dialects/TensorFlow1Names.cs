using System.Globalization;
using System.Text.RegularExpressions;
using LstmConvert.Cells;

namespace LstmConvert.Dialects;

/// <summary>
/// The names that TensorFlow 0.5 to 1.15 gave (rnn_cell.py and its successors, rnn.py, contrib/rnn), and those of programs that kept the
/// older ends. Parts: <c>W_0, W_1 …</c> up to 0.12 (and in some cells of contrib for ever), <c>kernel/part_0 …</c> since.
/// </summary>
internal static partial class TensorFlow1Names
{
    /// <summary>Ends that other releases wrote, and what TensorFlow 1.15 writes; the longest first.</summary>
    private static readonly (string End, string Role)[] OldEnds =
    [
        ("Gates/Linear/Matrix", "gates/kernel"),
        ("Gates/Linear/Bias", "gates/bias"),
        ("Candidate/Linear/Matrix", "candidate/kernel"),
        ("Candidate/Linear/Bias", "candidate/bias"),
        ("gates/weights", "gates/kernel"),
        ("gates/biases", "gates/bias"),
        ("candidate/weights", "candidate/kernel"),
        ("candidate/biases", "candidate/bias"),
        ("Attention/Linear/Matrix", "attention/kernel"),
        ("Attention/Linear/Bias", "attention/bias"),
        ("Attention/AttnW", "attention/attn_w"),
        ("Attention/AttnV", "attention/attn_v"),
        ("AttnOutputProjection/Linear/Matrix", "attn_output_projection/kernel"),
        ("AttnOutputProjection/Linear/Bias", "attn_output_projection/bias"),
        ("projection/weights", "projection/kernel"),
        ("layer_norm_simple_rnn_cell/gamma", "layer_norm_simple_rnn_cell/layernorm/gamma"),
        ("Linear/Matrix", "kernel"),
        ("Linear/Bias", "bias"),
        ("linear/weights", "kernel"),
        ("linear/b", "bias"),
        ("W_F_diag", "w_f_diag"),
        ("W_I_diag", "w_i_diag"),
        ("W_O_diag", "w_o_diag"),
        ("wcf", "w_f_diag"),
        ("wci", "w_i_diag"),
        ("wco", "w_o_diag"),
        ("recurrent_weights", "recurrent_kernel"),
        ("weights", "kernel"),
        ("biases", "bias"),
        ("W", "kernel"),
        ("b", "bias"),
        ("B", "bias"),
    ];

    /// <summary>Scopes of cells with ends that are no role of another cell: there they stay as they are.</summary>
    private static readonly string[] KeptEnds = ["recurrent_weights", "input_weights", "biases"];

    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } =
        new(
            "tensorflow1",
            "names of TensorFlow 1",
            "tensorflow v0.5.0 to v1.15.5, python/ops/rnn_cell_impl.py, python/ops/rnn.py, contrib/rnn")
        {
            Read = Read,
            PlaceOf = PlaceOf,
        };

    private static VariableReading? Read(string name)
    {
        if (OldShard().Match(name) is { Success: true } shard)
        {
            var scope = shard.Groups["scope"].Value;
            return new VariableReading(
                scope + (shard.Groups["p"].Success ? "projection/kernel" : "kernel"),
                int.Parse(shard.Groups["part"].Value, CultureInfo.InvariantCulture),
                name[scope.Length..]);
        }

        int? part = null;
        var whole = name;
        if (NewShard().Match(name) is { Success: true } match)
        {
            (part, whole) = (int.Parse(match.Groups["part"].Value, CultureInfo.InvariantCulture), match.Groups["whole"].Value);
        }

        foreach (var (end, role) in OldEnds)
        {
            if ((whole == end || (whole.EndsWith(end, StringComparison.Ordinal) && whole[^(end.Length + 1)] == '/')) && !IsKept(whole, end))
            {
                return new VariableReading(whole[..^end.Length] + role, part, end);
            }
        }

        return new VariableReading(whole, part, whole[(whole.LastIndexOf('/') + 1)..]);
    }

    /// <summary>TfLiteRNNCell and the convolutional cells have ends of their own that look like old ones.</summary>
    private static bool IsKept(string name, string end) =>
        KeptEnds.Contains(end)
        && CellCatalog.All.Any(cell =>
            cell.Variables.Any(role => role.Name == end) && cell.Scopes.Contains(ScopeName.Component(Parent(name))));

    private static string Parent(string name) => name.LastIndexOf('/') is > 0 and var slash ? name[..slash] : "";

    /// <summary>Levels and directions, read from the containers in a scope.</summary>
    private static Place? PlaceOf(string scope)
    {
        var path = scope.Split('/').ToList();
        var (level, hasLevel, isStack, isFrameworks) = (0, false, false, false);
        bool? isBackward = null;
        var last = ScopeName.Component(scope);
        if (last != "cell" && !CellCatalog.All.Any(cell => cell.Scopes.Contains(last)))
        {
            return null;
        }

        path.RemoveAt(path.Count - 1);
        if (path.Count > 0 && ScopeName.Component(path[^1]) == last && last == "wn_lstm_cell")
        {
            path.RemoveAt(path.Count - 1);
        }

        if (TakeLevel(path, ref level))
        {
            hasLevel = true;
            isFrameworks = TakeWord(path, "multi_rnn_cell", "MultiRNNCell");
        }

        if (path.Count > 1 && path[^1] == "RNN" && path[^2].StartsWith("BiRNN_", StringComparison.Ordinal))
        {
            path.RemoveAt(path.Count - 1);
        }

        if (path.Count > 0 && DirectionName().Match(path[^1]) is { Success: true } match)
        {
            isBackward = match.Groups["bw"].Success;
            isFrameworks |= path[^1].StartsWith("BiRNN_", StringComparison.Ordinal);
            path.RemoveAt(path.Count - 1);
            isFrameworks |= TakeWord(path, "bidirectional_rnn", "BiRNN");
            if (!hasLevel && TakeLevel(path, ref level))
            {
                (hasLevel, isStack) = (true, true);
                isFrameworks |= TakeWord(path, "stack_bidirectional_rnn", "StackRNN");
            }
        }
        else if (path.Count > 0 && LoopName().IsMatch(path[^1]) && !hasLevel)
        {
            isFrameworks = true;
        }

        var family =
            string.Join('/', path)
            + (isBackward is null ? "" : " (fw, bw)")
            + (
                hasLevel ? " (levels)"
                : isBackward is null ? " " + scope
                : "");
        return new Place(family, level, hasLevel, isBackward, isStack, isFrameworks);
    }

    private static bool TakeLevel(List<string> path, ref int level)
    {
        if (path.Count == 0 || LevelName().Match(path[^1]) is not { Success: true } match)
        {
            return false;
        }

        level = int.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture);
        path.RemoveAt(path.Count - 1);
        return true;
    }

    private static bool TakeWord(List<string> path, params ReadOnlySpan<string> words)
    {
        if (path.Count == 0 || !words.Contains(ScopeName.Component(path[^1])))
        {
            return false;
        }

        path.RemoveAt(path.Count - 1);
        return true;
    }

    [GeneratedRegex("^(?<scope>.*/)?W_(?<p>P_)?(?<part>[0-9]{1,4})$", RegexOptions.ExplicitCapture)]
    private static partial Regex OldShard();

    [GeneratedRegex("^(?<whole>.+)/part_(?<part>[0-9]{1,4})$", RegexOptions.ExplicitCapture)]
    private static partial Regex NewShard();

    [GeneratedRegex("^(cell_|Cell|Layer|cell-)(?<n>[0-9]{1,5})$", RegexOptions.ExplicitCapture)]
    private static partial Regex LevelName();

    [GeneratedRegex("^(BiRNN_)?((fw|FW)|(?<bw>bw|BW))(_[0-9]+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex DirectionName();

    [GeneratedRegex("^(rnn|RNN)(_[0-9]+)?$")]
    private static partial Regex LoopName();
}
