namespace LstmConvert.Equations;

/// <summary>A sequence whose steps are samples of their own, as a layer that is called with each step has them.</summary>
internal static class Steps
{
    /// <summary>The steps of all rows, one after another: <c>(b, t, …) -> (b * t, …)</c>.</summary>
    /// <param name="sequence">The sequence.</param>
    public static Value AsRows(Value sequence)
    {
        var x = sequence.Data;
        return new Value(x.Reshape([x.Dimensions[0] * x.Dimensions[1], .. x.Dimensions.Skip(2)]));
    }

    /// <summary>The way back, with the sequence's mask.</summary>
    /// <param name="rows"><c>(b * t, …)</c>.</param>
    /// <param name="sequence">The sequence.</param>
    public static Value FromRows(Value rows, Value sequence) =>
        new(
            rows.Data.Reshape([sequence.Data.Dimensions[0], sequence.Data.Dimensions[1], .. rows.Data.Dimensions.Skip(1)]),
            sequence.Mask);
}
