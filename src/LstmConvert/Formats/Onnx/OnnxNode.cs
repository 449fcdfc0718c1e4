using System.Globalization;
using LstmConvert.Formats.Onnx.Protos;

namespace LstmConvert.Formats.Onnx;

/// <summary>The attributes of a recurrent node (onnx/onnx docs/Operators.md), as facts.</summary>
internal sealed class OnnxNode
{
    /// <summary>Operators' activations, the names that they have here, the alpha and beta with which they are the function of that name,
    /// and whether those are the operator's defaults.</summary>
    private static readonly (string Name, string Ours, float? Alpha, float? Beta, bool IsDefault)[] Known =
    [
        ("Tanh", "tanh", null, null, true),
        ("Sigmoid", "sigmoid", null, null, true),
        ("Relu", "relu", null, null, true),
        ("Softsign", "softsign", null, null, true),
        ("Softplus", "softplus", null, null, true),
        ("HardSigmoid", "hard_sigmoid", 0.2f, 0.5f, true),
        ("HardSigmoid", "hard_sigmoid3", 1f / 6, 0.5f, false),
        ("LeakyRelu", "leaky_relu", 0.2f, null, false),
        ("Elu", "elu", 1f, null, true),
    ];

    /// <summary>How far a number that was written with seven digits may be from the one that is meant: 0.1666667 for 1/6.</summary>
    private const float Spelling = 5e-8f;

    private readonly NodeProto node;
    private readonly string[] activations;

    public OnnxNode(NodeProto node)
    {
        this.node = node;
        activations = [.. Attribute("activations")?.Strings.Select(text => text.ToStringUtf8()) ?? []];
    }

    /// <summary>forward, reverse or bidirectional.</summary>
    public string Direction => Attribute("direction")?.S.ToStringUtf8() is { Length: > 0 } said ? said : "forward";

    /// <summary>The number of directions.</summary>
    public int Directions => Direction == "bidirectional" ? 2 : 1;

    /// <summary>The facts of one direction.</summary>
    public IReadOnlyDictionary<string, string> Facts(int direction)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["direction"] = Direction == "reverse" || direction == 1 ? "backward" : "forward",
            ["residual"] = "no",
        };
        var own = Of(direction);
        if (own.Length == 1)
        {
            facts["activation"] = Ours(own[0], Alpha(direction, 0), Beta(direction, 0)) ?? own[0];
        }
        else if (own.Length > 1)
        {
            facts["recurrent_activation"] = Ours(own[0], Alpha(direction, 0), Beta(direction, 0)) ?? own[0];
            facts["activation"] = Ours(own[1], Alpha(direction, 1), Beta(direction, 1)) ?? own[1];
        }

        if (own.Length > 2)
        {
            facts["output_activation"] = Ours(own[2], Alpha(direction, 2), Beta(direction, 2)) ?? own[2];
        }

        facts["gate_clip"] = Attribute("clip") is { F: > 0 and var clip } ? clip.ToString("R", CultureInfo.InvariantCulture) : "none";
        facts["input_forget"] = Attribute("input_forget") is { I: not 0 } ? "yes" : "no";
        facts["reset_after"] = Attribute("linear_before_reset") is { I: not 0 } ? "yes" : "no";
        return facts;
    }

    /// <summary>What of one direction is no function that is known.</summary>
    public IEnumerable<string> Obstacles(int direction)
    {
        var own = Of(direction);
        for (var k = 0; k < own.Length; k++)
        {
            if (Ours(own[k], Alpha(direction, k), Beta(direction, k)) is null)
            {
                string[] numbers = [.. new[] { ("alpha", Alpha(direction, k)), ("beta", Beta(direction, k)) }
                    .Where(one => one.Item2 is not null)
                    .Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Item1} {one.Item2}"))];
                yield return $"its activation {own[k]}{(numbers.Length > 0 ? $"({string.Join(", ", numbers)})" : "")} is none that Keras has";
            }
        }
    }

    /// <summary>The activations of one direction; nothing where the operator's own hold.</summary>
    private string[] Of(int direction)
    {
        var count = activations.Length / Directions;
        return activations.Length % Directions == 0 && count is 1 or 2 or 3
            ? activations[(direction * count)..((direction + 1) * count)]
            : [];
    }

    private float? Alpha(int direction, int k) => Number("activation_alpha", direction, k);

    private float? Beta(int direction, int k) => Number("activation_beta", direction, k);

    /// <summary>Alphas are listed for those activations alone that have one (or for all): in the order of the activations.</summary>
    private float? Number(string attribute, int direction, int k)
    {
        if (Attribute(attribute) is not { Floats: { Count: > 0 } floats })
        {
            return null;
        }

        var at = (direction * (activations.Length / Directions)) + k;
        if (floats.Count == activations.Length)
        {
            return floats[at];
        }

        var isAlpha = attribute == "activation_alpha";
        var before = activations.Take(at).Count(name => Known.Any(one => one.Name == name && (isAlpha ? one.Alpha : one.Beta) is not null));
        return Known.Any(one => one.Name == activations[at] && (isAlpha ? one.Alpha : one.Beta) is not null) && before < floats.Count
            ? floats[before]
            : null;
    }

    private static string? Ours(string name, float? alpha, float? beta) =>
        Known
            .FirstOrDefault(one =>
                one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
                && (one.Alpha is not { } known || (alpha is null ? one.IsDefault : Math.Abs(alpha.Value - known) <= Spelling))
                && (one.Beta is null || beta is null || beta == one.Beta))
            .Ours;

    private AttributeProto? Attribute(string name) => node.Attribute.FirstOrDefault(one => one.Name == name);
}
