using System.Globalization;
using System.Text.RegularExpressions;
using LstmConvert.Dialects;
using LstmConvert.Facts;

namespace LstmConvert.Recognition;

/// <summary>
/// The order in which the objects of a checkpoint hold layers: <c>layer_with_weights-N</c> and <c>_operations/N</c> of a Keras model,
/// <c>cells/N</c> of stacked cells, <c>_layers/N</c> of Sonnet, <c>_trainable_variables/N</c> of an optimizer, which holds those of the
/// model's layers in the order of the layers. Layers that follow each other in it, and whose widths fit, are a chain.
/// </summary>
internal static partial class ObjectOrder
{
    private static readonly Comparer<int[]> InOrder = Comparer<int[]>.Create(Compare);

    /// <summary>Groups layers by the paths of attributes that lead to their variables.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="keys">The key in the checkpoint of a variable that the program calls otherwise.</param>
    /// <param name="others">The keys of all weights.</param>
    /// <returns>The groups; null where the objects do not put layers into an order, or other layers with weights, or widths, stand
    /// between.</returns>
    public static IReadOnlyList<LayerGroup>? Groups(
        IReadOnlyList<RecurrentLayer> layers,
        IReadOnlyDictionary<string, string> keys,
        IEnumerable<string> others)
    {
        var placed = Paired([.. layers.Select(layer => (Layer: layer, Place: PlaceOf(layer, keys)))]);
        if (layers.Count < 2 || placed.Any(one => one.Place is null) || placed.Select(one => one.Place!.Family).Distinct().Count() > 1)
        {
            return null;
        }

        var levels = placed
            .GroupBy(one => string.Join('.', one.Place!.Order))
            .Select(level => level.OrderBy(one => one.Place!.IsBackward == true).ToArray())
            .OrderBy(level => level[0].Place!.Order, InOrder)
            .ToArray();
        if (
            levels.Length < 2
            || Array.Exists(levels, level =>
                level.Length > 2 || (level.Length == 2 && level is not [{ Place.IsBackward: false }, { Place.IsBackward: true }]))
            || others
                .Select(Read)
                .OfType<ObjectPlace>()
                .Any(other =>
                    other.Family == placed[0].Place!.Family
                    && Compare(other.Order, levels[0][0].Place!.Order) > 0
                    && Compare(other.Order, levels[^1][0].Place!.Order) < 0
                    && !placed.Any(one => Compare(one.Place!.Order, other.Order) <= 0 && Compare(other.Order, one.Place.Last) <= 0)))
        {
            return null;
        }

        return Chain([.. levels.Select(level => level.Select(one => one.Layer).ToArray())], placed[0].Place!);
    }

    /// <summary>Gives a layer below a wrapper of Sonnet its residual addition, which is what such wrappers most often do.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="keys">The key in the checkpoint of a variable.</param>
    public static void AssumeResidual(RecurrentLayer layer, IReadOnlyDictionary<string, string> keys)
    {
        if (
            PlaceOf(layer, keys) is { IsWrapped: true }
            && layer.InputSize == layer.OutputSize
            && layer.Cell.Find(KnownFacts.Residual.Name) is null)
        {
            layer.Cell = layer.Cell.With(
                new Fact(KnownFacts.Residual, FactValue.Of(true), new Evidence(EvidenceKind.Assumed, "a wrapper holds it as _base_core")));
        }
    }

    /// <summary>Where the variables alone are in order, the directions of one layer are told by their names; the backward one stands where
    /// the forward one does.</summary>
    private static (RecurrentLayer Layer, ObjectPlace? Place)[] Paired((RecurrentLayer Layer, ObjectPlace? Place)[] placed)
    {
        var named = placed.Select(one => one.Place is { IsOfVariables: true } ? DialectCatalog.PlaceOf(one.Layer.Scope) : null).ToArray();
        return
        [
            .. placed.Select((one, k) =>
                named[k] is not { IsBackward: { } backward } own ? one
                : (
                    one.Layer,
                    one.Place! with
                    {
                        IsBackward = backward,
                        Order = placed.Where((_, other) => named[other]?.Family == own.Family).Select(other => other.Place!.Order)
                            .Order(InOrder)
                            .First(),
                    })),
        ];
    }

    private static LayerGroup[]? Chain(RecurrentLayer[][] levels, ObjectPlace place)
    {
        var (first, hasSkips) = (levels[0][0].InputSize, HasSkips(levels) && place.IsOfSonnet);
        var input = new Feed.FromInput("", first);
        for (var level = 0; level < levels.Length; level++)
        {
            var below = level == 0 ? null : Together(levels[level - 1]);
            var width = level == 0 ? first : levels[level - 1].Sum(layer => layer.OutputSize) + (hasSkips ? first : 0);
            foreach (var layer in levels[level])
            {
                if (layer.InputSize != width)
                {
                    return null;
                }

                (layer.Level, layer.Feed) = (level, below is null ? input : hasSkips ? new Feed.Joined([input, below]) : below);
            }
        }

        foreach (var pair in levels.Where(level => level.Length == 2))
        {
            Wiring.SetDirection(pair[0], isBackward: false, new Evidence(EvidenceKind.ObjectGraph));
            Wiring.SetDirection(pair[1], isBackward: true, new Evidence(EvidenceKind.ObjectGraph));
        }

        var scope = Dialects.ScopeName.Common([.. levels.SelectMany(level => level).Select(layer => layer.Scope)]);
        var evidence = hasSkips
            ? new Evidence(EvidenceKind.Assumed, "the widths fit skip connections")
            : new Evidence(EvidenceKind.ObjectGraph, place.Family);
        var wiring =
            hasSkips ? "skip"
            : levels.All(level => level.Length == 1) ? "chain"
            : levels.All(level => level.Length == 2) ? "stack-bidirectional"
            : "graph";
        return
        [
            new LayerGroup(scope, wiring, evidence, [.. levels.SelectMany(level => level)])
            {
                Outputs = [hasSkips ? new Feed.Joined([.. levels.Select(Together)]) : Together(levels[^1])],
            },
        ];
    }

    /// <summary>True if every layer but the first has the width of the program's input beside the layer below it.</summary>
    private static bool HasSkips(RecurrentLayer[][] levels) =>
        levels.All(level => level.Length == 1)
        && levels.Skip(1).Index().All(one => one.Item[0].InputSize == levels[0][0].InputSize + levels[one.Index][0].OutputSize);

    private static Feed Together(RecurrentLayer[] level) =>
        level.Length == 1 ? new Feed.FromLayer(level[0]) : new Feed.Joined([.. level.Select(layer => new Feed.FromLayer(layer))]);

    /// <summary>The place of the first of a layer's variables that has one.</summary>
    private static ObjectPlace? PlaceOf(RecurrentLayer layer, IReadOnlyDictionary<string, string> keys)
    {
        var places = layer
            .Variables.Values.Select(tensor => Read(keys.GetValueOrDefault(tensor.Name, tensor.Name)))
            .OfType<ObjectPlace>()
            .OrderBy(place => place.Order, InOrder)
            .ToArray();
        return places is [var first, ..] ? first with { Last = places[^1].Order } : null;
    }

    private static ObjectPlace? Read(string key)
    {
        if (!key.EndsWith(CellVariables.ValueAttribute, StringComparison.Ordinal) || Numbered().Matches(key) is not { Count: > 0 } found)
        {
            return null;
        }

        return new ObjectPlace(
            key[..found[0].Index],
            [.. found.Select(one => int.Parse(one.Groups["n"].Value, CultureInfo.InvariantCulture))],
            key.Contains("/backward_layer/", StringComparison.Ordinal) ? true
                : key.Contains("/forward_layer/", StringComparison.Ordinal) ? false
                : null,
            found[0].Groups["sonnet"].Success,
            key.Contains("/_base_core/", StringComparison.Ordinal))
        {
            IsOfVariables = found[0].Groups["variables"].Success,
        };
    }

    private static int Compare(int[] a, int[] b)
    {
        for (var k = 0; k < Math.Min(a.Length, b.Length); k++)
        {
            if (a[k] != b[k])
            {
                return a[k].CompareTo(b[k]);
            }
        }

        return a.Length.CompareTo(b.Length);
    }

    [GeneratedRegex(
        "(?<=^|/)(layer_with_weights-|layer-|_operations/|layers/|(?<sonnet>_layers/)|(?<variables>_trainable_variables/)|cells/)(?<n>[0-9]{1,6})(?=/)",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Numbered();

    /// <summary>Where an object stands.</summary>
    /// <param name="Family">The path to what holds all of them.</param>
    /// <param name="Order">The numbers on the way.</param>
    /// <param name="IsBackward">True or false for a half of a bidirectional layer.</param>
    /// <param name="IsOfSonnet">True if Sonnet's attribute holds them.</param>
    /// <param name="IsWrapped">True below a wrapper of Sonnet.</param>
    private sealed record ObjectPlace(string Family, int[] Order, bool? IsBackward, bool IsOfSonnet, bool IsWrapped)
    {
        /// <summary>The numbers of the layer's last variable.</summary>
        public int[] Last { get; init; } = Order;

        /// <summary>True if variables are in order, not layers.</summary>
        public bool IsOfVariables { get; init; }
    }
}
