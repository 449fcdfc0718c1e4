using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>
/// Runs two whole Keras models, each as its own file describes it, from their inputs to their outputs, and says whether they compute the same and
/// whether the sample could have told otherwise.
/// </summary>
public sealed class WholeModelVerifier
{
    private const int Batch = 3;
    private const int Steps = 7;
    private const int OtherLength = 6;

    /// <summary>Wrong conventions that are tried of each layer.</summary>
    private const int MaximumWrong = 4;

    private readonly (Model Double, Model Single) left;
    private readonly (Model Double, Model Single) right;
    private readonly VerificationOptions options;
    private readonly List<string> notes = [];
    private readonly List<string> reasons = [];

    private WholeModelVerifier(Model left, Model right, VerificationOptions options) =>
        (this.left, this.right, this.options) = ((left, left), (right, right), options);

    /// <summary>Compares two whole models; null where one of the paths holds none.</summary>
    /// <param name="old">A whole model of any Keras: <c>.h5</c>, <c>.keras</c>, a SavedModel.</param>
    /// <param name="written">Another one.</param>
    /// <param name="options">The sample and the limits.</param>
    /// <exception cref="LstmConvertException">One of them cannot be read, or a layer is not known to compute; or the old one is a Keras file, and one of both
    /// holds weights alone.</exception>
    public static VerificationReport? Run(string old, string written, VerificationOptions options)
    {
        if (KerasFile.Matches(old))
        {
            return new WholeModelVerifier(Needed(old), Needed(written), options).Verify();
        }

        if (!HasModel(written))
        {
            return null;
        }

        return Read(old) is { } left && Read(written) is { } right ? new WholeModelVerifier(left, right, options).Verify() : null;
    }

    private static bool HasModel(string path)
    {
        if (!KerasFile.Matches(path))
        {
            return false;
        }

        using var file = KerasFile.Open(path);
        return file.HasModel && file is not LegacyWeightsFile { IsOurs: true } and not Keras3WeightsFile && file.Layers.All(layer => layer.Scopes.Count == 0);
    }

    private static Model Needed(string path) => Read(path) ?? throw new UnsupportedModelException(
        $"{path} holds weights alone, and nothing that says how its layers are connected. Name the whole model, or the source that it was converted from.");

    private static Model? Read(string path)
    {
        if (KerasFile.Matches(path))
        {
            using var file = KerasFile.Open(path);
            return file.ReadWithValues();
        }

        if (!Directory.Exists(path))
        {
            return null;
        }

        using var set = SourceCatalog.Open(path, new SourceOptions());
        return SavedKerasModel.Read(set) is { } model ? StoredWeights.Loaded(model, path) : null;
    }

    private VerificationReport Verify()
    {
        if (Misfit() is { } misfit)
        {
            return Report(Verdict.Different, [], [], misfit);
        }

        var inputs = Inputs();
        var (ours, theirs) = (Outputs(left.Double, inputs, Precision.Double), Outputs(right.Double, inputs, Precision.Double));
        if (ours.Count != theirs.Count || ours.Zip(theirs).Any(pair => !pair.First.Dimensions.SequenceEqual(pair.Second.Dimensions)))
        {
            return Report(Verdict.Different, [], [], $"The outputs are {Text(ours)} in the one model and {Text(theirs)} in the other.");
        }

        var cost = options.Limit is null ? Cost(ours, inputs) : 0;
        var compared = Compare(ours, theirs, Verifier.LayoutLimit, cost, "float64").Concat(Compare(Outputs(left.Single, inputs, Precision.Single), Outputs(right.Single, inputs, Precision.Single), Verifier.DeploymentLimit, cost, "float32")).ToArray();
        reasons.AddRange(compared.Where(one => !one.IsMet).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Difference.What} differs by {one.Difference.MaxAbs:g4} (limit {one.Limit:g3}).")));
        var expectations = Expectations(ours, theirs).ToArray();
        reasons.AddRange(expectations.Where(one => !one.IsMet).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Side} is {one.Difference.MaxAbs:g4} away from the recorded {one.Key} (limit {one.Limit:g3}).")));
        if (reasons.Count > 0)
        {
            return Report(Verdict.Different, compared, expectations);
        }

        if (!(cost <= Rounding.Chaos))
        {
            return Report(Verdict.Inconclusive, compared, expectations, $"The network is chaotic on this sample: half an ulp in its weights changes its outputs by more than {Rounding.Chaos}.");
        }

        var (hypothesis, distance, count) = Power(ours, inputs);
        notes.Add(string.Create(CultureInfo.InvariantCulture, $"the nearest of {count} wrong conventions ({hypothesis}) would differ by {distance:g3}"));
        var needed = Verifier.PowerFactor * compared[0].Limit;
        return count == 0 || distance >= needed ? Report(Verdict.Same, compared, expectations)
            : Report(Verdict.Inconclusive, compared, expectations, string.Create(CultureInfo.InvariantCulture, $"This sample could not have told '{hypothesis}' from the right model (it changes the outputs by {distance:g3} only, and {needed:g3} is needed). Verify on another sample."));
    }

    private string? Misfit() => left.Double.Inputs.Count != right.Double.Inputs.Count
        ? $"The one model has {left.Double.Inputs.Count} inputs and the other {right.Double.Inputs.Count}."
        : left.Double.Outputs.Count != right.Double.Outputs.Count ? $"The one model has {left.Double.Outputs.Count} outputs and the other {right.Double.Outputs.Count}." : null;

    private VerificationReport Report(Verdict verdict, IReadOnlyList<Compared> outputs, IReadOnlyList<ExpectationReport> expectations, string? reason = null)
    {
        reasons.AddRange(reason is null ? [] : [reason]);
        return new VerificationReport(verdict, [], reasons, [], outputs, expectations, options.Input is null ? string.Create(CultureInfo.InvariantCulture, $"random inputs of the model's shapes, seed {options.Seed}") : "the given inputs", notes);
    }

    private IReadOnlyList<NumericArray> Inputs()
    {
        var seed = options.Seed;
        return [.. left.Double.Inputs.Select((input, k) => options.Input?.Input(k, left.Double.Inputs.Count) is { } given ? Given(input, given) : Drawn(input, ref seed))];
    }

    private static NumericArray Given(ModelInput input, Tensor given) => given.Shape.Rank == input.Axes.Count + 1
        ? NumericArray.From(RecordedValues.Doubles(given), Precision.Double, [.. given.Shape.Dimensions.ToArray().Select(length => (int)length)])
        : throw new UnreadableInputException($"The model's input {input.Name} has {input.Axes.Count + 1} axes, and {given} is given.");

    private NumericArray Drawn(ModelInput input, ref ulong seed)
    {
        int[] shape = [input.Batch ?? Batch, .. input.Axes.Select((length, axis) => length ?? (axis == 0 ? Steps : axis == input.Axes.Count - 1 ? WidthOf(input) : OtherLength))];
        var values = new double[shape.Aggregate(1, (product, length) => checked(product * length))];
        var rows = left.Double.Readers(input.Name).Select(call => call.Callee).OfType<KerasUse>().Select(Embedding.RowsOf).FirstOrDefault(count => count > 0);
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = rows > 0 ? Math.Floor(Sample.Uniform(ref seed) * rows) : (2 * Sample.Uniform(ref seed)) - 1;
        }

        return NumericArray.From(values, Precision.Double, shape);
    }

    private int WidthOf(ModelInput input) => left.Double.Readers(input.Name).Select(call => call.Callee).OfType<KerasUse>()
        .Where(use => use.Weights is [{ Rank: > 1 }, ..]).Select(use => (int?)use.Weights[0].Dimensions[^2]).FirstOrDefault() ?? OtherLength;

    private static IReadOnlyList<NumericArray> Outputs(Model model, IReadOnlyList<NumericArray> inputs, Precision precision) =>
        [.. ModelWalker.Run(model, model.Inputs.Zip(inputs).ToDictionary(pair => pair.First.Name, pair => new Value(pair.Second), StringComparer.Ordinal), precision).Select(value => value.Data)];

    private IEnumerable<Compared> Compare(IReadOnlyList<NumericArray> ours, IReadOnlyList<NumericArray> theirs, double standard, double cost, string precision) => ours.Zip(theirs).Select((pair, k) =>
    {
        var difference = Of(string.Create(CultureInfo.InvariantCulture, $"output {k} in {precision}"), pair.First, pair.Second);
        return new Compared(difference, options.Limit ?? Math.Max(difference.Scaled(standard), Rounding.Factor * cost));
    });

    private IEnumerable<ExpectationReport> Expectations(IReadOnlyList<NumericArray> ours, IReadOnlyList<NumericArray> theirs)
    {
        if (options.Expected is not { } expected)
        {
            yield break;
        }

        for (var k = 0; k < ours.Count; k++)
        {
            if (expected.Output(k, ours.Count) is not { } recorded)
            {
                continue;
            }

            var array = NumericArray.From(RecordedValues.Doubles(recorded), Precision.Double, [.. recorded.Shape.Dimensions.ToArray().Select(length => (int)length)]);
            foreach (var (side, outputs) in new[] { ("the old model", ours), ("the new model", theirs) })
            {
                if (!outputs[k].Dimensions.SequenceEqual(array.Dimensions))
                {
                    throw new UnreadableInputException($"{recorded} is recorded where the model gives {outputs[k]}. Name the inputs that belong to it.");
                }

                var difference = Of(recorded.Name, outputs[k], array);
                yield return new ExpectationReport(side, recorded.Name, difference, options.ExpectationLimit ?? options.Limit ?? difference.Scaled(Verifier.DeploymentLimit));
            }
        }
    }

    /// <summary>The largest change of an output that half an ulp of float32 in every weight makes.</summary>
    private double Cost(IReadOnlyList<NumericArray> ours, IReadOnlyList<NumericArray> inputs)
    {
        var seed = options.Seed + 1;
        var off = Changed(left.Double, (_, weight) => Off(weight, ref seed));
        return Distance(ours, Outputs(off, inputs, Precision.Double));
    }

    private static NumericArray Off(NumericArray weight, ref ulong seed)
    {
        var values = weight.ToDoubles();
        for (var k = 0; k < values.Length; k++)
        {
            values[k] *= Sample.Uniform(ref seed) < 0.5 ? 1 + Rounding.HalfUlpOfSingle : 1 - Rounding.HalfUlpOfSingle;
        }

        return NumericArray.From(values, weight.Precision, [.. weight.Dimensions]);
    }

    /// <summary>The nearest of some wrong models: each layer with weights in turn, with a convention exchanged or its weights away.</summary>
    private (string Hypothesis, double Distance, int Count) Power(IReadOnlyList<NumericArray> ours, IReadOnlyList<NumericArray> inputs)
    {
        var (nearest, distance, count) = ("none", double.PositiveInfinity, 0);
        foreach (var (path, use) in StoredWeights.Leaves(left.Double).Where(leaf => leaf.Use.Weights.Count > 0))
        {
            var wrong = use.Layer.Wrong(use).Take(MaximumWrong).DefaultIfEmpty(new WrongLayer("no weights", use with { Weights = [.. use.Weights.Select(weight => weight * 0)] }));
            foreach (var one in wrong)
            {
                var away = Distance(ours, Outputs(Replaced(left.Double, use, one.Layer), inputs, Precision.Double));
                count++;
                if (away < distance)
                {
                    (nearest, distance) = ($"{string.Join('/', path)}: {one.Name}", away);
                }
            }
        }

        return (nearest, distance, count);
    }

    private static Model Replaced(Model model, KerasUse old, KerasUse other) => model.With(layer => ReferenceEquals(layer.Callee, old) ? other
        : layer.Callee is NestedModel nested ? nested with { Model = Replaced(nested.Model, old, other) } : layer.Callee);

    private static Model Changed(Model model, Func<KerasUse, NumericArray, NumericArray> change) => model.With(layer => layer.Callee switch
    {
        KerasUse use => use with { Weights = [.. use.Weights.Select(weight => change(use, weight))] },
        NestedModel nested => nested with { Model = Changed(nested.Model, change) },
        var other => other,
    });

    private static double Distance(IReadOnlyList<NumericArray> ours, IReadOnlyList<NumericArray> theirs) =>
        ours.Zip(theirs).Max(pair => pair.First.ToDoubles().Zip(pair.Second.ToDoubles(), (a, b) => Math.Abs(a - b)).DefaultIfEmpty(0).Max(one => double.IsNaN(one) ? double.PositiveInfinity : one));

    private static Difference Of(string what, NumericArray ours, NumericArray theirs)
    {
        var (batch, steps) = (ours.Dimensions[0], ours.Rank > 2 ? ours.Dimensions[1] : 1);
        Sequence Flat(NumericArray array) => new(batch, steps, array.Count / Math.Max(1, batch * steps), array.ToDoubles());
        return Difference.Of(what, Flat(ours), Flat(theirs), [.. Enumerable.Repeat(steps, batch)]);
    }

    private static string Text(IReadOnlyList<NumericArray> arrays) => string.Join(", ", arrays.Select(array => $"({string.Join(", ", array.Dimensions)})"));
}
