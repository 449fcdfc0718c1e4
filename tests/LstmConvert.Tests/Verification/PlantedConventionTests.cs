using System.Globalization;
using LstmConvert.Tensors;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>
/// Weights of random cells, run by plain arithmetic of this file under a convention that is drawn: identification names it, or says that
/// the sample leaves several open, and states none as certain that is not the one.
/// LSTMCONVERT_PLANTED is how many, LSTMCONVERT_PLANTED_SEED the seed.
/// </summary>
public sealed class PlantedConventionTests(ITestOutputHelper output)
{
    private static readonly (string Name, Func<double, double> Of)[] Functions =
    [
        ("tanh", Math.Tanh),
        ("relu", value => Math.Max(0, value)),
        ("softsign", value => value / (1 + Math.Abs(value))),
        ("linear", value => value),
    ];

    private static readonly (string Name, Func<double, double> Of)[] Gates =
    [
        ("sigmoid", value => 1 / (1 + Math.Exp(-value))),
        ("hard_sigmoid", value => Math.Clamp((0.2 * value) + 0.5, 0, 1)),
    ];

    [Fact]
    public void A_planted_convention_is_named()
    {
        var count = Number("LSTMCONVERT_PLANTED", 60);
        var random = new Random(Number("LSTMCONVERT_PLANTED_SEED", 1));
        var (named, open, unknown, wrong) = (0, 0, 0, new List<string>());
        for (var k = 0; k < count; k++)
        {
            var planted = new PlantedConvention(random, Functions, Gates);
            using var variables = new TensorSet("memory", "variables in memory", planted.Variables);
            using var io = new TensorSet("memory", "arrays in memory", planted.Recorded);
            var found = Identification.Of(variables, new RecordedValues(io, null), new RecordedValues(io, null));
            if (found is not [{ IsMatch: true } best])
            {
                unknown++;
                wrong.Add($"{k}: {planted}: {(found.Count == 0 ? "nothing" : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", found[0].Words)} at {found[0].Distance:g3}"))}");
            }
            else if (planted.Words.All(word => best.Words.Contains(word)))
            {
                named++;
            }
            else if (best.Rivals.Any(rival => planted.Words.All(word => rival.Contains(word, StringComparison.Ordinal))))
            {
                open++;
            }
            else
            {
                wrong.Add($"{k}: WRONG {planted}: {string.Join(", ", best.Words)}; {best.Rivals.Count} rivals");
            }
        }

        output.WriteLine($"{count} planted: {named} named, {open} left open with the right one among them, {unknown} not found");
        wrong.ForEach(output.WriteLine);
        Assert.DoesNotContain(wrong, line => line.Contains("WRONG", StringComparison.Ordinal));
        Assert.True(named + open >= 0.99 * count, string.Join('\n', wrong));
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}
