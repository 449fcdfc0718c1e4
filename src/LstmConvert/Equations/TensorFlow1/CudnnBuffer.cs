using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// A whole CudnnRNN operation on its opaque buffer: all layers and directions, each layer fed by both directions of the one before.
/// States: h, and c of an LSTM, <c>(b, u)</c> each, of l0 fw, then of l0 bw, l1 fw … (TensorFlow's operation has them stacked, all h
/// first).
/// <code>
/// for each layer and direction:  all W (u, width) in C order, then all R (u, u)        width: x, then directions * u
/// then for each of them:         all bW (u,), then all bR (u,)
/// </code>
/// (tensorflow v1.15.5 python/keras/layers/recurrent_v2.py:1003-1031 for one layer; jax/experimental/rnn.py for several.)
/// </summary>
/// <param name="mode">What it computes.</param>
/// <param name="buffer">One axis.</param>
/// <param name="layers">The number of layers.</param>
/// <param name="units">u.</param>
/// <param name="inputSize">x.</param>
/// <param name="isBidirectional">True has two directions.</param>
internal sealed class CudnnBuffer(CudnnMode mode, NumericArray buffer, int layers, int units, int inputSize, bool isBidirectional)
    : ISequenceEquations
{
    private readonly int directions = isBidirectional ? 2 : 1;

    /// <inheritdoc />
    public int OutputWidth => directions * units;

    private int Gates => GatesOf(mode);

    /// <summary>The number of elements of a buffer.</summary>
    /// <param name="mode">What it computes.</param>
    /// <param name="layers">The number of layers.</param>
    /// <param name="units">u.</param>
    /// <param name="inputSize">x.</param>
    /// <param name="isBidirectional">True has two directions.</param>
    public static long Length(CudnnMode mode, int layers, int units, int inputSize, bool isBidirectional)
    {
        var (gates, directions) = ((long)GatesOf(mode), isBidirectional ? 2 : 1);
        long Layer(long width) => checked(directions * gates * units * (width + units + 2));
        return checked(Layer(inputSize) + ((layers - 1) * Layer((long)directions * units)));
    }

    /// <summary>The cell of one layer and direction.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="direction">0 forward, 1 backward.</param>
    public IStepEquations Cell(int layer, int direction)
    {
        var wanted = (layer * directions) + direction;
        var (at, pieces) = (0, (Input: (NumericArray[])[], Recurrent: (NumericArray[])[]));
        for (var k = 0; k < layers * directions; k++)
        {
            var width = Width(k / directions);
            pieces = k == wanted ? (Take(at, width), Take(at + (Gates * units * width), units)) : pieces;
            at += Gates * units * (width + units);
        }

        at += wanted * 2 * Gates * units;
        var biases = new CudnnPieces(pieces.Input, pieces.Recurrent, Take(at, null), Take(at + (Gates * units), null));
        return mode switch
        {
            CudnnMode.Lstm => new CudnnLstm(biases),
            CudnnMode.Gru => new CudnnGru(biases),
            CudnnMode.RnnTanh => new CudnnRnn(biases, Activations.Tanh),
            _ => new CudnnRnn(biases, Activations.Relu),
        };
    }

    /// <inheritdoc />
    public LoopResult Run(Sequence x, int[] lengths, IReadOnlyList<NumericArray> initial)
    {
        var perCell = new List<LoopResult>();
        var (input, count) = (x, initial.Count / (layers * directions));
        for (var layer = 0; layer < layers; layer++)
        {
            LoopResult[] runs =
            [
                .. Enumerable
                    .Range(0, directions)
                    .Select(direction =>
                        Loop.Run(
                            Cell(layer, direction),
                            input,
                            lengths,
                            [.. initial.Skip(((layer * directions) + direction) * count).Take(count)],
                            isBackward: direction == 1)),
            ];
            perCell.AddRange(runs);
            input = isBidirectional ? runs[0].Output.Beside(runs[1].Output) : runs[0].Output;
        }

        return new LoopResult(input, [.. perCell.SelectMany(run => run.StatesPerStep)], [.. perCell.SelectMany(run => run.FinalStates)]);
    }

    private static int GatesOf(CudnnMode mode) => mode switch
    {
        CudnnMode.Lstm => 4,
        CudnnMode.Gru => 3,
        _ => 1,
    };

    private int Width(int layer) => layer == 0 ? inputSize : directions * units;

    /// <summary>The matrices <c>(u, width)</c>, or with no width the vectors <c>(u,)</c>, of all gates from a place on.</summary>
    private NumericArray[] Take(int at, int? width) =>
    [
        .. Enumerable.Range(0, Gates).Select(gate => width is { } columns
            ? buffer.Columns(at + (gate * units * columns), units * columns).Reshape(units, columns)
            : buffer.Columns(at + (gate * units), units)),
    ];
}
