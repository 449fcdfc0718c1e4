using System.Globalization;
using System.Text;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>
/// One or two mistakes, planted at random in the Keras side of recorded programs and of random cells: each that changes the outputs is
/// caught, and its cause is named or said to be unknown,
/// never another. LSTMCONVERT_PLANTED is how many, LSTMCONVERT_PLANTED_SEED the seed, LSTMCONVERT_PLANTED_REPORT a file for the table.
/// </summary>
public sealed class PlantedCauseTests(ITestOutputHelper output) : IDisposable
{
    private const string FromElsewhere = "Fed what the source's layer is fed";

    private static readonly string[] Recorded =
    [
        "tf1/lstm",
        "tf1/gru",
        "tf1/basic-rnn",
        "tf1/basic-lstm",
        "tf1/bidirectional",
        "tf1/bidirectional-multi",
        "tf1/multi-lstm-2",
        "tf1/multi-gru-2",
        "tf1/lstm-proj",
        "tf1/lstm-float64",
        "tf1/block-lstm-v2",
        "tf1/cudnn-compatible-gru",
        "tf-old/1.3.0-multi-lstm-2",
        "tf-old/1.0.1-gru",
        "tf1/static-rnn",
        "tf1/stack-bidirectional",
        "tf1/lstm-peephole",
        "tf1/lstm-cellclip-acting",
        "tf1/block-lstm-v2-peephole-clip",
        "tf1/lstm-proj-peephole-clips",
        "tf1/multi-lstm-3",
        "tf1/lstm-relu",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert-planted-").FullName;
    private readonly List<Converted> recorded = [];

    public void Dispose()
    {
        recorded.ForEach(one => one.Dispose());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_planted_mistake_is_caught_and_named()
    {
        var count = Shared.Setting("LSTMCONVERT_PLANTED", 80);
        var random = new Random(Shared.Setting("LSTMCONVERT_PLANTED_SEED", 1));
        recorded.AddRange(
            Recorded
                .Select(name => Path.Combine(Shared.Goldens, name))
                .Where(Directory.Exists)
                .Select(path => Open(new Outcomes.GoldenCase(path).Own)));
        var (tally, wrong) = (new PlantedTally<Outcome>(52), new List<string>());
        for (var k = 0; k < count; k++)
        {
            var isRecorded = random.Next(2) == 0;
            var converted = isRecorded
                ? recorded[random.Next(recorded.Count)]
                : Open(RandomCells.Write(Path.Combine(folder, "cells"), random));
            var (kind, outcome, text) = Try(converted, random);
            if (!isRecorded)
            {
                converted.Dispose();
            }

            tally.Add(kind, outcome);
            if (outcome is Outcome.Wrong or Outcome.Missed || (outcome == Outcome.Unknown && wrong.Count < 60))
            {
                wrong.Add($"{outcome}: {k} {converted.Name}, {kind}: {text}");
            }
        }

        var table = tally.Write(output, wrong);
        Assert.True(tally.Of(Outcome.Wrong) + tally.Of(Outcome.Missed) == 0, string.Join('\n', wrong));
        Assert.True(tally.Of(Outcome.Named) >= 0.99 * (tally.Of(Outcome.Named) + tally.Of(Outcome.Unknown)), $"{table}\n{string.Join('\n', wrong)}");
    }

    /// <summary>Plants, verifies, and judges what was named.</summary>
    private static (string Kind, Outcome Outcome, string Text) Try(Converted converted, Random random)
    {
        var calls = converted
            .Model.Calls.Where(call =>
                call.Callee is KerasUse use && (Bidirectional.Is(use) || use is { IsRecurrent: true, Weights.Count: > 2 }))
            .ToArray();
        if (random.Next(14) == 0 && Swapped(converted, calls, random) is { } swapped)
        {
            return swapped;
        }

        var call = calls[random.Next(calls.Length)];
        var whole = (KerasUse)call.Callee;
        var place = Bidirectional.Is(whole) ? random.Next(2) : -1;
        var use = place < 0 ? whole : place == 0 ? Bidirectional.WithWeights(whole).Forward : Bidirectional.WithWeights(whole).Backward;
        var (kinds, truths) = (new List<string>(), new List<string>());
        var wanted = random.Next(3) == 0 ? 2 : 1;
        foreach (var (kind, make) in Chosen(random, wanted, isInside: place >= 0))
        {
            if (make(use, random) is { } planted && !IsVoid(use, planted.Use))
            {
                use = planted.Use;
                kinds.Add(kind);
                truths.Add(planted.Truth);
            }
        }

        if (kinds.Count == 0)
        {
            return Try(converted, random);
        }

        var model = converted.Model.With(layer =>
            layer.Name == call.Name
                ? place < 0
                    ? use
                    : Inside(whole, place, use)
                : layer.Callee);
        var report = Verifier.Run(
            converted.Source,
            converted.File,
            model,
            new VerificationOptions
            {
                AsksGraph = false,
                AsksPower = false,
                Steps = random.Next(2, 51),
                Seed = (ulong)random.Next(),
            });
        return (
            string.Join(" + ", kinds),
            Judge(report, call.Name, place, truths),
            $"truth {string.Join(", ", truths)}; {report.Verdict}: {string.Join(" | ", report.Layers.Select(layer => $"{layer.LayerName} {layer.Cause}"))}"
        );
    }

    /// <summary>True for a mistake that changes nothing: one row in another order of axes; a gate of one unit, which may come before or
    /// after the product with one number.</summary>
    private static bool IsVoid(KerasUse right, KerasUse wrong) =>
        (right.Units == 1 && right.Is("reset_after") != wrong.Is("reset_after"))
        || (
            ReferenceEquals(right.Arguments, wrong.Arguments)
            && right.Inner.SequenceEqual(wrong.Inner)
            && right.Weights.Zip(wrong.Weights).All(both => both.First.ToDoubles().AsSpan().SequenceEqual(both.Second.ToDoubles())));

    /// <summary>Two layers of the same shapes with each other's weights; null where there are none.</summary>
    private static (string Kind, Outcome Outcome, string Text)? Swapped(Converted converted, Call[] calls, Random random)
    {
        static string Shapes(Call call) =>
            string.Join(';', ((KerasUse)call.Callee).Weights.Select(weight => string.Join(',', weight.Dimensions)));
        if (
            calls.GroupBy(Shapes).FirstOrDefault(group => group.Count() > 1)?.ToArray() is not { } alike
            || Bidirectional.Is((KerasUse)alike[0].Callee))
        {
            return null;
        }

        random.Shuffle(alike);
        var (one, other) = (alike[0], alike[1]);
        KerasUse With(Call call, Call weights) => (KerasUse)call.Callee with { Weights = ((KerasUse)weights.Callee).Weights };
        var model = converted.Model.With(layer =>
            layer.Name == one.Name ? With(one, other)
            : layer.Name == other.Name ? With(other, one)
            : layer.Callee);
        var report = Verifier.Run(
            converted.Source,
            converted.File,
            model,
            new VerificationOptions
            {
                AsksGraph = false,
                AsksPower = false,
                Seed = (ulong)random.Next(),
            });
        Outcome Judged(Call call, Call truth) =>
            report.Layers.First(layer => layer.LayerName == call.Name).Cause is not { } cause ? Outcome.Unknown
            : cause.Contains($"the weights of {truth.Name}", StringComparison.Ordinal) ? Outcome.Named
            : Outcome.Wrong;
        var outcome =
            report.Verdict != Verdict.Different ? Outcome.Missed : (Outcome)Math.Max((int)Judged(one, other), (int)Judged(other, one));
        return ("layers exchanged", outcome, string.Join(" | ", report.Layers.Select(layer => $"{layer.LayerName} {layer.Cause}")));
    }

    private static (string Kind, Func<KerasUse, Random, Planted?> Make)[] Chosen(Random random, int wanted, bool isInside)
    {
        // A merged layer has its directions by its class; what was said of a bias or of peepholes is lost with them.
        int[] places = [.. Enumerable.Range(0, Plant.Kinds.Count).Where(k => !isInside || Plant.Kinds[k].Kind != "direction")];
        random.Shuffle(places);
        var chosen = places.Take(wanted).Order().Select(k => Plant.Kinds[k]).ToArray();
        return
            chosen
                is [{ Kind: "forget bias" or "reset_after" }, { Kind: "bias lost" }]
                    or [{ Kind: "peephole order" }, { Kind: "peepholes lost" }]
            ? chosen[1..]
            : chosen;
    }

    private static KerasUse Inside(KerasUse whole, int place, KerasUse half)
    {
        var (forward, backward) = Bidirectional.WithWeights(whole);
        var bare = half with { Weights = [] };
        return whole with
        {
            Inner = place == 0 ? [bare, whole.Inner[1]] : [whole.Inner[0], bare],
            Weights = place == 0 ? [.. half.Weights, .. backward.Weights] : [.. forward.Weights, .. half.Weights],
        };
    }

    private static Outcome Judge(VerificationReport report, string name, int place, List<string> truths)
    {
        if (report.Verdict != Verdict.Different)
        {
            // Numbers that are the same in every order, a rectifier that nothing crosses: nothing to catch.
            return report.Layers.All(layer => layer.IsSame) ? Outcome.Alike : Outcome.Missed;
        }

        var own = report.Layers.Where(layer => layer.LayerName == name).ElementAt(Math.Max(0, place));
        if (
            report.Layers.Any(layer =>
                layer != own && layer.Cause is { } other && !other.StartsWith(FromElsewhere, StringComparison.Ordinal)))
        {
            return Outcome.Wrong;
        }

        return own.Cause is not { } cause ? Outcome.Unknown
            : truths.TrueForAll(truth => cause.Contains(truth, StringComparison.Ordinal)) ? Outcome.Named
            : truths is ["recurrent kernel transposed", "the kernel's axes exchanged"]
            && cause.Contains("both kernels' axes exchanged", StringComparison.Ordinal)
                ? Outcome.Named
            : Outcome.Wrong;
    }

    private Converted Open(string path)
    {
        var source = RecurrentSource.Open([path], new SourceOptions(), new RecognitionOptions());
        var file = Path.Combine(folder, $"{Guid.NewGuid():n}.h5");
        source.Plan().Write(file);
        var keras = KerasFile.Open(file);
        return new Converted(path, source, keras, keras.ReadWithValues()!);
    }

    /// <summary>What became of a planted mistake.</summary>
    private enum Outcome
    {
        Named,
        Alike,
        Unknown,
        Wrong,
        Missed,
    }

    /// <summary>A source and the Keras model that was made of it.</summary>
    private sealed record Converted(string Name, RecurrentSource Source, KerasFile File, Model Model) : IDisposable
    {
        public void Dispose()
        {
            Source.Dispose();
            File.Dispose();
        }
    }
}
