using LstmConvert.Arrays;

namespace LstmConvert.Verification;

/// <summary>A sequence that is kept for what will be told of it: as it is, or in float32, which takes half the memory.</summary>
internal sealed class KeptSequence
{
    private readonly Sequence? whole;
    private readonly float[] narrow = [];
    private readonly (int Batch, int Steps, IReadOnlyList<int> StepShape) shape;

    /// <summary>Keeps a sequence as it is.</summary>
    /// <param name="whole">The sequence.</param>
    public KeptSequence(Sequence whole) => this.whole = whole;

    private KeptSequence(Sequence rounded, float[] narrow) =>
        (shape, this.narrow) = ((rounded.Batch, rounded.Steps, rounded.StepShape), narrow);

    /// <summary>Nothing.</summary>
    public static KeptSequence None { get; } = new(Sequence.Zeros(0, 0, 0));

    /// <summary>The sequence; what is kept in float32 is widened each time.</summary>
    public Sequence Whole =>
        whole ?? new Sequence(shape.Batch, shape.Steps, shape.StepShape, Array.ConvertAll(narrow, value => (double)value));

    /// <summary>The same in float32.</summary>
    public KeptSequence InSingle() => new(Whole, Array.ConvertAll(Whole.Values, value => (float)value));
}
