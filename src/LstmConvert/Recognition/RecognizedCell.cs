using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>The direction in which a cell walks the sequence.</summary>
public enum Direction
{
    /// <summary>From the first time step to the last.</summary>
    Forward,

    /// <summary>From the last valid time step to the first.</summary>
    Backward,
}

/// <summary>How the cells of one group feed each other.</summary>
public enum Wiring
{
    /// <summary>Each level feeds the next. A single cell is a chain of one.</summary>
    Chain,

    /// <summary>A forward stack and a backward stack, both reading the input; their outputs are concatenated once, at the end.</summary>
    Bidirectional,

    /// <summary>At every level a forward and a backward cell, whose concatenated outputs feed both cells of the next level.</summary>
    StackBidirectional,
}

/// <summary>One recurrent cell of TensorFlow 1, found in the variables.</summary>
public sealed record RecognizedCell
{
    /// <summary>The scope of its variables: <c>rnn/multi_rnn_cell/cell_0/lstm_cell</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>The cell's name in the catalog: <c>LSTMCell</c>.</summary>
    public required string CellName { get; init; }

    /// <summary>The variables by role (<c>kernel</c>, <c>gates/kernel</c>, <c>projection/kernel</c>), named as TensorFlow 1.15 names the leaf.</summary>
    public required IReadOnlyDictionary<string, Tensor> Variables { get; init; }

    /// <summary>The number of units, u.</summary>
    public required int Units { get; init; }

    /// <summary>The input's width, x.</summary>
    public required int InputSize { get; init; }

    /// <summary>The projection's width, p; null without projection.</summary>
    public int? Projection { get; init; }

    /// <summary>The width of its output and of its h: p with a projection, else u.</summary>
    public int OutputSize => Projection ?? Units;

    /// <summary>The direction in which it walks the sequence.</summary>
    public Direction Direction { get; init; }

    /// <summary>Its place in the stack, from 0.</summary>
    public int Level { get; init; }

    /// <summary>What is added to the forget gate's pre-activation at run time; null for a cell that has no such constant.</summary>
    public Fact<double>? ForgetBias { get; init; }

    /// <summary>The activation of candidate and output, TensorFlow's name in lower case: <c>tanh</c>, <c>relu</c>.</summary>
    public required Fact<string> Activation { get; init; }

    /// <summary>The limit to which the cell state is clipped; null where nothing speaks of clipping.</summary>
    public Fact<double>? CellClip { get; init; }

    /// <summary>The limit to which the projected output is clipped; null where nothing speaks of clipping.</summary>
    public Fact<double>? ProjectionClip { get; init; }

    /// <summary>True if rows have lengths of their own; null where nothing says it.</summary>
    public Fact<bool>? SequenceLengths { get; init; }

    /// <summary>A constant as TensorFlow's cell holds it: rounded to the dtype of its weights.</summary>
    /// <param name="value">The constant as it was written.</param>
    public double Round(double value) => Variables.Values.First().DType switch
    {
        DType.Float64 => value,
        DType.Float16 => (double)(Half)value,
        DType.BFloat16 => RoundToBFloat16((float)value),
        _ => (float)value,
    };

    private static double RoundToBFloat16(float value)
    {
        // To nearest, ties to even, as TensorFlow converts a constant.
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000);
    }

    /// <summary>True if the cell's input is added to its output (ResidualWrapper).</summary>
    public Fact<bool>? Residual { get; init; }
}

/// <summary>Cells that feed each other, and how.</summary>
/// <param name="Scope">The common scope.</param>
/// <param name="Wiring">How they feed each other.</param>
/// <param name="WiringEvidence">What says so.</param>
/// <param name="Cells">By level, within a level forward before backward.</param>
public sealed record RecognizedGroup(string Scope, Wiring Wiring, Fact<string> WiringEvidence, IReadOnlyList<RecognizedCell> Cells)
{
    /// <summary>True if a row's valid length was given to the loop; null where nothing says it.</summary>
    public Fact<bool>? SequenceLengths { get; init; }
}

/// <summary>Everything recurrent in a source, and what was left out.</summary>
/// <param name="Groups">Groups of cells; a cell that nothing feeds and that feeds nothing is a group of its own.</param>
/// <param name="LeftOut">Every variable that is not a part of a cell, with the reason.</param>
/// <param name="Warnings">Sentences that a person should read.</param>
public sealed record RecognizedModel(IReadOnlyList<RecognizedGroup> Groups, IReadOnlyList<LeftOut> LeftOut, IReadOnlyList<string> Warnings)
{
    /// <summary>All cells, group after group.</summary>
    public IEnumerable<RecognizedCell> Cells => Groups.SelectMany(group => group.Cells);
}
