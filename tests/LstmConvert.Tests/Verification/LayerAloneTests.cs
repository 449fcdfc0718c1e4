using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Recognition;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>A layer whose input has a feature that is always zero on a drawn sample: the unit of a relu that never fires.</summary>
public sealed class LayerAloneTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    [Theory]
    [InlineData(0, Verdict.Same)]
    [InlineData(0.01f, Verdict.Different)]
    public void What_a_dead_unit_meets_is_compared_too(float off, Verdict expected)
    {
        var target = Path.Combine(folder, "other.h5");
        using (var other = Open("other", off))
        {
            other.Plan(new ConversionOptions()).Write(target, new WriteOptions(), CancellationToken.None);
        }

        using var source = Open("source", 0);
        var report = Verifier.Run(source, target, new VerificationOptions());
        Assert.Equal(expected, report.Verdict);
        Assert.Contains(report.Notes, note => note.Contains("was run on an input of its own too", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private RecurrentSource Open(string name, float off) =>
        RecurrentSource.Open(
            [RandomCells.WriteWithDeadUnit(Path.Combine(folder, name), off)],
            new SourceOptions(),
            new RecognitionOptions { Facts = [new SaidFact("rnn/multi_rnn_cell/cell_0/basic_rnn_cell", "activation", "relu")] });
}
