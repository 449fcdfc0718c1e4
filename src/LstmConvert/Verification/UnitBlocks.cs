using LstmConvert.Arrays;

namespace LstmConvert.Verification;

/// <summary>The columns that some units have in the blocks of weights.</summary>
internal sealed class UnitBlocks
{
    private readonly int[]? units;

    /// <summary>Takes the columns of some units.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="units">The units; null for all, which copies nothing.</param>
    public UnitBlocks(ConventionWeights weights, int[]? units = null)
    {
        this.units = units is null || units.Length == weights.Biases[0].Count ? null : units;
        Inputs = [.. weights.Inputs.Select(Of)];
        States = [.. weights.States.Select(Of)];
        Biases = [.. weights.Biases.Select(Of)];
        StateBiases = weights.StateBiases is { } second ? [.. second.Select(Of)] : null;
    }

    /// <summary>The blocks that the input is multiplied with, <c>(x, s)</c> each.</summary>
    public IReadOnlyList<NumericArray> Inputs { get; }

    /// <summary>The blocks that the state is multiplied with, <c>(u, s)</c> each.</summary>
    public IReadOnlyList<NumericArray> States { get; }

    /// <summary>The blocks of the bias, <c>(1, s)</c> each.</summary>
    public IReadOnlyList<NumericArray> Biases { get; }

    /// <summary>The second biases; null for none.</summary>
    public IReadOnlyList<NumericArray>? StateBiases { get; }

    /// <summary>The units' part of the last axis.</summary>
    /// <param name="array">An array of at most two axes whose last one is that of all units.</param>
    public NumericArray Of(NumericArray array)
    {
        if (units is null)
        {
            return array;
        }

        var (values, width) = (array.AsDoubles(), array.Width);
        var chosen = new double[array.Count / width * units.Length];
        for (var k = 0; k < chosen.Length; k++)
        {
            chosen[k] = values[(k / units.Length * width) + units[k % units.Length]];
        }

        return NumericArray.Of(chosen, array.Rank == 1 ? [units.Length] : [array.RowCount, units.Length]);
    }
}
