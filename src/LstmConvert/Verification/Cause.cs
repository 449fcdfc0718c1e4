using System.Collections.Concurrent;
using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>
/// Names the mistake behind a difference: one change of convention, or two, under which both compute the same, on the sample and on another
/// one that is drawn for this.
/// What holds on both is named; of several that do, all are. Nothing is named that is only near.
/// </summary>
internal sealed class Cause
{
    /// <summary>Rows, steps and seed of the second sample, which is larger in its values, so that functions show where they part.</summary>
    private const int Rows = 4;

    private const int Steps = 6;

    private const ulong Seed = 77;

    /// <summary>Of two changes only the first steps are computed, before the whole sample decides.</summary>
    private const int FirstSteps = 2;

    /// <summary>What a search for two changes may take, in products of numbers.</summary>
    private const long MostWork = 1_000_000_000;

    /// <summary>Computed for each change that a forget bias is searched with.</summary>
    private const int Fitting = 2 * CoarseRounds;

    /// <summary>About so many single changes a layer has.</summary>
    private const int Singly = 64;

    /// <summary>Changes that any search for two tries at most.</summary>
    private const int MostTried = 100_000;

    private const int MostNamed = 3;

    /// <summary>After so many rounds a forget bias that is one is nearer than this.</summary>
    private const int CoarseRounds = 16;

    private const double CoarseDistance = 0.05;

    private readonly RecurrentLayer layer;
    private readonly LayerPair pair;
    private readonly int place;
    private readonly IReadOnlyList<LayerPair> all;
    private readonly Limits limits;

    /// <summary>Asks for the cause of a difference.</summary>
    /// <param name="pair">The Keras layers.</param>
    /// <param name="layer">The layer of the source.</param>
    /// <param name="all">All pairs: the weights of another layer may stand in this one's place.</param>
    /// <param name="limits">What is the same.</param>
    public Cause(LayerPair pair, RecurrentLayer layer, IReadOnlyList<LayerPair> all, Limits limits)
    {
        (this.layer, this.all, this.limits) = (layer, all, limits);
        place = pair.IsMerged && pair.Layers[1] == layer ? 1 : 0;
        this.pair = Half(pair, place);
    }

    /// <summary>True if nothing was found, and two changes at once were not all tried because the layer is large.</summary>
    public bool IsCut { get; private set; }

    /// <summary>What makes the difference disappear, as a sentence, or null.</summary>
    /// <param name="left">What the source computed.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="states">The initial states of the pair's Keras layers.</param>
    public string? Of(SideRun left, Sample sample, IReadOnlyList<IReadOnlyList<NumericArray>> states)
    {
        var own =
            states[0].Count == pair.States[0].Count
                ? states
                :
                [
                    [.. states[0].Skip(place * pair.States[0].Count).Take(pair.States[0].Count)],
                ];
        var given = new Trial(left.Layers[layer], own, sample.Lengths, sample.States[layer]);
        if (IsSame(pair.Uses, given))
        {
            return "Fed what the source's layer is fed it computes the same: the layers before it differ, or what feeds it.";
        }

        var trials = Second() is { } second ? new Trials(second, () => [given]) : new Trials(given, () => []);
        var found = One(trials);
        found = found.Length == 0 && Fitted(new Named("", pair.Uses), trials) is { } fitted ? [fitted] : found;
        foreach (
            var next in new Func<Trials, IEnumerable<Named>>[] { OfSource, Two, LostAndOne, TwoLost, FittedAndOne }.TakeWhile(_ =>
                found.Length == 0))
        {
            found = [.. next(trials).Take(MostNamed + 1)];
        }

        IsCut = found.Length == 0 && Affordable(trials) < Singly * Singly / 2;
        return found.Length == 0
            ? null
            : $"The difference disappears with {string.Join(", or with ", found.Select(one => one.Name.TrimEnd(',')).Distinct(StringComparer.Ordinal).Take(MostNamed))}{(found.Length > 1 ? ": they compute the same" : "")}.";
    }

    /// <summary>One direction of a merged pair, as a pair of its own.</summary>
    private static LayerPair Half(LayerPair pair, int place)
    {
        if (!pair.IsMerged)
        {
            return pair;
        }

        var (forward, backward) = Bidirectional.WithWeights(pair.Uses[0]);
        var half = pair.States[0].Count / 2;
        return new LayerPair(
            [pair.Layers[place]],
            pair.Names,
            [(place == 0 ? forward : backward).ReturningSequences()],
            [
                [.. pair.States[0].Skip(place * half).Take(half)],
            ]);
    }

    /// <summary>Another sample of the layer alone; null where its states are none of the Keras layers'.</summary>
    private Trial? Second()
    {
        var seed = Seed;
        double[] Drawn(int count, double size) =>
            [.. Enumerable.Range(0, count).Select(_ => (double)(float)(size * ((2 * Sample.Uniform(ref seed)) - 1)))];
        NumericArray[] states =
        [
            .. layer
                .Cell.States.Select(state => (int)layer.Cell.Sizes[state.Width])
                .Select(width => NumericArray.From(Drawn(Rows * width, 1), Precision.Double, Rows, width)),
        ];
        var input = new Value(NumericArray.From(Drawn(Rows * Steps * layer.InputSize, 3), Precision.Double, Rows, Steps, layer.InputSize));
        int[] lengths = [.. Enumerable.Repeat(Steps, Rows)];
        var sample = new Sample(
            new Dictionary<string, Sequence>(),
            lengths,
            new Dictionary<RecurrentLayer, IReadOnlyList<NumericArray>> { [layer] = states });
        if (KerasStates.Of([pair], sample, []) is not { } own)
        {
            return null;
        }

        return new Trial(Run(new CellCall(layer.Cell), input, states), own[pair], lengths, states);
    }

    private static LayerRun Run(CellCall call, Value input, IReadOnlyList<NumericArray> states) =>
        LayerRun.Of(call, new CallInputs([input], states, Precision.Double));

    /// <summary>One mistake undone, in any of the layers that stand for the cell.</summary>
    private Named[] One(Trials trials) =>
        [
            .. Partitioner
                .Create(Singles(), EnumerablePartitionerOptions.NoBuffering)
                .AsParallel()
                .Select((kind, place) => (Place: place, Found: kind.Where(one => IsSame(one.Uses, trials)).ToArray()))
                .OrderBy(kind => kind.Place)
                .SelectMany(kind => kind.Found),
        ];

    /// <summary>Single changes, kind by kind; what is drawn from one is made by the one who draws.</summary>
    private IEnumerable<IEnumerable<Named>> Singles() =>
        pair
            .Uses.SelectMany((use, k) =>
                Kinds(use).Select(kind =>
                    kind(use).Select(wrong => new Named($"{wrong.Name} in the Keras file", With(k, wrong.Layer)))))
            .Append(
                Others()
                    .Select(other => new Named($"the weights of {other.Name}", With(0, pair.Uses[0] with { Weights = other.Use.Weights }))));

    private static IReadOnlyList<Func<KerasUse, IEnumerable<WrongLayer>>> Kinds(KerasUse use) =>
        use.Weights.Count == use.WeightDefinitions.Count && use.Weights.Count > 0 ? use.Layer.Mistakes(use) : [];

    private KerasUse[] With(int k, KerasUse use) => [.. pair.Uses.Select((own, at) => at == k ? use : own)];

    /// <summary>Other layers whose weights have the same shapes.</summary>
    private IEnumerable<(string Name, KerasUse Use)> Others()
    {
        foreach (var other in all)
        {
            foreach (var k in other.IsMerged ? new[] { 0, 1 } : [0])
            {
                var half = Half(other, k);
                if (
                    half.Layers[0] != layer
                    && half.Uses[0].Weights.Count == pair.Uses[0].Weights.Count
                    && half.Uses[0]
                        .Weights.Zip(pair.Uses[0].Weights)
                        .All(both => both.First.Dimensions.SequenceEqual(both.Second.Dimensions)))
                {
                    yield return (other.IsMerged ? $"{other.Name}, {(k == 0 ? "forward" : "backward")}" : other.Name, half.Uses[0]);
                }
            }
        }
    }

    /// <summary>A forget bias of another size than usual, by halving the interval from -5 to 5.</summary>
    private Named? Fitted(Named from, Trials trials)
    {
        var use = from.Uses[0];
        if (use.Layer.WithForgetBias is not { } change || use.Weights.Count < 3)
        {
            return null;
        }

        KerasUse[] Shifted(double plus) => [change(use, plus), .. from.Uses.Skip(1)];
        var head = trials.Head(use.IsBackward);
        double Distance(double plus) => DistanceOf(Shifted(plus), head);
        var (low, _) = GoldenSection.Least(-5, 5, Distance, goesOn: low => Distance(low) < CoarseDistance, coarse: CoarseRounds);

        // Written as a number that a person would choose, if that is one.
        return new[] { Math.Round(low, 4), low }
            .Where(plus => plus != 0)
            .Select(plus => new Named(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{from.Name}{(from.Name.Length > 0 ? " and " : "")}forget bias {Math.Abs(plus):g6} {(plus > 0 ? "added" : "taken away")} in the Keras file"
                ),
                Shifted(plus)))
            .FirstOrDefault(one => IsSame(one.Uses, trials));
    }

    /// <summary>What the Keras file has lost cannot be put back: then the source computes the same without it.</summary>
    private IEnumerable<Named> OfSource(Trials trials) => layer.Cell.Definition.Wrong.Concat(Losses())
        .Where(wrong => IsSame(pair.Uses, Without(wrong, trials))).Select(wrong => new Named($"{wrong.Name} in the source", pair.Uses));

    /// <summary>What may be lost of a cell: its facts, its biases together, its variables one by one.</summary>
    private IEnumerable<WrongConvention> Losses()
    {
        var definition = layer.Cell.Definition;
        var facts = layer
            .Facts.Where(fact => fact.Value != fact.Definition.Neutral && definition.Facts.Any(own => own.Name == fact.Name))
            .Select(fact => fact.Definition)
            .ToArray();
        foreach (var fact in facts)
        {
            yield return Cell.Without(fact);
        }

        var biases = layer
            .Cell.Variables.Where(variable => variable.Value.Shape.Rank == 1 && variable.Key.EndsWith("bias", StringComparison.Ordinal))
            .Select(variable => variable.Key)
            .ToHashSet(StringComparer.Ordinal);
        var added = facts.Where(fact => fact is NumberFact && fact.Name.EndsWith("bias", StringComparison.Ordinal)).ToArray();
        if (biases.Count > 0)
        {
            yield return new WrongConvention("every bias left out", at =>
                added.Aggregate(at.With((role, array) => biases.Contains(role) ? array * 0 : array), (one, fact) =>
                    one.With(fact, fact.Neutral)));
        }

        // What belongs together is lost together: the peepholes.
        foreach (
            var alike in definition
                .Variables.Where(role => layer.Cell.Variables.ContainsKey(role.Name) && !biases.Contains(role.Name))
                .GroupBy(role => role.Shape)
                .Where(group => group.Count() > 1))
        {
            var roles = alike.Select(role => role.Name).ToHashSet(StringComparer.Ordinal);
            yield return new WrongConvention($"{string.Join(", ", alike.Select(role => role.Name))} left out", at =>
                at.With((role, array) => roles.Contains(role) ? array * 0 : array));
        }

        foreach (var role in layer.Cell.Variables.Keys)
        {
            yield return Cell.Changed($"{role} left out", role, array => array * 0);
        }
    }

    /// <summary>The same trials with another source.</summary>
    private Trials Without(WrongConvention wrong, Trials trials) =>
        new(Without(wrong, trials.Small), () => Array.ConvertAll(trials.Others, trial => Without(wrong, trial)));

    private Trial Without(WrongConvention wrong, Trial trial) =>
        trial with
        {
            Expected = Run(new CellCall(layer.Cell).With(wrong.Change), trial.Expected.Input, trial.CellStates),
        };

    /// <summary>Something lost, and one mistake besides.</summary>
    private IEnumerable<Named> LostAndOne(Trials trials) => from loss in Losses().Take(Affordable(trials) / Singly)
                                                            let less = Without(loss, trials)
                                                            from one in One(less)
                                                            select one with { Name = $"{one.Name}, and {loss.Name} in the source," };

    /// <summary>Two things lost.</summary>
    private IEnumerable<Named> TwoLost(Trials trials)
    {
        var losses = Losses().ToArray();
        return losses
            .SelectMany(
                (first, k) =>
                    losses
                        .Skip(k + 1)
                        .Select(second => new WrongConvention($"{first.Name} and {second.Name}", at => second.Change(first.Change(at)))))
            .Where(both => IsSame(pair.Uses, Without(both, trials)))
            .Select(both => new Named($"{both.Name} in the source", pair.Uses));
    }

    /// <summary>A forget bias of another size, and one mistake besides.</summary>
    private IEnumerable<Named> FittedAndOne(Trials trials) =>
        pair.Uses[0].Layer.WithForgetBias is null
            ? []
            : Kinds(pair.Uses[0])
                .SelectMany(kind => kind(pair.Uses[0]))
                .Take(Affordable(trials) / Fitting)
                .Select(one => Fitted(new Named(one.Name, With(0, one.Layer)), trials))
                .OfType<Named>();

    /// <summary>Two mistakes of different kinds undone.</summary>
    private Named[] Two(Trials trials)
    {
        var kinds = Kinds(pair.Uses[0]);
        var candidates = from a in Enumerable.Range(0, kinds.Count)
                         from first in kinds[a](pair.Uses[0])
                         from b in Enumerable.Range(a + 1, kinds.Count - a - 1)
                         from second in kinds[b](first.Layer)
                         select new Named($"{first.Name} and {second.Name} in the Keras file", With(0, second.Layer));
        return
        [
            .. candidates
                .Take(Affordable(trials))
                .AsParallel()
                .AsOrdered()
                .Where(one => IsSame(one.Uses, trials))
                .Take(MostNamed + 1),
        ];
    }

    /// <summary>The first steps tell most of them apart: the whole sample is run for the rest only.</summary>
    private bool IsSame(IReadOnlyList<KerasUse> uses, Trials trials)
    {
        try
        {
            return IsSame(uses, trials.Head(uses[0].IsBackward))
                && IsSame(uses, trials.Small)
                && Array.TrueForAll(trials.Others, trial => IsSame(uses, trial));
        }
        catch (LstmConvertException)
        {
            // A layer with an argument that cannot be computed explains nothing.
            return false;
        }
    }

    private bool IsSame(IReadOnlyList<KerasUse> uses, Trial trial) =>
        IsSame(trial.Expected, Keras(uses, trial), trial.Lengths);

    /// <summary>How many changes a search for two may try.</summary>
    private int Affordable(Trials trials)
    {
        return (int)Math.Min(MostTried, MostWork / Math.Max(1, pair.WeightCount * trials.Small.Lengths.Length * FirstSteps));
    }

    private bool IsSame(LayerRun expected, LayerRun run, int[] lengths) =>
        expected.Output.Width == run.Output.Width && Comparison.Of(expected, run, lengths).All(one => limits.Layout(layer, one).IsMet);

    private double DistanceOf(IReadOnlyList<KerasUse> uses, Trial trial) =>
        Comparison
            .Of(trial.Expected, Keras(uses, trial), trial.Lengths)
            .Max(one => double.IsNaN(one.MaxAbs) ? double.PositiveInfinity : one.MaxAbs);

    private LayerRun Keras(IReadOnlyList<KerasUse> uses, Trial trial) =>
        KerasSide.Alone(pair, uses, trial.Expected.Input, trial.KerasStates, Precision.Double).First().Run;

    /// <summary>A change, and the layers with it.</summary>
    /// <param name="Name">What it is.</param>
    /// <param name="Uses">The layers.</param>
    private sealed record Named(string Name, IReadOnlyList<KerasUse> Uses);

    /// <summary>What changes are tried on, the small one first.</summary>
    /// <param name="small">Few rows and steps.</param>
    /// <param name="others">The others, which are computed when one is asked for.</param>
    private sealed class Trials(Trial small, Func<Trial[]> others)
    {
        private readonly Lazy<Trial[]> rest = new(others);
        private readonly Trial forward = small.Head(FirstSteps, isTail: false);
        private readonly Trial backward = small.Head(FirstSteps, isTail: true);

        public Trial Small => small;

        public Trial[] Others => rest.Value;

        /// <summary>The steps with which a walk of the small one begins.</summary>
        public Trial Head(bool isBackward) => isBackward ? backward : forward;
    }

    /// <summary>What a change is tried on.</summary>
    /// <param name="Expected">What the source computes.</param>
    /// <param name="KerasStates">What the Keras layers start with.</param>
    /// <param name="Lengths">The rows' lengths.</param>
    /// <param name="CellStates">What the cell starts with.</param>
    private sealed record Trial(
        LayerRun Expected,
        IReadOnlyList<IReadOnlyList<NumericArray>> KerasStates,
        int[] Lengths,
        IReadOnlyList<NumericArray> CellStates)
    {
        /// <summary>The steps with which a walk begins.</summary>
        public Trial Head(int steps, bool isTail)
        {
            var input = SideRun.ToSequence(Expected.Input);
            if (input.Steps <= steps || Array.Exists(Lengths, length => length < input.Steps))
            {
                return this;
            }

            Sequence Cut(Sequence all)
            {
                var (from, cut) = (isTail ? all.Steps - steps : 0, Sequence.Zeros(all.Batch, steps, all.Width));
                for (var b = 0; b < all.Batch; b++)
                {
                    all.Values.AsSpan(((b * all.Steps) + from) * all.Width, steps * all.Width)
                        .CopyTo(cut.Values.AsSpan(b * steps * all.Width));
                }

                return cut;
            }

            var x = Cut(input);
            var run = Expected with
            {
                Input = new Value(x.ToArray(Precision.Double)),
                Output = Cut(Expected.Output),
                States = Expected.States.ToDictionary(state => state.Key, state => Cut(state.Value), StringComparer.Ordinal),
            };
            return this with { Expected = run, Lengths = [.. Enumerable.Repeat(steps, Lengths.Length)] };
        }
    }
}
