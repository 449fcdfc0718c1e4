using System.Globalization;
using System.Text.RegularExpressions;
using LstmConvert.Tensors;

namespace LstmConvert.Dialects;

/// <summary>
/// The names of Lasagne's recurrent layers: <c>W_in_to_ingate, W_hid_to_ingate, b_ingate …, cell_init, hid_init</c>, with the layer's name
/// and a point before them where it has one.
/// <c>np.savez(file, *get_all_param_values(network))</c> loses them: <c>arr_0, arr_1 …</c> in the order of the layers' parameters. Where
/// this convention is
/// named, they get them back by their order and their shapes.
/// </summary>
internal static partial class LasagneNames
{
    private static readonly string[] LstmGates = ["ingate", "forgetgate", "cell", "outgate"];
    private static readonly string[] GruGates = ["updategate", "resetgate", "hidden_update"];
    private static readonly string[] Peepholes = ["W_cell_to_ingate", "W_cell_to_forgetgate", "W_cell_to_outgate"];
    private static readonly string[] States = ["cell_init", "hid_init"];

    /// <summary>The parameters of each layer in their order; the longest first.</summary>
    private static readonly string[][] Layers =
    [
        [.. LstmGates.SelectMany(OfGate), .. Peepholes, .. States],
        [.. LstmGates.SelectMany(OfGate), .. States],
        [.. GruGates.SelectMany(OfGate), States[1]],
        [States[1], "W_in", "b", "W_hid"],
    ];

    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } =
        new("lasagne", "names of Lasagne", "lasagne 0.1 lasagne/layers/recurrent.py")
        {
            Files = ".npz of np.savez(file, *get_all_param_values(network))",
            Read = name =>
                Name().Match(name) is { Success: true } match
                    ? new VariableReading(
                        $"{match.Groups["scope"].Value.Replace('.', '/')}{match.Groups["end"].Value}",
                        null,
                        match.Groups["end"].Value)
                    : null,
            IsUnmistakable = name => Name().IsMatch(name),
            Names = Names,
            NamesNeedWord = true,
            Guess = variables =>
                variables.All(one => Number().IsMatch(one.Name)) && Names(variables).Count > 0
                    ? "arrays without names in the order and with the shapes of a recurrent layer's parameters"
                    : null,
        };

    private static string[] OfGate(string gate) => [$"W_in_to_{gate}", $"W_hid_to_{gate}", $"b_{gate}"];

    private static Dictionary<string, string> Names(IReadOnlyList<TensorInfo> variables)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var ordered = variables.Select(one => (Info: one, Match: Number().Match(one.Name))).Where(one => one.Match.Success)
            .OrderBy(one => int.Parse(one.Match.Groups["n"].Value, CultureInfo.InvariantCulture)).Select(one => one.Info).ToArray();
        var (at, count) = (0, 0);
        while (at < ordered.Length)
        {
            if (Layers.FirstOrDefault(layer => Fits(layer, ordered.AsSpan(at))) is not { } layer)
            {
                at++;
                continue;
            }

            foreach (var (k, role) in layer.Index())
            {
                names[ordered[at + k].Name] = string.Create(
                    CultureInfo.InvariantCulture,
                    $"layer_{count}/{(layer.Length == 4 ? "lasagne_rnn/" : "")}{role}");
            }

            (at, count) = (at + layer.Length, count + 1);
        }

        return names;
    }

    /// <summary>True if the shapes from here on are those of a layer: inputs (x, u), hidden (u, u), biases and peepholes (u,), states (1,
    /// u).</summary>
    private static bool Fits(string[] layer, ReadOnlySpan<TensorInfo> here)
    {
        if (here.Length < layer.Length || here[Array.IndexOf(layer, States[1])].Shape is not { Rank: 2 } state || state[0] != 1)
        {
            return false;
        }

        var (units, input) = (state[1], (long?)null);
        for (var k = 0; k < layer.Length; k++)
        {
            var (role, shape) = (layer[k], here[k].Shape);
            var isRight =
                role.StartsWith("W_in", StringComparison.Ordinal) ? shape.Rank == 2 && shape[1] == units && (input ??= shape[0]) == shape[0]
                : role.StartsWith("W_hid", StringComparison.Ordinal) ? shape.Rank == 2 && shape[0] == units && shape[1] == units
                : States.Contains(role) ? shape.Equals(state)
                : shape.Rank == 1 && shape[0] == units;
            if (!isRight)
            {
                return false;
            }
        }

        return true;
    }

    [GeneratedRegex(
        "^(?<scope>.*[./])?(?<end>(W_(in|hid)_to|b)_(ingate|forgetgate|cell|outgate|updategate|resetgate|hidden_update)|W_cell_to_(ingate|forgetgate|outgate)|cell_init|hid_init|lasagne_rnn/(W_in|b|W_hid|hid_init))$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    [GeneratedRegex("^arr_(?<n>[0-9]{1,6})$", RegexOptions.ExplicitCapture)]
    private static partial Regex Number();
}
