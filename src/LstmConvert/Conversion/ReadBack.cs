using LstmConvert.Cells;
using LstmConvert.KerasFiles;
using LstmConvert.Layouts;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>What the check after writing found.</summary>
/// <param name="Moved">Numbers that came back bit for bit, those with turned signs among them.</param>
/// <param name="Folded">Forget-bias entries, each within half an ulp of <c>b + forget_bias</c>.</param>
/// <param name="Computed">Entries of sums, scalings and matrix products, each within their rounding.</param>
/// <param name="Constants">Entries that are constants, each equal to it.</param>
public sealed record ReadBackResult(long Moved, long Folded, long Computed, long Constants)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Moved:N0} numbers bit for bit")
        + (
            Folded > 0
                ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", {Folded:N0} with the forget bias within half an ulp")
                : "")
        + (
            Computed > 0
                ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", {Computed:N0} computed within rounding")
                : "")
        + (Constants > 0 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", {Constants:N0} constants") : "");
}

/// <summary>
/// Reads a written file back and takes the recipes backwards: from the file's numbers to the variables'. Every number of every
/// variable must come back bit for bit; forget-bias entries may differ by half an ulp of <c>b + forget_bias</c>, and what computes
/// keeps the rule that <see cref="LayoutCheck"/> states.
/// </summary>
internal static class ReadBack
{
    public static ReadBackResult Check(ConversionPlan plan, string path, KerasTarget target, CancellationToken cancel)
    {
        using var file = target.Open(path);
        var layers = file.Layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        var weights = new List<(string Path, PlannedWeight Weight, Tensor Written)>();
        foreach (var layer in plan.Planned)
        {
            if (!layers.TryGetValue(layer.Name, out var written) || written.Weights.Count != layer.Weights.Count)
            {
                var found = written is null ? "is not" : $"{written.Weights.Count}";
                throw LayoutCheck.Failed(path, $"{layer.Name} has {layer.Weights.Count} weights in the plan and {found} in the file");
            }

            foreach (var (weight, tensor) in layer.Weights.Zip(written.Weights))
            {
                var expected = new TensorInfo(tensor.Name, weight.DType, weight.Arrangement.Shape);
                if (tensor.Info != expected)
                {
                    throw LayoutCheck.Failed(path, $"{expected} is in the plan and {tensor} in the file");
                }

                weights.Add((PathOf(layer, weight), weight, tensor));
            }
        }

        static IReadOnlyList<Arrangement> Parts(BoundCell cell) =>
            [.. cell.Definition.UnreadParts(cell).Select(part => part.Resolve(KerasModelBuilder.Bind(cell)))];
        static string PathOf(PlannedLayer layer, PlannedWeight weight) => $"{layer.Name}/{weight.Definition.Name}:0";
        var checks = weights
            .GroupBy(pair => pair.Weight.Cell, ReferenceEqualityComparer.Instance)
            .Select(cell =>
            {
                var made = cell.Select(pair => new LayoutWeight(pair.Path, pair.Weight.Arrangement, pair.Written));
                var source = cell.First().Weight.Cell;
                var unread = source.Definition.Unread(source);
                return LayoutCheck.Run(
                    path,
                    [.. made],
                    source.Variables.Where(variable => !unread.Contains(variable.Key)).ToDictionary(StringComparer.Ordinal),
                    cancel,
                    Parts(source));
            });
        return checks.Aggregate(new ReadBackResult(0, 0, 0, 0), (sum, one) =>
            new ReadBackResult(sum.Moved + one.Moved, sum.Folded + one.Folded, sum.Computed + one.Computed, sum.Constants + one.Constants));
    }
}
