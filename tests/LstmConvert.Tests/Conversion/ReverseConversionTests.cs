using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Recognition;
using LstmConvert.Tensors;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Conversion;

/// <summary>The way back: from TensorFlow to Keras and back every number is the same, and files that real Kerases wrote become cells that
/// compute the same.</summary>
public sealed class ReverseConversionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_was_converted_comes_back()
    {
        var (compared, refused) = (0, 0);
        foreach (var example in Directory.EnumerateDirectories(Path.Combine(Shared.Goldens, "tf1")).Order(StringComparer.Ordinal))
        {
            var source = Path.Combine(example, "variables.npz");
            if (!File.Exists(source))
            {
                continue;
            }

            var keras = Path.Combine(folder, "o.h5");
            File.Delete(keras);
            File.Delete(Path.Combine(folder, "o_layers.py"));
            using var opened = RecurrentSource.Open(source);
            ReverseConversion reverse;
            try
            {
                opened.Plan().Write(keras);
                reverse = ReverseConversion.Of(keras, new ReverseOptions());
            }
            catch (LstmConvertException e) when (e is UnsupportedModelException or UndecidedException or UsageException)
            {
                refused++;
                continue;
            }

            foreach (var (cell, variable) in reverse.Cells.SelectMany(cell => cell.Variables.Select(variable => (cell, variable))))
            {
                var original = opened.Variables.Find(variable.Name);
                if (original is null)
                {
                    continue; // A scope of another release has other leaves.
                }

                // Behind normalised gates stands the forget bias in a beta; the bias that the class makes beside it is never read.
                var isBias =
                    variable.Name.EndsWith("bias", StringComparison.Ordinal)
                    || variable.Name.EndsWith("forget/beta", StringComparison.Ordinal);
                Assert.Equal(original.Shape, variable.Shape);
                if (
                    isBias
                    && variable.Name.EndsWith("bias", StringComparison.Ordinal)
                    && cell.Variables.Any(other => other.Name.EndsWith("forget/beta", StringComparison.Ordinal)))
                {
                    Assert.All(variable.ToDoubles(), value => Assert.Equal(0, value));
                    continue;
                }

                Assert.All(original.ToDoubles().Zip(variable.ToDoubles()), pair =>
                    Assert.InRange(Math.Abs(pair.First - pair.Second), 0, isBias ? 3e-7 : 0));
                compared++;
            }
        }

        Assert.True(compared > 100, $"{compared} variables were compared, {refused} programs refused.");
    }

    [Theory]
    [InlineData("lstm", null)]
    [InlineData("gru-reset-after", "CudnnCompatibleGRUCell")]
    [InlineData("gru-reset-before", null)]
    [InlineData("simple-rnn", null)]
    [InlineData("bidirectional-last", null)]
    [InlineData("cudnn-lstm", null)]
    public void What_Keras_wrote_becomes_cells_that_compute_the_same(string name, string? cell)
    {
        foreach (var version in new[] { "2.2.4", "2.15.0", "3.15.1" })
        {
            var keras = Path.Combine(Shared.Goldens, $"keras-{version}", name, "model.h5");
            if (!File.Exists(keras))
            {
                continue;
            }

            var target = Path.Combine(folder, $"{version}.npz");
            var reverse = ReverseConversion.Of(keras, new ReverseOptions { Cell = cell });
            reverse.Write(target, overwrite: false);
            using var set = SourceCatalog.Open(target, new SourceOptions());
            var again = Path.Combine(folder, $"{version}.h5");
            using var source = RecurrentSource.Open(
                [target],
                new SourceOptions(),
                new RecognitionOptions
                {
                    Cells = [new Scoped<string>(null, reverse.Cells[0].CellName)],
                    Facts =
                    [
                        .. reverse.Cells.SelectMany(one =>
                            one.Facts.Select(fact => fact.Split(" = ")).Select(fact => new SaidFact(one.Scope, fact[0], fact[1]))),
                    ],
                });
            source.Plan().Write(again);
            using var one = LstmConvert.KerasFiles.KerasFile.Open(keras);
            using var other = LstmConvert.KerasFiles.KerasFile.Open(again);
            Assert.Equal(Verdict.Same, Verifier.Run(source, again, new VerificationOptions()).Verdict);
            Assert.Equal(reverse.Cells.Count, other.Layers.Sum(layer => layer.Scopes.Count));
        }
    }
}
