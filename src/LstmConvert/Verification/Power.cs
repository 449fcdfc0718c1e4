using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.KerasLayers;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>What a wrong convention would do to a sample.</summary>
/// <param name="Name">The convention: <c>forget bias 0</c>.</param>
/// <param name="Distance">The largest difference that it makes.</param>
/// <param name="PerStep">The largest difference at each step on which it was tried.</param>
public sealed record WrongHypothesis(string Name, double Distance, IReadOnlyList<double> PerStep);

/// <summary>How far the nearest wrong hypothesis lies away on the same sample.</summary>
/// <param name="Hypothesis">The wrong convention that changes least: <c>forget bias 0</c>.</param>
/// <param name="Distance">The largest difference that it makes.</param>
/// <param name="Count">How many were tried.</param>
public sealed record PowerResult(string Hypothesis, double Distance, int Count)
{
    /// <summary>So many of the nearest are told.</summary>
    private const int Told = 3;

    /// <summary>The nearest wrong hypotheses, the nearest first.</summary>
    public IReadOnlyList<WrongHypothesis> Nearest { get; private init; } = [];

    /// <summary>Rows and steps on which hypotheses are run.</summary>
    private const int Rows = 2;

    private const int Steps = 8;

    /// <summary>Cells with fewer weights than this run on so many times as many rows and steps.</summary>
    private const int SmallCell = 1 << 14;

    private const int SmallFactor = 8;

    /// <summary>Of cells with many weights only so many hypotheses are tried.</summary>
    private const int FewHypotheses = 12;

    /// <summary>Runs the wrong hypotheses of a pair.</summary>
    internal static PowerResult Of(
        LayerPair pair,
        IReadOnlyDictionary<RecurrentLayer, LayerRun> fed,
        Sample sample,
        IReadOnlyList<IReadOnlyList<NumericArray>> states)
    {
        var count = pair.WeightCount;
        var (head, lengths) = Head(pair, fed[pair.Layers[0]].Input, sample);
        var value = ValueOf(head, lengths);
        var unused = Unused(head, lengths);
        if (unused > 0)
        {
            return new PowerResult(
                string.Create(CultureInfo.InvariantCulture, $"other numbers in {unused} of the kernel's {head.Width} input rows"),
                0,
                1);
        }

        return pair.Layers.Any(layer => Wrong(layer).Any())
            ? OfCells(pair, value, lengths, sample)
            : OfLayers(pair, value, lengths, states, count > Held.Many ? FewHypotheses : int.MaxValue);
    }

    /// <summary>True if features that a pair reads are zero wherever hypotheses would be run.</summary>
    internal static bool LeavesUnused(LayerPair pair, Value fed, Sample sample) =>
        Head(pair, fed, sample) is var (head, lengths) && Unused(head, lengths) > 0;

    /// <summary>The rows and steps on which hypotheses are run.</summary>
    private static (Sequence Head, int[] Lengths) Head(LayerPair pair, Value fed, Sample sample)
    {
        var factor = pair.WeightCount < SmallCell ? SmallFactor : 1;
        var head = SideRun.ToSequence(fed).Head(Rows * factor, Steps * factor);
        return (head, [.. sample.Lengths.Take(head.Batch).Select(length => Math.Min(length, head.Steps))]);
    }

    private static IEnumerable<WrongConvention> Wrong(RecurrentLayer layer) =>
        layer.Cell.Definition.Wrong.Where(wrong => wrong.IsWrongFor(layer.Cell));

    /// <summary>Hypotheses of the source's cells: those that the cells themselves know.</summary>
    private static PowerResult OfCells(LayerPair pair, Value input, int[] lengths, Sample sample)
    {
        var nearest = new PowerResult("none", double.PositiveInfinity, 0);
        foreach (var layer in pair.Layers)
        {
            var initial = sample.States[layer].Select(state => state.Rows(0, lengths.Length)).ToArray();
            var cell = new CellCall(layer.Cell);
            LayerRun Run(Func<CellArrays, CellArrays>? change) =>
                LayerRun.Of(cell.With(change), new CallInputs([input], initial, Precision.Double));

            var right = Run(null);
            foreach (var wrong in Wrong(layer))
            {
                nearest = Nearer(nearest, wrong.Name, PerStep(right, Run(wrong.Change), lengths));
            }
        }

        return nearest;
    }

    /// <summary>Hypotheses of the Keras layers.</summary>
    private static PowerResult OfLayers(
        LayerPair pair,
        Value input,
        int[] lengths,
        IReadOnlyList<IReadOnlyList<NumericArray>> states,
        int most)
    {
        var initial = states
            .Select(layer => (IReadOnlyList<NumericArray>)[.. layer.Select(state => state.Rows(0, lengths.Length))])
            .ToArray();
        IReadOnlyList<LayerRun> Run(KerasUse first) =>
            [.. KerasSide.Alone(pair, [first, .. pair.Uses.Skip(1)], input, initial, Precision.Double).Select(one => one.Run)];
        var right = Run(pair.Uses[0]);
        var nearest = new PowerResult("none", double.PositiveInfinity, 0);
        foreach (var two in pair.Uses[0].Layer.Wrong(pair.Uses[0]).Take(most).Chunk(pair.WeightCount > Held.Many ? 1 : 2))
        {
            var found = two.Select(wrong => Task.Run(() =>
                (wrong.Name, PerStep: Largest(right.Zip(Run(wrong.Layer)).Select(both => PerStep(both.First, both.Second, lengths))))));
            nearest = Task.WhenAll(found).GetAwaiter().GetResult().Aggregate(nearest, (nearest, one) => Nearer(nearest, one.Name, one.PerStep));
            Held.LetGo(pair.WeightCount, isFollowed: true);
        }

        return nearest;
    }

    /// <summary>Input features that are zero at every valid step: the rows of the kernel that they meet could hold anything.</summary>
    private static int Unused(Sequence input, int[] lengths) =>
        Enumerable
            .Range(0, input.Width)
            .Count(k =>
                !Enumerable
                    .Range(0, input.Batch)
                    .Any(b => Enumerable.Range(0, Math.Min(lengths[b], input.Steps)).Any(t => input[b, t, k] != 0)));

    private static Value ValueOf(Sequence x, int[] lengths) => new(
        x.ToArray(Precision.Double),
        lengths.Any(length => length < x.Steps) ? Value.MaskOf(lengths, x.Steps) : null);

    private static double[] PerStep(LayerRun right, LayerRun wrong, int[] lengths) =>
        Largest(Comparison.Of(right, wrong, lengths).Select(one => one.PerStep));

    /// <summary>The largest of several at each step; what is no number is infinite.</summary>
    private static double[] Largest(IEnumerable<IReadOnlyList<double>> all) =>
        all.Aggregate(Array.Empty<double>(), (largest, one) =>
            [
                .. one.Select(
                    (value, step) =>
                        Math.Max(step < largest.Length ? largest[step] : 0, double.IsNaN(value) ? double.PositiveInfinity : value)),
            ]);

    private static PowerResult Nearer(PowerResult nearest, string name, IReadOnlyList<double> perStep)
    {
        var distance = perStep.DefaultIfEmpty(0).Max();
        return new(distance < nearest.Distance ? name : nearest.Hypothesis, Math.Min(distance, nearest.Distance), nearest.Count + 1)
        {
            Nearest = [.. nearest.Nearest.Append(new WrongHypothesis(name, distance, perStep)).OrderBy(one => one.Distance).Take(Told)],
        };
    }
}
