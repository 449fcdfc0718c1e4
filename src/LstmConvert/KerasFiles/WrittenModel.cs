using System.Runtime.InteropServices;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>A model to be written: every layer with weights has them attached.</summary>
/// <param name="Model">The model.</param>
/// <param name="Provenance">What is known of the source, without the prefix: <c>version</c>, <c>source</c>.</param>
internal sealed record WrittenModel(Model Model, IReadOnlyList<(string Name, string Value)> Provenance)
{
    /// <summary>What is known of where each layer comes from, by the layer's name: <c>scope</c>, <c>cell</c>, <c>forget_bias</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<(string Name, string Value)>> LayerProvenance { get; init; } =
        new Dictionary<string, IReadOnlyList<(string, string)>>(StringComparer.Ordinal);

    /// <summary>What is known of a layer.</summary>
    /// <param name="layer">The layer's name.</param>
    public IReadOnlyList<(string Name, string Value)> Of(string layer) => LayerProvenance.TryGetValue(layer, out var known) ? known : [];

    /// <summary>A model whose layers hold their weights as arrays.</summary>
    /// <param name="model">The model.</param>
    /// <param name="dtype">float32 or float64.</param>
    public static WrittenModel Of(Model model, DType dtype) => new(InMemory(model, dtype), []);

    private static Model InMemory(Model model, DType dtype) =>
        model.With(layer =>
            layer.Callee switch
            {
                KerasUse use => use with
                {
                    Stored =
                    [
                        .. use.Weights.Zip(use.WeightDefinitions, (weight, definition) =>
                            StoredWeights.InMemory($"{layer.Name}/{definition.Name}", weight, dtype)),
                    ],
                },
                NestedModel nested => nested with { Model = InMemory(nested.Model, dtype) },
                var other => other,
            });
}

/// <summary>Passes weights on in blocks of rows, as they are written.</summary>
/// <param name="progress">Told the number of bytes so far.</param>
/// <param name="cancel">Stops between two blocks.</param>
internal sealed class WeightStream(Action<long>? progress, CancellationToken cancel)
{
    private long written;

    /// <summary>Passes a weight on: float64 as it is, everything else as float32; little-endian, C order.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="append">Takes the next bytes.</param>
    /// <exception cref="UnsupportedModelException">It holds no floating-point numbers.</exception>
    public void Copy(Tensor weight, Action<ReadOnlyMemory<byte>> append)
    {
        if (!weight.DType.IsWeight())
        {
            throw new UnsupportedModelException($"{weight.Name} holds {weight.DType.Name()}, and weights are float16, float32 or float64.");
        }

        var (shape, size) = (weight.Shape, weight.DType.Written().ItemSize());
        var rowElements = shape.RowLength;
        var blockRows = Math.Clamp(Rows.BlockBytes / Math.Max(1, rowElements * size), 1, Math.Max(1, shape.Rows));
        var bytes = checked((int)(blockRows * rowElements * size));

        // While one block is written the next is made.
        var (buffer, other) = (new byte[bytes], blockRows < shape.Rows ? new byte[bytes] : []);
        var next = shape.Rows > 0 ? Task.FromResult(Read(0, buffer)) : null;
        for (long first = 0; next is not null; first += blockRows)
        {
            var block = next.GetAwaiter().GetResult();
            var after = first + blockRows;
            (buffer, other) = (other, buffer);
            var into = buffer;
            next = after < shape.Rows ? Task.Run(() => Read(after, into)) : null;
            try
            {
                cancel.ThrowIfCancellationRequested();
                append(block);
                written += block.Length;
                progress?.Invoke(written);
            }
            catch
            {
                next?.ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None); // it reads what is closed next
                throw;
            }
        }

        ReadOnlyMemory<byte> Read(long first, byte[] into)
        {
            var count = (int)(Math.Min(blockRows, shape.Rows - first) * rowElements);
            var block = into.AsMemory(0, count * size);
            if (weight.DType == DType.Float64)
            {
                weight.Read(first * rowElements * size, block.Span);
            }
            else
            {
                weight.ReadSingles(first * rowElements, MemoryMarshal.Cast<byte, float>(block.Span));
            }

            return block;
        }
    }
}
