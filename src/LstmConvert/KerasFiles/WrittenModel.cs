using System.Collections.Concurrent;
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
        if (shape.Rows == 0)
        {
            return;
        }

        if (shape.Rows <= blockRows)
        {
            Append(Read(0, new byte[bytes]));
            return;
        }

        // While blocks are written the next ones are made: two wait, one is written, one is made.
        byte[][] buffers = [new byte[bytes], new byte[bytes], new byte[bytes], new byte[bytes]];
        using var made = new BlockingCollection<ReadOnlyMemory<byte>>(buffers.Length - 2);
        using var stop = new CancellationTokenSource();
        var making = Task.Run(() =>
        {
            try
            {
                for (var (first, k) = (0L, 0); first < shape.Rows; (first, k) = (first + blockRows, k + 1))
                {
                    made.Add(Read(first, buffers[k % buffers.Length]), stop.Token);
                }
            }
            finally
            {
                made.CompleteAdding();
            }
        });
        try
        {
            foreach (var block in made.GetConsumingEnumerable())
            {
                Append(block);
            }
        }
        finally
        {
            stop.Cancel();
            making.ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None); // it reads what is closed next
        }

        making.GetAwaiter().GetResult();

        void Append(ReadOnlyMemory<byte> block)
        {
            cancel.ThrowIfCancellationRequested();
            append(block);
            written += block.Length;
            progress?.Invoke(written);
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
