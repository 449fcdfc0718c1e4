using System.Globalization;
using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>
/// The names of Keras layers in TensorFlow 2: attributes of objects in checkpoints (<c>layer_with_weights-0/cell/kernel</c>), the
/// variables'
/// own names in programs (<c>lstm/lstm_cell/kernel</c>).
/// </summary>
internal static partial class KerasNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } =
        new("keras", "names of Keras layers", "keras v2.15 src/layers/rnn, tensorflow v2.15 python/trackable")
        {
            Read = name =>
                End().Match(name) is { Success: true } match ? new VariableReading(name, null, match.Groups["leaf"].Value) : null,
            PlaceOf = PlaceOf,
        };

    /// <summary>Both directions stand below one layer: <c>bidirectional/forward_lstm/lstm_cell</c>,
    /// <c>layer_with_weights-0/backward_layer/cell</c>.</summary>
    private static Place? PlaceOf(string scope)
    {
        var path = scope.Split('/').ToList();
        if (path.Count > 1 && CellComponent().IsMatch(path[^1]))
        {
            path.RemoveAt(path.Count - 1);
        }

        if (Direction().Match(path[^1]) is not { Success: true } match)
        {
            return null;
        }

        path.RemoveAt(path.Count - 1);
        var level =
            path.Count > 0 && Level().Match(path[^1]) is { Success: true } number
                ? int.Parse(number.Groups["n"].Value, CultureInfo.InvariantCulture)
                : 0;
        return new Place(string.Join('/', path) + " (fw, bw)", level, false, match.Groups["bw"].Success, false, true);
    }

    [GeneratedRegex("(^|/)(?<leaf>recurrent_kernel)$", RegexOptions.ExplicitCapture)]
    private static partial Regex End();

    [GeneratedRegex("^(cell|(lstm|gru|simple_rnn)_cell(_[0-9]+)?)$", RegexOptions.ExplicitCapture)]
    private static partial Regex CellComponent();

    [GeneratedRegex("^(forward|(?<bw>backward))_(layer|lstm|gru|simple_rnn)(_[0-9]+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Direction();

    [GeneratedRegex("^(layer_with_weights-|_operations/|layers/)?(?<n>[0-9]{1,5})$", RegexOptions.ExplicitCapture)]
    private static partial Regex Level();
}
