using System.Globalization;
using System.Text;
using LstmConvert.Tensors;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>
/// Weights of random cells, run by plain arithmetic of this file under a convention that is drawn: identification names it, or says that
/// the sample leaves several open, and states none as certain that is not the one.
/// LSTMCONVERT_PLANTED is how many, LSTMCONVERT_PLANTED_SEED the seed, LSTMCONVERT_PLANTED_REPORT a file for the table.
/// </summary>
public sealed class PlantedConventionTests(ITestOutputHelper output)
{
    private static readonly (string Name, Func<double, double> Of)[] Functions =
    [
        ("tanh", Math.Tanh),
        ("relu", value => Math.Max(0, value)),
        ("softsign", value => value / (1 + Math.Abs(value))),
        ("linear", value => value),
        ("elu", value => value > 0 ? value : Math.Exp(value) - 1),
        ("softplus", value => Math.Max(value, 0) + Math.Log(1 + Math.Exp(-Math.Abs(value)))),
        ("swish", value => value / (1 + Math.Exp(-value))),
    ];

    private static readonly (string Name, Func<double, double> Of)[] Gates =
    [
        ("sigmoid", value => 1 / (1 + Math.Exp(-value))),
        ("hard_sigmoid", value => Math.Clamp((0.2 * value) + 0.5, 0, 1)),
        ("hard_sigmoid3", value => Math.Clamp((value / 6) + 0.5, 0, 1)),
    ];

    [Fact]
    public void A_planted_convention_is_named()
    {
        var count = Shared.Setting("LSTMCONVERT_PLANTED", 60);
        var random = new Random(Shared.Setting("LSTMCONVERT_PLANTED_SEED", 1));
        var (tally, remarks) = (new PlantedTally<Outcome>(44), new List<string>());
        for (var k = 0; k < count; k++)
        {
            var planted = new PlantedConvention(random, Functions, Gates);
            var (outcome, text) = Try(planted);
            tally.Add(planted.Kind, outcome);
            if (outcome is Outcome.Unknown or Outcome.Wrong or Outcome.Missed)
            {
                remarks.Add($"{outcome} {k}: {planted}: {text}");
            }
        }

        tally.Write(output, remarks);
        Assert.True(tally.Of(Outcome.Wrong) == 0, string.Join('\n', remarks));
        Assert.True(tally.Of(Outcome.Unknown, Outcome.Missed) <= 0.01 * count, string.Join('\n', remarks));
    }

    private static (Outcome Outcome, string Text) Try(PlantedConvention planted)
    {
        using var variables = new TensorSet("memory", "variables in memory", planted.Variables);
        using var io = new TensorSet("memory", "arrays in memory", planted.Recorded);
        var found = Identification.Of(variables, new RecordedValues(io, null), new RecordedValues(io, null));
        if (found is not [{ IsMatch: true } best])
        {
            return (
                Outcome.Unknown,
                found.Count == 0
                    ? "nothing"
                    : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", found[0].Words)} at {found[0].Distance:g3}"));
        }

        var isNamed = planted.Words.All(word => best.Words.Contains(word));
        var isAmong = best.Rivals.Any(rival => planted.Words.All(word => rival.Contains(word, StringComparison.Ordinal)));
        return (
            isNamed && best.Rivals.Count == 0 ? Outcome.Named
            : isNamed ? Outcome.First
            : isAmong ? Outcome.Among
            : best.Rivals.Count > 0 ? Outcome.Missed
            : Outcome.Wrong,
            $"{string.Join(", ", best.Words)} at {best.Distance:g3}; {best.Rivals.Count} rivals");
    }

    /// <summary>What became of a planted convention.</summary>
    private enum Outcome
    {
        /// <summary>It and no other.</summary>
        Named,

        /// <summary>It, and others are said to give the same on this sample.</summary>
        First,

        /// <summary>Another one that gives the same on this sample, and it is said to be ambiguous with this one.</summary>
        Among,

        /// <summary>Said to be ambiguous; it is not among the candidates.</summary>
        Missed,

        /// <summary>Nothing matches.</summary>
        Unknown,

        /// <summary>Another one, as certain.</summary>
        Wrong,
    }
}
