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
/// Runs two whole Keras models, each as its own file describes it, from their inputs to their outputs, and says whether they compute the
/// same and
/// whether the sample could have told otherwise.
/// </summary>
public sealed class WholeModelVerifier
{
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
    /// <exception cref="LstmConvertException">One of them cannot be read, or a layer is not known to compute; or the old one is a Keras
    /// file, and one of both
    /// holds weights alone.</exception>
    public static VerificationReport? Run(string old, string written, VerificationOptions options)
    {
        if (KerasFile.Matches(old))
        {
            return Verified(Needed(old), Needed(written), options);
        }

        if (!HasModel(written))
        {
            return null;
        }

        return Read(old) is { } left && Read(written) is { } right ? Verified(left, right, options) : null;
    }

    private static bool HasModel(string path)
    {
        if (!KerasFile.Matches(path))
        {
            return false;
        }

        using var file = KerasFile.Open(path);
        return file.HasModel
            && file is not LegacyWeightsFile { IsOurs: true } and not Keras3WeightsFile
            && file.Layers.All(layer => layer.Scopes.Count == 0);
    }

    private static VerificationReport Verified((Model Model, string? Told) left, (Model Model, string? Told) right, VerificationOptions options)
    {
        var verifier = new WholeModelVerifier(left.Model, right.Model, options);
        verifier.notes.AddRange(new[] { left.Told, right.Told }.OfType<string>());
        return verifier.Verify();
    }

    private static (Model Model, string? Told) Needed(string path) =>
        Read(path)
        ?? throw new UnsupportedModelException(
            $"{path} holds weights alone, and nothing that says how its layers are connected. Name the whole model, or the source that it was converted from."
        );

    /// <summary>The model of a file, and what else the file holds.</summary>
    private static (Model Model, string? Told)? Read(string path)
    {
        if (KerasFile.Matches(path))
        {
            using var file = KerasFile.Open(path);
            return file.ReadWithValues() is { } read ? (read, file.LeftOverText) : null;
        }

        if (!Directory.Exists(path))
        {
            return null;
        }

        using var set = SourceCatalog.Open(path, new SourceOptions());
        return SavedKerasModel.Read(set) is { } model ? (StoredWeights.Loaded(model, path), null) : null;
    }

    private VerificationReport Verify()
    {
        if (Misfit() is { } misfit)
        {
            return Report(Verdict.Different, [], [], misfit);
        }

        var inputs = Inputs();
        var (ours, theirs) = (
            ModelRuns.Outputs(left.Double, inputs, Precision.Double),
            ModelRuns.Outputs(right.Double, inputs, Precision.Double));
        if (ours.Count != theirs.Count || ours.Zip(theirs).Any(pair => !pair.First.Dimensions.SequenceEqual(pair.Second.Dimensions)))
        {
            return Report(
                Verdict.Different,
                [],
                [],
                $"The outputs are {ModelRuns.Text(ours)} in the one model and {ModelRuns.Text(theirs)} in the other.");
        }

        var (ourSingles, theirSingles) = (
            ModelRuns.Outputs(left.Single, inputs, Precision.Single),
            ModelRuns.Outputs(right.Single, inputs, Precision.Single));
        var cost = options.Limit is null ? ModelRuns.Cost(left.Double, ours, inputs, options.Seed + 1) : 0;
        var compared = Compare(ours, theirs, Verifier.LayoutLimit, cost, "float64")
            .Concat(
                Compare(
                    ourSingles,
                    theirSingles,
                    Verifier.DeploymentLimit,
                    cost,
                    "float32"))
            .ToArray();
        reasons.AddRange(
            compared
                .Where(one => !one.IsMet)
                .Select(one =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{one.Difference.What} differs by {one.Difference.MaxAbs:g4} (limit {one.Limit:g3}).")));
        var expectations = Expectations(ours, theirs).ToArray();
        reasons.AddRange(expectations.Where(one => !one.IsMet).Select(one => one.Reason));
        if (reasons.Count > 0)
        {
            return Report(Verdict.Different, compared, expectations);
        }

        if (
            compared.Select(one => one.Difference).Concat(expectations.Select(one => one.Difference)).FirstOrDefault(one => one.NotFiniteAlike > 0)
                is { } alike)
        {
            return Report(Verdict.Inconclusive, compared, expectations, alike.AlikeText);
        }

        if (!(cost <= Rounding.Chaos))
        {
            return Report(
                Verdict.Inconclusive,
                compared,
                expectations,
                $"The network is chaotic on this sample: half an ulp in its weights changes its outputs by more than {Rounding.Chaos}.");
        }

        var (hypothesis, distance, count) = ModelRuns.Power(left.Double, ours, inputs);
        notes.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"the nearest of {count} wrong conventions ({hypothesis}) would differ by {distance:g3}"));
        var needed = Verifier.PowerFactor * compared[0].Limit;
        return count == 0 || distance >= needed
            ? Report(Verdict.Same, compared, expectations)
            : Report(
                Verdict.Inconclusive,
                compared,
                expectations,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"This sample could not have told '{hypothesis}' from the right model (it changes the outputs by {distance:g3} only, and {needed:g3} is needed). Verify on another sample."
                ));
    }

    private string? Misfit() =>
        left.Double.Inputs.Count != right.Double.Inputs.Count
            ? $"The one model has {left.Double.Inputs.Count} inputs and the other {right.Double.Inputs.Count}."
        : left.Double.Outputs.Count != right.Double.Outputs.Count
            ? $"The one model has {left.Double.Outputs.Count} outputs and the other {right.Double.Outputs.Count}."
        : null;

    private VerificationReport Report(
        Verdict verdict,
        IReadOnlyList<Compared> outputs,
        IReadOnlyList<ExpectationReport> expectations,
        string? reason = null)
    {
        reasons.AddRange(reason is null ? [] : [reason]);
        return new VerificationReport(
            verdict,
            [],
            reasons,
            [],
            outputs,
            expectations,
            options.Input is null
                ? string.Create(CultureInfo.InvariantCulture, $"random inputs of the model's shapes, seed {options.Seed}")
                : "the given inputs",
            notes);
    }

    private IReadOnlyList<NumericArray> Inputs()
    {
        var seed = options.Seed;
        return
        [
            .. left.Double.Inputs.Select(
                (input, k) =>
                    options.Input?.Input(k, left.Double.Inputs.Count) is { } given
                        ? ModelRuns.Given(input, given)
                        : ModelRuns.Drawn(left.Double, input, ref seed, masked: Masked(k))),
        ];
    }

    /// <summary>The values that stand for no step in an input of either model.</summary>
    private IReadOnlyList<double> Masked(int input) =>
        [.. ModelRuns.MaskedValues(left.Double, left.Double.Inputs[input].Name)
            .Concat(ModelRuns.MaskedValues(right.Double, right.Double.Inputs[input].Name))
            .Distinct()];

    private IEnumerable<Compared> Compare(
        IReadOnlyList<NumericArray> ours,
        IReadOnlyList<NumericArray> theirs,
        double standard,
        double cost,
        string precision) =>
        ours.Zip(theirs)
            .Select(
                (pair, k) =>
                {
                    var difference = ModelRuns.Difference(
                        string.Create(CultureInfo.InvariantCulture, $"output {k} in {precision}"),
                        pair.First,
                        pair.Second);
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

            var array = ModelRuns.Array(recorded);
            foreach (var (side, outputs) in new[] { ("the old model", ours), ("the new model", theirs) })
            {
                if (!outputs[k].Dimensions.SequenceEqual(array.Dimensions))
                {
                    throw new UnreadableInputException(
                        $"{recorded} is recorded where the model gives {outputs[k]}. Name the inputs that belong to it.");
                }

                var difference = ModelRuns.Difference(recorded.Name, outputs[k], array);
                yield return new ExpectationReport(
                    side,
                    recorded.Name,
                    difference,
                    options.ExpectationLimit ?? options.Limit ?? difference.Scaled(Verifier.DeploymentLimit));
            }
        }
    }
}
