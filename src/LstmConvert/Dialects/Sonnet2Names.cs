namespace LstmConvert.Dialects;

/// <summary>The names of Sonnet 2's cores in checkpoints (<c>_w_i</c>, attributes) and in programs (<c>lstm/w_i</c>).</summary>
internal static class Sonnet2Names
{
    private static readonly (string End, string Role)[] Ends =
    [
        ("_input_to_hidden/w", "w_i"), ("_hidden_to_hidden/w", "w_h"), ("input_to_hidden/w", "w_i"), ("hidden_to_hidden/w", "w_h"),
        ("_w_i", "w_i"), ("_w_h", "w_h"), ("w_i", "w_i"), ("w_h", "w_h"), ("_b", "bias"), ("projection", "projection/kernel"),
    ];

    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } = new("sonnet2", "names of Sonnet 2", "deepmind/sonnet v2 sonnet/src/recurrent.py")
    {
        Read = name =>
        {
            foreach (var (end, role) in Ends)
            {
                if (name == end || (name.EndsWith(end, StringComparison.Ordinal) && name[^(end.Length + 1)] == '/'))
                {
                    return new VariableReading(name[..^end.Length] + role, null, end);
                }
            }

            return null;
        },
    };
}
