using System.Collections.Concurrent;
using LstmConvert.Arrays;
using LstmConvert.Equations;

namespace LstmConvert.Verification;

/// <summary>
/// Finds the conventions under which weights give recorded outputs. All conventions are tried on the first step of a few rows and units,
/// where they share every product; what is near there on more and more steps; and what is left runs on the whole sample with states of its
/// own, which alone decides.
/// </summary>
internal sealed class ConventionSearch
{
    /// <summary>Outputs this near are the same, measured by the largest up to their step: float32 over some tens of steps.</summary>
    public const double Limit = 1e-5;

    /// <summary>A step that begins from recorded outputs is at most so many times further off than a run with the same convention.</summary>
    private const double Amplified = 100;

    /// <summary>Rows and units that are looked at first.</summary>
    private const int MostRows = 8;
    private const int MostUnits = 64;

    /// <summary>Conventions for which numbers are searched, and those of them for which a forget bias is searched on more steps.</summary>
    private const int MostFitted = 8;
    private const int MostRefined = 4;

    /// <summary>Cell states are not clipped further out than this.</summary>
    private const double HighestClip = 20;

    private const int MostBegun = 2560;
    private const int MostKept = 64;

    /// <summary>Conventions beyond those that match that run on the whole sample: the nearest of them is the runner-up.</summary>
    private const int Beyond = 4;

    /// <summary>Limits of the state, each 1.4 times the one before.</summary>
    private static readonly double[] Limits = [.. Enumerable.Range(0, 18).Select(k => 0.05 * Math.Pow(1.4, k))];

    /// <summary>Forget biases among which the nearest is looked for; those further out are tried where it lies at an end.</summary>
    private const double HighestUsualBias = 5;

    private static readonly double[] UsualBiases = [.. Enumerable.Range(-10, 21).Select(half => half / 2.0)];
    private static readonly double[] FurtherBiases = [6, 7, 8, 9, 10, 12, 14, 17, 20];

    private static readonly int[] FittedSteps = [4, 32];
    private static readonly int[] Digits = [1, 2, 3, 4, 6];

    private static readonly Activation[] GateFunctions = [Activations.Sigmoid, Activations.HardSigmoid, Activations.HardSigmoid3];

    private static readonly Activation[] Functions =
    [
        .. Activations.All.Where(one => one != Activations.Softmax && one != Activations.HardSigmoid3),
    ];

    private readonly RecordedSample forward;
    private readonly RecordedSample backward;
    private readonly ConcurrentDictionary<(object Blocks, object Biases, bool IsBackward, bool IsResidual), TaughtSteps> taught = new();
    private readonly ConcurrentDictionary<Convention, (double Measured, double Absolute)> confirmed = new();
    private Focus focus;

    /// <summary>Takes a sample.</summary>
    /// <param name="x">The input.</param>
    /// <param name="values">The outputs that were recorded for it.</param>
    /// <param name="lengths">The valid length of each row.</param>
    public ConventionSearch(Sequence x, Sequence values, int[] lengths)
    {
        forward = new RecordedSample(x, values, lengths);
        backward = forward.Reversed();
        focus = Widest(forward);
    }

    private int Steps => forward.X.Steps;

    /// <summary>The nearest conventions, the nearest first, with their distances on the whole sample, measured by the
    /// outputs' sizes.</summary>
    /// <param name="weights">The ways in which the variables may be weights.</param>
    public List<(Convention Convention, double Distance)> Nearest(ConventionWeights[] weights)
    {
        var kept = Taught(weights.SelectMany(Conventions), 1);
        kept = Taught(Begun(kept).SelectMany(one => WithForgetBiases(one.Convention)), 2);
        foreach (var (steps, most) in new[] { (4, 4 * MostKept), (16, 2 * MostKept), (Steps, MostKept) })
        {
            kept = Taught(kept.Take(most).Select(one => one.Convention), steps);
        }

        var found = Confirmed(kept);

        // A forget bias of another size, or a limit of the state, is searched where no usual one fits.
        return found.Count > 0 && found[0].Distance > Limit && Steps > 1 ? Fitted(weights, kept, found) : found;
    }

    /// <summary>Where some begin as recorded, these and what is next to them; else the nearest ones: numbers that are not known yet may
    /// have changed the first step as well.</summary>
    private static IEnumerable<(Convention Convention, double Distance)> Begun(List<(Convention Convention, double Distance)> kept)
    {
        var near = kept.TakeWhile(one => one.Distance <= Amplified * Limit).Count();
        return kept.Take(near == 0 ? MostBegun : near + MostKept);
    }

    private List<(Convention Convention, double Distance)> Fitted(
        ConventionWeights[] weights,
        List<(Convention Convention, double Distance)> kept,
        List<(Convention Convention, double Distance)> found)
    {
        if (kept[0].Distance <= Limit)
        {
            // What was looked at matches, and the whole does not: a limit that only other numbers reach.
            focus = FurthestOff(kept[0].Convention);
            taught.Clear();
        }

        Convention[] open =
        [
            .. Beginning(weights)
                .Concat(kept.Take(MostFitted).Select(one => one.Convention).Where(one => one.Order.Length == 4))
                .Distinct(),
        ];
        var fitted = Taught(
            WithFittedBiases(open)
                .Concat(InParallel.Each(open.SelectMany(WithForgetBiases), WithFittedClip))
                .Concat(kept.Select(one => one.Convention)),
            Steps);
        var all = Confirmed(fitted);
        if (all.Count > 0 && all[0].Distance > Limit)
        {
            var limited = Limited(weights);
            fitted = Taught(
                limited.SelectMany(WithForgetBiases).Concat(WithFittedBiases(limited)).Concat(fitted.Select(one => one.Convention)),
                Steps);
            all = Confirmed(fitted);
        }

        if (all.Count == 0 || all[0].Distance > Limit)
        {
            // A limit that explains nothing is no hint.
            var unlimited = all.FindAll(one => one.Convention.CellClip is null);
            return unlimited.Count == 0 || found[0].Distance < unlimited[0].Distance ? found : unlimited;
        }

        return WithRivals(all[0].Convention, fitted);
    }

    /// <summary>With a number that was found, another function may be the same on this sample: then it is a rival.</summary>
    private List<(Convention Convention, double Distance)> WithRivals(
        Convention best,
        List<(Convention Convention, double Distance)> fitted) =>
        Confirmed(
            Taught(
                fitted
                    .Take(MostKept)
                    .Select(one => one.Convention)
                    .Concat(Functions.Except([best.Activation]).Select(one => best with { Activation = one }))
                    .Concat(GateFunctions.Except([best.RecurrentActivation]).Select(one => best with { RecurrentActivation = one }))
                    .Concat(OtherBiases(best)),
                Steps));

    /// <summary>Behind a gate that is all but full or shut another bias may be the same.</summary>
    private static IEnumerable<Convention> OtherBiases(Convention best) =>
        Math.Abs(best.ForgetBias) <= HighestUsualBias
            ? []
            : [best with { ForgetBias = 0.9 * best.ForgetBias }, best with { ForgetBias = 1.1 * best.ForgetBias }];

    /// <summary>
    /// The conventions whose first step is what was recorded, in the most numbers: from a zero state it does not depend on the forget bias,
    /// and a limit of the state changes only the units that reach it.
    /// </summary>
    private Convention[] Beginning(ConventionWeights[] weights) =>
        [
            .. InParallel
                .Each(
                    weights.SelectMany(Conventions).Where(one => one.Order.Length == 4),
                    one => (Convention: one, Count: StepsOf(one).Met(one, Limit)))
                .Where(one => one.Count > 0)
                .OrderByDescending(one => one.Count)
                .Take(MostFitted)
                .Select(one => one.Convention),
        ];

    /// <summary>The conventions whose first step is nearest with a limit of the state, where most numbers may have reached it: first with a
    /// few limits, then with the nearest one.</summary>
    private Convention[] Limited(ConventionWeights[] weights)
    {
        double Sum(Convention one) => StepsOf(one).Sum(one, 1);
        var coarse = Sorted(
            InParallel.Each(
                weights.SelectMany(Conventions).Where(one => one.Order.Length == 4),
                one => Limits.Select(limit => one with { CellClip = limit }).MinBy(Sum)!),
            Sum);
        var fine = InParallel.Each(
            coarse.Take(MostKept).Select(one => one.Convention),
            one => WithFittedClip(one, 0.5 * one.CellClip!.Value, 2 * one.CellClip.Value));
        return [.. Sorted(fine, Sum).Take(MostFitted).Select(one => one.Convention)];
    }

    /// <summary>The limit between two others under which the first step of a convention comes nearest.</summary>
    private Convention WithFittedClip(Convention one, double least, double most)
    {
        var steps = StepsOf(one);
        var (low, _) = GoldenSection.Least(least, most, limit => steps.Sum(one with { CellClip = limit }, 1), prefersLower: true);
        return Digits[1..3]
            .Select(digits => one with { CellClip = Math.Round(low, digits) })
            .FirstOrDefault(plain => steps.Distance(plain, 1) <= Limit) ?? one with { CellClip = low };
    }

    /// <summary>Conventions by their distance in steps that begin from recorded outputs.</summary>
    private List<(Convention Convention, double Distance)> Taught(IEnumerable<Convention> conventions, int steps) =>
        Sorted(conventions, one => StepsOf(one).Distance(one, steps));

    /// <summary>Conventions by their distance on the whole sample: those that are near in taught steps, and the next ones.</summary>
    private List<(Convention Convention, double Distance)> Confirmed(List<(Convention Convention, double Distance)> kept)
    {
        var near = kept.TakeWhile(one => one.Distance <= Amplified * Limit).Count();
        return Sorted(
            kept.Take(Math.Min(near, MostKept) + Beyond).Select(one => one.Convention),
            one => OnWhole(one).Measured);
    }

    /// <summary>The largest difference on the whole sample, measured by the outputs' sizes and as it is.</summary>
    /// <param name="one">The convention.</param>
    public (double Measured, double Absolute) OnWhole(Convention one) =>
        confirmed.GetOrAdd(one, _ => (one.IsBackward ? backward : forward).Distance(one));

    private static List<(Convention Convention, double Distance)> Sorted(IEnumerable<Convention> conventions, Func<Convention, double> distance) =>
        [
            .. InParallel
                .Each(conventions, one => (Convention: one, Distance: distance(one)))
                .Where(one => double.IsFinite(one.Distance))
                .OrderBy(one => one.Distance),
        ];

    private TaughtSteps StepsOf(Convention one) =>
        taught.GetOrAdd(
            (one.Weights.Inputs, one.Weights.Biases, one.IsBackward, one.IsResidual),
            _ => new TaughtSteps(one.Weights, one.IsBackward ? backward : forward, one.IsResidual, focus));

    /// <summary>The longest rows; of units some everywhere, and those that go furthest.</summary>
    private static Focus Widest(RecordedSample sample)
    {
        var (units, furthest) = (sample.Y.Width, new double[sample.Y.Width]);
        for (var k = 0; k < sample.Y.Values.Length; k++)
        {
            furthest[k % units] = Math.Max(furthest[k % units], Math.Abs(sample.Y.Values[k]));
        }

        var everywhere = Enumerable.Range(0, MostUnits / 2).Select(k => k * units / (MostUnits / 2));
        return new Focus(
            [.. Enumerable.Range(0, sample.X.Batch).OrderByDescending(row => sample.Lengths[row]).Take(MostRows).Order()],
            units <= MostUnits
                ? [.. Enumerable.Range(0, units)]
                : [.. everywhere.Concat(Enumerable.Range(0, units).OrderByDescending(k => furthest[k])).Distinct().Take(MostUnits).Order()]);
    }

    /// <summary>The rows and units that are furthest off in the first step in which a convention does not give what was recorded.</summary>
    private Focus FurthestOff(Convention convention)
    {
        var (units, sample) = (forward.Y.Width, convention.IsBackward ? backward : forward);
        var step = sample
            .Differences(convention)
            .Where((step, t) => step.Any(difference => !(difference <= Limit * sample.Sizes[t])))
            .FirstOrDefault();
        if (step is null)
        {
            return focus;
        }

        int[] places = [.. Enumerable.Range(0, step.Length).OrderByDescending(k => step[k])];
        return new Focus(
            [.. places.Select(k => k / units).Distinct().Take(MostRows).Order()],
            [.. places.Select(k => k % units).Distinct().Take(MostUnits).Order()]);
    }

    /// <summary>The forget bias of each convention; of those that come nearest also as more steps tell it, where they do not run
    /// away.</summary>
    private Convention[] WithFittedBiases(Convention[] open)
    {
        var fitted = Sorted(InParallel.Each(open, one => WithFittedBias(one, 2)), one => StepsOf(one).Sum(one, 2));
        return
        [
            .. fitted.Select(one => one.Convention),
            .. InParallel
                .Each(fitted.Take(MostRefined), one => FittedSteps.Select(steps => WithFittedBias(one.Convention, steps)).ToArray())
                .SelectMany(biases => biases),
        ];
    }

    /// <summary>
    /// The forget bias under which a convention comes nearest, between -20 and 20. In two steps each number is the further off the further
    /// the bias is, unless its gate is full or shut: so all numbers are added; and where the nearest lies at an end of the usual ones,
    /// those beyond that end are tried too.
    /// </summary>
    private Convention WithFittedBias(Convention one, int count)
    {
        var steps = StepsOf(one);
        double Sum(double bias) => steps.Sum(one with { ForgetBias = bias }, count);
        var nearest = UsualBiases.MinBy(Sum);
        double[] tried = Math.Abs(nearest) < HighestUsualBias ? UsualBiases
            : [.. UsualBiases.Concat(FurtherBiases.Select(bias => Math.CopySign(bias, nearest))).Order()];
        var at = Array.IndexOf(tried, tried == UsualBiases ? nearest : tried.Where(bias => bias * nearest > 0).MinBy(Sum));
        var (low, high) = GoldenSection.Least(
            at > 0 ? tried[at - 1] : tried[0] - 0.5,
            at < tried.Length - 1 ? tried[at + 1] : tried[^1] + 0.5,
            Sum);
        return Plainest((low + high) / 2, bias => one with { ForgetBias = bias });
    }

    /// <summary>
    /// The limit of the cell state under which a convention comes nearest. Up to the first step that differs nothing was clipped; in that
    /// step each clipped unit is the further off the further the limit is: the interval is halved.
    /// </summary>
    private Convention WithFittedClip(Convention one)
    {
        var steps = StepsOf(one);
        var first = 1 + steps.Distances(one).TakeWhile(distance => distance <= Limit).Count();
        var (low, _) = GoldenSection.Least(
            0, HighestClip, clip => steps.Distance(one with { CellClip = clip }, first), prefersLower: true);

        return Plainest(low, clip => one with { CellClip = clip });
    }

    /// <summary>A number as a person would write it, with the fewest digits that are about as near.</summary>
    private Convention Plainest(double number, Func<double, Convention> with)
    {
        var exact = with(number);
        var limit = 2 * StepsOf(exact).Distance(exact, Steps);
        return Digits
            .Select(digits => with(Math.Round(number, digits)))
            .FirstOrDefault(one => StepsOf(one).Distance(one, Steps) <= limit) ?? exact;
    }

    private IEnumerable<Convention> Conventions(ConventionWeights weights)
    {
        var orders = weights.Inputs.Count switch
        {
            4 => Permutations("ijfo"),
            3 => weights.IsCandidateApart ? ["zrh", "rzh"] : Permutations("zrh"),
            _ => [""],
        };
        foreach (var order in orders)
        {
            foreach (var function in Functions)
            {
                foreach (var gate in order.Length == 0 ? GateFunctions[..1] : GateFunctions)
                {
                    foreach (var backward in new[] { false, true })
                    {
                        foreach (var residual in forward.X.Width == weights.Biases[0].Count ? new[] { false, true } : [false])
                        {
                            var plain = new Convention(weights, order, function, gate, backward) { IsResidual = residual };
                            yield return plain;
                            foreach (var variant in order.Length == 3 ? Variants(plain) : [])
                            {
                                yield return variant;
                            }
                        }
                    }
                }
            }
        }
    }

    private static IEnumerable<Convention> Variants(Convention plain) =>
        [
            plain with
            {
                ResetsAfter = true,
            },
            plain with
            {
                UpdatesWithCandidate = true,
            },
            plain with
            {
                ResetsAfter = true,
                UpdatesWithCandidate = true,
            },
        ];

    private static IEnumerable<Convention> WithForgetBiases(Convention one) =>
        one.Order.Length == 4 ? [one, one with { ForgetBias = 1 }] : [one];

    private static IEnumerable<string> Permutations(string letters) => letters.Length < 2 ? [letters]
        : letters.SelectMany((letter, k) => Permutations(letters.Remove(k, 1)).Select(rest => letter + rest));
}
