using System.Numerics;
using System.Runtime.InteropServices;
using CsCheck;
using LstmConvert.Conversion;
using LstmConvert.Layouts;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Layouts;

/// <summary>Layouts that only move numbers and turn signs: what they give, bit for bit, and that their inverse is the identity.</summary>
public sealed class MovingLayoutTests
{
    private const int Samples = 500;

    private static Gen<RandomLayout> Layouts => Gen.Int[0, int.MaxValue].Select(seed => new RandomLayout(seed));

    [Fact]
    public void Every_operator_gives_the_bits_that_a_table_of_elements_gives() => Layouts.Sample(
        layout =>
        {
            foreach (var fragment in layout.Fragments)
            {
                var arrangement = fragment.Derivation.Resolve(layout.Binding);
                var shape = fragment.IsVector ? new Shape(fragment.Columns) : new Shape(fragment.Rows, fragment.Columns);
                Assert.Equal(shape, arrangement.Shape);
                Assert.Equal(RandomLayout.Bytes(layout.DType, RandomLayout.Expected(fragment)), Written(layout, arrangement));
            }
        },
        iter: Samples);

    [Fact]
    public void The_inverse_gives_every_variable_back_bit_for_bit() => Layouts.Sample(
        layout =>
        {
            var (arrangements, tensors) = Write(layout);
            var inverse = Inverse.Of(arrangements, layout.Variables.ToDictionary(pair => pair.Key, pair => pair.Value.Info));
            foreach (var (role, variable) in layout.Variables)
            {
                var back = new byte[variable.Info.ByteCount];
                Array.Fill(back, (byte)0xee);
                foreach (var part in inverse.Parts.Where(part => part.Role == role).Reverse())
                {
                    var shape = part.Arrangement.Shape;
                    var start = (int)(part.View.Offset * layout.DType.ItemSize());
                    var target = back.AsSpan(start, (int)Math.Min(shape.ElementCount * layout.DType.ItemSize(), back.Length - start));
                    if (layout.DType == DType.Float64)
                    {
                        Transform.Fill(part.Arrangement, tensors, 0, (int)shape.Rows, MemoryMarshal.Cast<byte, double>(target));
                    }
                    else
                    {
                        Transform.Fill(part.Arrangement, tensors, 0, (int)shape.Rows, MemoryMarshal.Cast<byte, float>(target));
                    }
                }

                var original = new byte[back.Length];
                variable.Read(0, original);
                Assert.Equal(original, back);
            }
        },
        iter: Samples);

    [Fact]
    public void A_written_bit_that_is_another_is_found() => Gen.Select(Layouts, Gen.Int[0, int.MaxValue]).Sample(
        (layout, change) =>
        {
            var (arrangements, tensors) = Write(layout);
            var weights = arrangements.Select(pair => new LayoutWeight(pair.Key, pair.Value, tensors[pair.Key])).ToList();
            var result = LayoutCheck.Run("a file", weights, layout.Variables, CancellationToken.None);
            Assert.Equal(weights.Sum(weight => weight.Arrangement.Shape.ElementCount), result.Moved + result.Constants);
            Assert.Equal((0, 0), (result.Folded, result.Computed));

            var at = change % weights.Count;
            var bytes = new byte[weights[at].Tensor.Info.ByteCount];
            weights[at].Tensor.Read(0, bytes);
            bytes[change % bytes.Length] ^= 1;
            weights[at] = weights[at] with { Tensor = new MemoryTensor(weights[at].Tensor.Info, bytes) };
            Assert.Throws<OutputException>(() => LayoutCheck.Run("a file", weights, layout.Variables, CancellationToken.None));
        },
        iter: Samples);

    [Fact]
    public void A_number_that_no_weight_has_is_found() => Layouts.Sample(
        layout =>
        {
            var (arrangements, _) = Write(layout);
            var infos = layout.Variables.ToDictionary(pair => pair.Key, pair => pair.Value.Info);
            var without = arrangements.Where(pair => pair.Value.Terms.All(term => term.Role != "buffer")).ToDictionary();
            var error = Assert.Throws<InvalidOperationException>(() => Inverse.Of(without, infos));
            Assert.Matches(@"^The recipes take \d+ of the \d+ numbers of \w+\.$", error.Message);
        },
        iter: 200);

    private static (Dictionary<string, Arrangement> Arrangements, Dictionary<string, Tensor> Tensors) Write(RandomLayout layout)
    {
        var arrangements = new Dictionary<string, Arrangement>();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var fragment in layout.Fragments)
        {
            var (name, arrangement) = ($"{arrangements.Count}", fragment.Derivation.Resolve(layout.Binding));
            arrangements[name] = arrangement;
            tensors[name] = new MemoryTensor(new TensorInfo(name, layout.DType, arrangement.Shape), Written(layout, arrangement));
        }

        return (arrangements, tensors);
    }

    private static byte[] Written(RandomLayout layout, Arrangement arrangement) => layout.DType == DType.Float64
        ? InBlocks<double>(layout, (BlockArrangement)arrangement)
        : InBlocks<float>(layout, (BlockArrangement)arrangement);

    /// <summary>The weight in blocks of one to three rows, and with and without variables that are read at once: the same bytes.</summary>
    private static byte[] InBlocks<T>(RandomLayout layout, BlockArrangement arrangement)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var shape = arrangement.Shape;
        var result = new T[shape.ElementCount];
        using var windows = new SourceWindows<T>(layout.Variables, smallCount: (int)(shape.ElementCount % 2) * 1000);
        var step = 1 + (int)(shape.RowLength % 3);
        for (long first = 0; first < shape.Rows; first += step)
        {
            var rows = (int)Math.Min(step, shape.Rows - first);
            Transform.Fill(arrangement, windows, first, rows, result.AsSpan((int)(first * shape.RowLength), (int)(rows * shape.RowLength)));
        }

        return MemoryMarshal.AsBytes<T>(result).ToArray();
    }
}
