using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>
/// Proves a whole Keras model against the source's own graph between tensors that the user names: no cell has to be known, none is
/// recognised, and nothing is assumed.
/// </summary>
internal static class GraphCutVerifier
{
    /// <summary>Verifies.</summary>
    /// <param name="source">The source.</param>
    /// <param name="keras">The Keras file's path.</param>
    /// <param name="options">The cut, the sample, the limits.</param>
    /// <exception cref="UsageException">There is no graph, the file describes no model, or a tensor is not in the graph.</exception>
    /// <exception cref="LstmConvertException">The graph or the model cannot be run.</exception>
    public static VerificationReport Run(RecurrentSource source, string keras, VerificationOptions options)
    {
        if (source.Graph is null)
        {
            throw new UsageException(
                $"{source.Variables.Path} has no graph beside it, and only a graph has tensors.",
                remedies: [new SettingRemedy(Setting.Graph)]);
        }

        if (options.Cut is { To.Count: 0 })
        {
            throw new UsageException(
                "Where the graph's outputs leave is not said. Name the tensors in the order of the Keras model's outputs.",
                remedies: [new SettingRemedy(Setting.ExitTensors)]);
        }

        if (options.Lengths is not null || options.InitialStates is not null)
        {
            throw new UsageException(
                "A graph that is cut runs over full rows from the states that it has itself. Leave out lengths and initial states; other inputs of the graph are given a value by name."
            );
        }

        using var file = KerasFile.Open(keras);
        var model = file.ReadWithValues()
            ?? throw new UsageException(
                $"{keras} holds weights and describes no model, so it cannot be run from input to output. Save the whole model (.keras, or a whole-model .h5)."
            );
        var notes = new List<string>();
        var result = GraphCutRun.Run(source, model, options.Cut!, options, notes);
        var reasons = result.IsRandom
            ? []
            : result
                .Compared.Where(one => !one.IsMet)
                .Select(one => $"The source's own graph computes something else than the Keras model: {ModelRuns.Sentence(one)}")
                .ToList();
        var expectations = Expectations(result, options).ToArray();
        reasons.AddRange(expectations.Where(one => !one.IsMet).Select(one => one.Reason));
        var isDifferent = reasons.Count > 0;
        if (!isDifferent && !result.IsSame)
        {
            reasons.Add(
                "The source's own graph draws random numbers on the way, and gives something else than the Keras model: neither shows anything. Give what keeps it from drawing them a value, or cut the graph behind them."
            );
        }
        else if (!isDifferent)
        {
            reasons.AddRange(Doubts(model, result, options, notes));
        }

        var text =
            $"{(options.Input is null ? string.Create(CultureInfo.InvariantCulture, $"random inputs {ModelRuns.Text(result.Inputs)}, seed {options.Seed}") : $"the given inputs {ModelRuns.Text(result.Inputs)}")}, {result.Text}";
        return new VerificationReport(
            isDifferent ? Verdict.Different
                : reasons.Count > 0 ? Verdict.Inconclusive
                : Verdict.Same,
            [],
            reasons,
            [],
            result.Compared,
            expectations,
            text,
            notes)
        {
            Graph = new GraphReport([], [], text) { IsConfirmed = result.IsSame },
            Witnesses =
            [
                new WitnessReport(
                    Witnesses.OwnGraph,
                    result.IsSame ? WitnessState.Confirms
                        : result.IsRandom ? WitnessState.NotRun
                        : WitnessState.Contradicts,
                    result.IsSame || !result.IsRandom ? [] : ["it draws random numbers on the way"]),
                .. options.Expected is null ? Array.Empty<WitnessReport>() : [Witnesses.OfRecorded(expectations)],
            ],
        };
    }

    /// <summary>Why outputs that are the same show nothing, as sentences.</summary>
    internal static IEnumerable<string> Doubts(Models.Model model, GraphCutResult result, VerificationOptions options, List<string> notes)
    {
        if (result.Compared.FirstOrDefault(one => one.Difference.NotFiniteAlike > 0) is { } alike)
        {
            return [alike.Difference.AlikeText];
        }

        if (options.Limit is null && !(result.Cost <= Rounding.Chaos))
        {
            return
            [
                $"The network is chaotic on this sample: half an ulp in its weights changes its outputs by more than {Rounding.Chaos}. Verify on fewer time steps.",
            ];
        }

        var (hypothesis, distance, count) = ModelRuns.Power(model, result.Float64, result.Inputs);
        notes.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"the nearest of {count} wrong conventions ({hypothesis}) would differ by {distance:g3}"));
        var needed = Verifier.PowerFactor * result.Compared[0].Limit;
        return count == 0 || distance >= needed
            ? []
            :
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"This sample could not have told '{hypothesis}' from the right model (it changes the outputs by {distance:g3} only, and {needed:g3} is needed). Verify on another sample."
                ),
            ];
    }

    private static IEnumerable<ExpectationReport> Expectations(GraphCutResult result, VerificationOptions options)
    {
        for (var k = 0; options.Expected is { } expected && k < result.Float64.Count; k++)
        {
            if (expected.Output(k, result.Float64.Count) is not { } recorded)
            {
                continue;
            }

            var array = ModelRuns.Array(recorded);
            foreach (var (side, output) in new[] { ("TensorFlow", result.Graph[k]), ("Keras", result.Float64[k]) })
            {
                if (output.Count != array.Count)
                {
                    throw new UnreadableInputException(
                        $"{recorded} is recorded where {output} is computed. Name the input that belongs to it.");
                }

                var difference = ModelRuns.Difference(
                    recorded.Name,
                    output,
                    NumericArray.From(array.ToDoubles(), Precision.Double, [.. output.Dimensions]));
                yield return new ExpectationReport(
                    side,
                    recorded.Name,
                    difference,
                    options.ExpectationLimit ?? options.Limit ?? difference.Scaled(Verifier.DeploymentLimit));
            }
        }
    }
}
