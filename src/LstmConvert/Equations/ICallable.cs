using LstmConvert.Arrays;

namespace LstmConvert.Equations;

/// <summary>What flows along an edge of a model.</summary>
/// <param name="Data"><c>(b, t, w)</c>, or <c>(b, w)</c> where there is no time axis.</param>
/// <param name="Mask">True where a step of a row is valid, <c>[b, t]</c>; null where all are.</param>
internal sealed record Value(NumericArray Data, bool[,]? Mask = null)
{
    /// <summary>True where some of what was merged has a mask, and the Kerases disagree on what the rest of the model gets: whoever
    /// computes by a mask cannot.</summary>
    public bool HasDisputedMask { get; init; }

    /// <summary>The number of valid steps of each row, for a mask whose valid steps come first; null without a mask.</summary>
    public int[]? Lengths => Mask is not { } mask ? null
        : [.. Enumerable.Range(0, mask.GetLength(0)).Select(row => Enumerable.Range(0, mask.GetLength(1)).Count(step => mask[row, step]))];

    /// <summary>True if there is a time axis.</summary>
    public bool HasTime => Data.Rank > 2;

    /// <summary>A mask of rows that are valid from the first step on.</summary>
    /// <param name="lengths">The number of valid steps of each row.</param>
    /// <param name="steps">The number of steps.</param>
    public static bool[,] MaskOf(IReadOnlyList<int> lengths, int steps)
    {
        var mask = new bool[lengths.Count, steps];
        for (var row = 0; row < lengths.Count; row++)
        {
            for (var step = 0; step < Math.Min(lengths[row], steps); step++)
            {
                mask[row, step] = true;
            }
        }

        return mask;
    }
}

/// <summary>What is called with.</summary>
/// <param name="Inputs">The inputs in order.</param>
/// <param name="InitialStates">The initial states in order, <c>(b, w)</c> each; null for zeros.</param>
/// <param name="Precision">The arithmetic.</param>
internal sealed record CallInputs(IReadOnlyList<Value> Inputs, IReadOnlyList<NumericArray>? InitialStates, Precision Precision)
{
    /// <summary>What is given by name: an attention layer's <c>value</c>.</summary>
    public IReadOnlyList<(string Name, Value Value)> Keywords { get; init; } = [];

    /// <summary>True where a loop walks every step, whatever mask there is.</summary>
    public bool IgnoresMask { get; init; }

    /// <summary>The value of a name, or null.</summary>
    /// <param name="name">The name.</param>
    public Value? Named(string name) => Keywords.FirstOrDefault(keyword => keyword.Name == name).Value;
}

/// <summary>What a call gives.</summary>
/// <param name="Output">The output; the first one where there are several.</param>
/// <param name="StatesPerStep">Each state at each step of the input; empty for a layer without states.</param>
/// <param name="FinalStates">Each state after the last valid step.</param>
internal sealed record CallResult(Value Output, IReadOnlyList<Sequence> StatesPerStep, IReadOnlyList<NumericArray> FinalStates)
{
    /// <summary>The outputs after the first: of a nested model, or of two directions that are not merged.</summary>
    public IReadOnlyList<Value> FurtherOutputs { get; init; } = [];

    /// <summary>All outputs.</summary>
    public IReadOnlyList<Value> Outputs => [Output, .. FurtherOutputs];

    /// <summary>The result of something without states.</summary>
    /// <param name="output">The output.</param>
    public static CallResult Of(Value output) => new(output, [], []);
}

/// <summary>Something that a model can call: a cell of the source in its loop, a Keras layer, a nested model.</summary>
internal interface ICallable
{
    /// <summary>What people call it: <c>LSTMCell</c>, <c>Bidirectional</c>.</summary>
    string ClassName { get; }

    /// <summary>The states' names, in order: <c>h</c>, <c>c</c>.</summary>
    IReadOnlyList<string> States { get; }

    /// <summary>The widths of the states, in order.</summary>
    IReadOnlyList<int> StateWidths { get; }

    /// <summary>The number of outputs.</summary>
    int OutputCount => 1;

    /// <summary>True if it begins where its last call ended.</summary>
    bool CarriesStates => false;

    /// <summary>The width of the output for inputs of these widths; null where that is not known.</summary>
    /// <param name="inputs">The widths of the inputs; null where one is not known.</param>
    /// <exception cref="UnsupportedModelException">It cannot take inputs of these widths.</exception>
    int? WidthFor(IReadOnlyList<int?> inputs) => null;

    /// <summary>Computes.</summary>
    /// <param name="inputs">What is called with.</param>
    /// <exception cref="UnsupportedModelException">What it stands for is not known to compute.</exception>
    CallResult Run(CallInputs inputs);
}
