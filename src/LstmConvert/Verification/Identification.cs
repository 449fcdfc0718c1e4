using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>What an identification found of one scope.</summary>
/// <param name="Scope">The scope of the variables.</param>
/// <param name="Output">The key of the recorded outputs.</param>
/// <param name="Kind">What kind of cell it is, as Keras calls the layer.</param>
/// <param name="Layout">How the variables were read.</param>
/// <param name="Words">The convention, a phrase each: <c>gates i j f o</c>, <c>forget_bias = 1</c>.</param>
/// <param name="Distance">The largest absolute difference from the recorded outputs.</param>
/// <param name="IsMatch">True if that is rounding, of numbers as large as the outputs up to each step.</param>
/// <param name="Rivals">Other conventions that the sample cannot tell from it, in words.</param>
/// <param name="RunnerUp">The nearest other convention in words, and its distance; null if there is none.</param>
/// <param name="CellName">The cell of the catalog that has this layout and order of gates; null if none has.</param>
/// <param name="Facts">What must be said of the cell, by name.</param>
public sealed record IdentifiedCell(
    string Scope,
    string Output,
    string Kind,
    string Layout,
    IReadOnlyList<string> Words,
    double Distance,
    bool IsMatch,
    IReadOnlyList<string> Rivals,
    (string Words, double Distance)? RunnerUp,
    string? CellName,
    IReadOnlyList<(string Name, string Value)> Facts)
{
    /// <summary>The variables that are its weights.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];
}

/// <summary>
/// Finds, from weights, an input and recorded outputs alone, the convention under which the weights give the outputs: layout, order of
/// gates, forget
/// bias, activations, direction, variants of the reset and the update gate. Names of variables play no part but to tell scopes apart.
/// </summary>
public sealed class Identification
{
    /// <summary>A convention further away than this many times the nearest one is another one.</summary>
    private const double Apart = 100;

    private readonly Sequence x;
    private readonly int[] lengths;
    private readonly RecordedValues recorded;

    private Identification(RecordedValues input, RecordedValues recorded)
    {
        this.recorded = recorded;
        x = input.X
            ?? throw new UsageException("The input holds no x: name an array (rows, steps, features), or an archive with the key x.");
        lengths = input.Lengths ?? recorded.Lengths ?? [.. Enumerable.Repeat(x.Steps, x.Batch)];
    }

    /// <summary>Identifies every scope of a source whose variables can be a cell's.</summary>
    /// <param name="variables">The variables.</param>
    /// <param name="input">The input.</param>
    /// <param name="recorded">Recorded outputs: <c>outputs</c>, <c>outputs_fw</c> ….</param>
    /// <exception cref="UsageException">There is no input, or nothing recorded.</exception>
    public static IReadOnlyList<IdentifiedCell> Of(TensorSet variables, RecordedValues input, RecordedValues recorded)
    {
        var identification = new Identification(input, recorded);
        var outputs = identification.Outputs().ToArray();
        if (outputs.Length == 0)
        {
            throw new UsageException(
                "Nothing recorded is an output of these inputs: name an array (rows, steps, units), or an archive with the key outputs.");
        }

        // The same variables may stand below several scopes: the innermost one, and what matches, counts.
        var found = new List<IdentifiedCell>();
        foreach (
            var cell in Scopes(variables)
                .Select(scope => identification.Nearest(scope.Scope, scope.Variables, outputs))
                .OfType<IdentifiedCell>()
                .OrderByDescending(cell => cell.IsMatch)
                .ThenByDescending(cell => cell.Scope.Length)
                .ThenByDescending(cell => cell.Variables.Count))
        {
            if (!found.Exists(other => other.Variables.Intersect(cell.Variables).Any()))
            {
                found.Add(cell);
            }
        }

        return [.. found.OrderBy(cell => cell.Scope, Files.NaturalOrder.Comparer)];
    }

    private IEnumerable<(string Key, Sequence Values)> Outputs() =>
        recorded
            .Keys("outputs")
            .Concat(recorded.Keys("y"))
            .Distinct(StringComparer.Ordinal)
            .Select(key => (Key: key, Tensor: recorded.Find(key)!))
            .Where(one =>
                one.Tensor.Shape is { Rank: 3, ElementCount: > 0 }
                && one.Tensor.DType.IsWeight()
                && one.Tensor.Shape[0] == x.Batch
                && one.Tensor.Shape[1] == x.Steps)
            .Select(one => (one.Key, RecordedValues.ToSequence(one.Tensor)));

    /// <summary>Variables that stand together: below one scope, or all of a small set. Of several scopes with the same variables the
    /// innermost one counts.</summary>
    private static IEnumerable<(string Scope, IReadOnlyList<Tensor> Variables)> Scopes(TensorSet set)
    {
        var weights = set
            .Tensors.Where(tensor => tensor.DType.IsWeight() && RecurrentSource.TrainingVariable(tensor.Name) is null)
            .ToArray();
        var scopes = weights.Select(tensor => ScopeOf(tensor.Name)).Distinct(StringComparer.Ordinal).ToArray();
        return scopes
            .Concat(scopes.Select(ScopeOf))
            .Concat(scopes.Select(ScopeOf).Select(ScopeOf))
            .Distinct(StringComparer.Ordinal)
            .OrderByDescending(scope => scope.Length)
            .Select(scope => (scope, Below: weights.Where(tensor => IsBelow(tensor.Name, scope)).ToArray()))
            .Where(one => one.Below.Length is > 0 and <= 12)
            .DistinctBy(one => string.Join('\n', one.Below.Select(tensor => tensor.Name)), StringComparer.Ordinal)
            .Select(one => (one.scope, (IReadOnlyList<Tensor>)one.Below));
    }

    private static bool IsBelow(string name, string scope) =>
        scope.Length == 0 || name.StartsWith(scope + "/", StringComparison.Ordinal);

    private static string ScopeOf(string name) => name.LastIndexOf('/') is >= 0 and var at ? name[..at] : "";

    private IdentifiedCell? Nearest(string scope, IReadOnlyList<Tensor> variables, (string Key, Sequence Values)[] outputs)
    {
        var all = outputs
            .Select(one => (one.Key, one.Values, Weights: ConventionWeights.Of(variables, x.Width, one.Values.Width).ToArray()))
            .Where(one => one.Weights.Length > 0);
        return all.Select(one => Search(scope, one.Key, one.Values, one.Weights)).OfType<IdentifiedCell>()
            .OrderByDescending(cell => cell.IsMatch)
            .ThenBy(cell => cell.Distance)
            .FirstOrDefault();
    }

    private IdentifiedCell? Search(string scope, string key, Sequence values, ConventionWeights[] weights)
    {
        var search = new ConventionSearch(x, values, lengths);
        var found = search.Nearest(weights);
        return found.Count == 0 ? null : Identified(scope, key, found, search);
    }

    private static IdentifiedCell Identified(
        string scope,
        string key,
        List<(Convention Convention, double Distance)> kept,
        ConventionSearch search)
    {
        // Of conventions that the sample cannot tell apart the more usual one is named: activations stand in that order.
        var isMatch = kept[0].Distance <= ConventionSearch.Limit;
        var (best, distance) = isMatch
            ? kept.Where(one => one.Distance <= ConventionSearch.Limit)
                .OrderBy(one => Activations.All.Index().First(known => known.Item == one.Convention.Activation).Index)
                .ThenBy(one => one.Distance)
                .First()
            : kept[0];
        var limit = Math.Max(Apart * distance, ConventionSearch.Limit);
        var text = Text(best);
        var others = kept.Where(one => Text(one.Convention) != text).ToArray();
        var rivals = isMatch
            ? others
                .Where(one => one.Distance <= limit && !IsSame(best, one.Convention))
                .Select(one => Text(one.Convention))
                .Distinct(StringComparer.Ordinal)
                .ToArray()
            : [];
        var next = others.FirstOrDefault(one => one.Distance > limit);
        var cell = CellOf(best);
        return new IdentifiedCell(
            scope,
            key,
            best.Kind,
            best.Weights.Layout,
            best.Words,
            search.OnWhole(best).Absolute,
            isMatch,
            rivals,
            next.Convention is null ? null : (Text(next.Convention), search.OnWhole(next.Convention).Absolute),
            cell?.Name,
            cell is null ? [] : [.. Facts(cell, best)])
        {
            Variables = best.Weights.Variables,
        };
    }

    /// <summary>Two conventions that are one: of equal activations, input gate and candidate may change places.</summary>
    private static bool IsSame(Convention one, Convention other) =>
        one.Activation == one.RecurrentActivation
        && other.Activation == other.RecurrentActivation
        && one.Activation == other.Activation
        && one.Order.Replace('j', 'i') == other.Order.Replace('j', 'i');

    private static string Text(Convention convention) => $"{convention.Weights.Layout}: {string.Join(", ", convention.Words)}";

    /// <summary>The cell that has variables of these shapes and gates in this order, and that converts.</summary>
    private static Cell? CellOf(Convention convention)
    {
        if (convention.Weights.IsUnusual || convention.UpdatesWithCandidate)
        {
            return null;
        }

        return CellCatalog.All.FirstOrDefault(cell => cell.ToKeras is not null && cell.Refusal is null && IsLike(cell, convention));
    }

    private static bool IsLike(Cell cell, Convention convention)
    {
        var shapes = cell.Variables.Where(role => !role.IsOptional).Select(role => role.Shape).ToArray();
        var weights = convention.Weights;
        var columns = string.Create(CultureInfo.InvariantCulture, $"{(weights.Inputs.Count == 1 ? "" : weights.Inputs.Count)}u)");
        var isShaped = weights.IsHalved ? shapes.Contains("(x+h, 2u)") && shapes.Contains("(x, u)") && convention.ResetsAfter
            : weights.IsCandidateApart ? shapes.Contains("(x+h, 2u)") && shapes.Contains("(x+h, u)") && !convention.ResetsAfter
            : weights.IsJoint ? shapes.Contains($"(x+h, {columns}") && !shapes.Contains("(x+h, 2u)")
            : shapes.Contains($"(x, {columns}")
                && shapes.Contains($"(u, {columns}")
                && (convention.Order.Length != 3 || convention.ResetsAfter == (weights.StateBiases is not null));
        var order = weights.IsCandidateApart ? convention.Order[..2].Replace('z', 'u') : convention.Order.Replace('j', 'c');
        return isShaped && cell.Variables.Count(role => !role.IsOptional) <= Math.Max(2, weights.Variables.Count)
            && (convention.Order.Length == 0 || cell.Gates.Replace('j', 'c') == order || cell.Gates.Replace('z', 'u') == order);
    }

    private static IEnumerable<(string Name, string Value)> Facts(Cell cell, Convention convention)
    {
        foreach (var fact in cell.Facts)
        {
            if (fact.Name == KnownFacts.ForgetBias.Name && (!fact.OnlyIfShown || convention.ForgetBias != 0))
            {
                yield return (fact.Name, convention.ForgetBias.ToString("g9", CultureInfo.InvariantCulture));
            }
            else if (fact.Name == KnownFacts.CellClip.Name && convention.CellClip is { } clip)
            {
                yield return (fact.Name, clip.ToString("g9", CultureInfo.InvariantCulture));
            }
            else if (fact.Name == KnownFacts.Activation.Name)
            {
                yield return (fact.Name, convention.Activation.Name);
            }
            else if (fact.Name == KnownFacts.RecurrentActivation.Name && convention.RecurrentActivation != Activations.Sigmoid)
            {
                yield return (fact.Name, convention.RecurrentActivation.Name);
            }
        }

        yield return (KnownFacts.Direction.Name, convention.IsBackward ? "backward" : "forward");
        if (convention.IsResidual)
        {
            yield return (KnownFacts.Residual.Name, "yes");
        }
    }
}
