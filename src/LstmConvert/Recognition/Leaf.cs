using System.Globalization;
using System.Text.RegularExpressions;

namespace LstmConvert.Recognition;

/// <summary>What a variable's name says: the scope of a cell, the role in it, and for a part of a sharded variable its number.</summary>
/// <param name="Scope">The cell's scope; empty at the top.</param>
/// <param name="Role">The role, as TensorFlow 1.15 names the leaf.</param>
/// <param name="Part">The number of the part, or null.</param>
internal sealed partial record Leaf(string Scope, string Role, int? Part)
{
    /// <summary>The ends of names in every release (tensorflow 0.5-1.15, rnn_cell.py and its successors), the longest first.</summary>
    private static readonly (string End, string Role)[] Ends =
    [
        ("Gates/Linear/Matrix", "gates/kernel"), ("Gates/Linear/Bias", "gates/bias"),
        ("Candidate/Linear/Matrix", "candidate/kernel"), ("Candidate/Linear/Bias", "candidate/bias"),
        ("gates/kernel", "gates/kernel"), ("gates/bias", "gates/bias"), ("gates/weights", "gates/kernel"), ("gates/biases", "gates/bias"),
        ("candidate/kernel", "candidate/kernel"), ("candidate/bias", "candidate/bias"), ("candidate/weights", "candidate/kernel"), ("candidate/biases", "candidate/bias"),
        ("projection/kernel", "projection/kernel"), ("projection/weights", "projection/kernel"),
        ("Linear/Matrix", "kernel"), ("Linear/Bias", "bias"),
        ("w_f_diag", "w_f_diag"), ("w_i_diag", "w_i_diag"), ("w_o_diag", "w_o_diag"),
        ("W_F_diag", "w_f_diag"), ("W_I_diag", "w_i_diag"), ("W_O_diag", "w_o_diag"),
        ("wcf", "w_f_diag"), ("wci", "w_i_diag"), ("wco", "w_o_diag"),
        ("w_ru", "w_ru"), ("b_ru", "b_ru"), ("w_c", "w_c"), ("b_c", "b_c"),
        ("recurrent_kernel", "recurrent_kernel"), ("_input_to_hidden/w", "w_i"), ("_hidden_to_hidden/w", "w_h"), ("input_to_hidden/w", "w_i"), ("hidden_to_hidden/w", "w_h"), ("_b", "bias"),
        ("_w_i", "w_i"), ("_w_h", "w_h"), ("w_i", "w_i"), ("w_h", "w_h"), ("projection", "projection/kernel"),
        ("kernel", "kernel"), ("bias", "bias"), ("weights", "kernel"), ("biases", "bias"),
        ("W", "kernel"), ("b", "bias"), ("B", "bias"),
    ];

    /// <summary>Reads a name.</summary>
    /// <param name="name">The variable's name.</param>
    /// <returns>What it says, or null if its end is no cell's.</returns>
    public static Leaf? Read(string name)
    {
        if (OldShard().Match(name) is { Success: true } shard)
        {
            var part = int.Parse(shard.Groups["part"].Value, CultureInfo.InvariantCulture);
            return new Leaf(shard.Groups["scope"].Value.TrimEnd('/'), shard.Groups["p"].Success ? "projection/kernel" : "kernel", part);
        }

        int? number = null;
        if (NewShard().Match(name) is { Success: true } match)
        {
            number = int.Parse(match.Groups["part"].Value, CultureInfo.InvariantCulture);
            name = match.Groups["whole"].Value;
        }

        foreach (var (end, role) in Ends)
        {
            if (name == end || (name.EndsWith(end, StringComparison.Ordinal) && name[^(end.Length + 1)] == '/'))
            {
                return new Leaf(name[..^end.Length].TrimEnd('/'), role, number);
            }
        }

        return null;
    }

    [GeneratedRegex("^(?<scope>.*/)?W_(?<p>P_)?(?<part>[0-9]{1,4})$", RegexOptions.ExplicitCapture)]
    private static partial Regex OldShard();

    [GeneratedRegex("^(?<whole>.+)/part_(?<part>[0-9]{1,4})$", RegexOptions.ExplicitCapture)]
    private static partial Regex NewShard();
}
