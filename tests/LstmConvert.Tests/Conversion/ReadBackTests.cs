using System.Runtime.InteropServices;
using LstmConvert.Conversion;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Conversion;

/// <summary>A written file is held against the variables it was made from: as it was written it passes, with one other number it does
/// not.</summary>
public sealed class ReadBackTests
{
    private const int Units = 5;
    private const int InputSize = 3;
    private const int Projection = 2;

    [Fact]
    public void A_file_with_one_other_number_in_any_weight_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var path = Path.Combine(folder, "lstm.h5");
            using var source = RecurrentSource.Of(Variables(), null, new RecognitionOptions());
            var plan = source.Plan();
            plan.Write(path);

            // The bias is 4 gates of which one has the forget bias; the recurrent kernel is a product; the rest moves.
            var moved = (InputSize * 4 * Units) + (3 * Units) + (Units * Projection);
            Assert.Equal(
                new ReadBackResult(moved, Units, 4 * Units * Units, 0),
                ReadBack.Check(plan, path, KerasTarget.Default, CancellationToken.None));

            var whole = File.ReadAllBytes(path);
            foreach (var weight in Weights(path))
            {
                var start = whole.AsSpan().IndexOf(weight);
                Assert.True(start > 0);
                for (var at = 0; at < weight.Length; at += sizeof(float))
                {
                    var changed = whole.ToArray();
                    MemoryMarshal.Cast<byte, float>(changed.AsSpan(start + at, sizeof(float)))[0] += 1e-3f;
                    File.WriteAllBytes(path, changed);
                    var error = Assert.Throws<OutputException>(() =>
                        ReadBack.Check(plan, path, KerasTarget.Default, CancellationToken.None));
                    Assert.StartsWith("The check after writing failed: ", error.Message, StringComparison.Ordinal);
                }

                File.WriteAllBytes(path, whole);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A large variable is checked in parts, on several threads: a number of the last part is seen too, and of two the first is
    /// told, whichever thread was faster.</summary>
    [Fact]
    public void Of_a_large_weight_every_part_is_checked_and_the_first_mistake_told()
    {
        const int inputs = 1500;
        const int units = 200; // a kernel of 5 MB
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var (path, random) = (Path.Combine(folder, "lstm.h5"), new Random(3));
            using var source = RecurrentSource.Of(
                new TensorSet("memory", "arrays", [
                    Variable("rnn/lstm_cell/kernel", new Shape(inputs + units, 4 * units), random),
                    Variable("rnn/lstm_cell/bias", new Shape(4 * units), random)]),
                null,
                new RecognitionOptions());
            var plan = source.Plan();
            plan.Write(path);
            Assert.Equal(
                new ReadBackResult(((inputs + units) * 4 * units) + (3 * units), units, 0, 0),
                ReadBack.Check(plan, path, KerasTarget.Default, CancellationToken.None));

            var start = File.ReadAllBytes(path).AsSpan().IndexOf(Weights(path)[0]);
            foreach (var row in new[] { inputs - 1, inputs / 2, 0 })
            {
                using (var file = File.OpenWrite(path))
                {
                    file.Position = start + ((long)row * 4 * units * sizeof(float));
                    file.Write(BitConverter.GetBytes(2f));
                }

                var error = Assert.Throws<OutputException>(() => ReadBack.Check(plan, path, KerasTarget.Default, CancellationToken.None));
                Assert.Contains($"row {row}, column 0 of rnn/lstm_cell/kernel ", error.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TensorSet Variables()
    {
        var random = new Random(7);
        return new TensorSet("memory", "arrays", [
            Variable("rnn/lstm_cell/kernel", new Shape(InputSize + Projection, 4 * Units), random),
            Variable("rnn/lstm_cell/bias", new Shape(4 * Units), random),
            Variable("rnn/lstm_cell/projection/kernel", new Shape(Units, Projection), random)]);
    }

    private static MemoryTensor Variable(string name, Shape shape, Random random)
    {
        var values = Enumerable.Range(0, (int)shape.ElementCount).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        return new MemoryTensor(new TensorInfo(name, DType.Float32, shape), MemoryMarshal.AsBytes<float>(values).ToArray());
    }

    /// <summary>The bytes of every weight of a file.</summary>
    private static List<byte[]> Weights(string path)
    {
        using var file = KerasWeightsFile.Open(path);
        return [.. file.Layers.SelectMany(layer => layer.Weights).Select(weight =>
        {
            var bytes = new byte[weight.Info.ByteCount];
            weight.Read(0, bytes);
            return bytes;
        })];
    }
}
