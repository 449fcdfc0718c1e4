using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>
/// The limits of one sample: 1e-6 in float64 and 1e-5 in float32 for values up to 1, larger in proportion for larger values, and never
/// below eight times what rounding itself costs the sample.
/// </summary>
internal sealed class Limits
{
    private readonly double? absolute;
    private readonly IReadOnlyDictionary<RecurrentLayer, double> layout;
    private readonly IReadOnlyDictionary<RecurrentLayer, double> deployment;

    private Limits(
        double? absolute,
        IReadOnlyDictionary<RecurrentLayer, double> layout,
        IReadOnlyDictionary<RecurrentLayer, double> deployment
    ) => (this.absolute, this.layout, this.deployment) = (absolute, layout, deployment);

    /// <summary>The layers that amplify rounding so much that no comparison means anything.</summary>
    public IReadOnlyList<RecurrentLayer> Chaotic =>
        [.. deployment.Where(pair => absolute is null && !(pair.Value <= Rounding.Chaos)).Select(pair => pair.Key)];

    /// <summary>Measures what rounding costs a sample.</summary>
    public static Limits Measured(SourceModel source, SideRun right, Sample sample, double? absolute, List<string> notes)
    {
        var zero = source.Layers.ToDictionary(layer => layer, _ => 0.0);
        if (absolute is not null)
        {
            return new Limits(absolute, zero, zero);
        }

        var single = Rounding.Cost(source, right, sample, Rounding.HalfUlpOfSingle);
        var isDouble = source.Layers.Any(layer => layer.Cell.DType == DType.Float64);
        var doubles = isDouble ? Rounding.Cost(source, right, sample, Rounding.HalfUlpOfDouble) : single;
        foreach (var layer in source.Layers.Where(layer => Rounding.Factor * single[layer] > Verifier.DeploymentLimit))
        {
            notes.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{layer.Scope}: half an ulp of float32 in its weights alone moves this sample by {single[layer]:g2}, so the limits are {Rounding.Factor} times that."
                ));
        }

        return new Limits(
            null,
            source.Layers.ToDictionary(layer => layer, layer => layer.Cell.DType == DType.Float64 ? doubles[layer] : single[layer]),
            single);
    }

    /// <summary>What half an ulp of float32 costs a layer.</summary>
    public double CostOf(RecurrentLayer layer) => deployment[layer];

    /// <summary>A difference in float64 with its limit.</summary>
    public Compared Layout(RecurrentLayer layer, Difference difference) =>
        new(difference, Limit(Verifier.LayoutLimit, layout[layer], difference));

    /// <summary>A difference in float32 with its limit.</summary>
    public Compared Deployment(RecurrentLayer layer, Difference difference) =>
        new(difference, Limit(Verifier.DeploymentLimit, deployment[layer], difference));

    /// <summary>A difference of the whole models' outputs with its limit.</summary>
    public Compared Output(Difference difference) =>
        new(difference, Limit(Verifier.LayoutLimit, layout.Values.DefaultIfEmpty(0).Max(), difference));

    private double Limit(double standard, double cost, Difference difference) =>
        absolute ?? Math.Max(difference.Scaled(standard), Rounding.Factor * cost);
}
