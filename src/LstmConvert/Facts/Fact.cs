namespace LstmConvert.Facts;

/// <summary>A fact of one layer: what it is, its value, and what says so.</summary>
/// <param name="Definition">What it is.</param>
/// <param name="Value">The value.</param>
/// <param name="Evidence">What says so.</param>
public sealed record Fact(FactDefinition Definition, FactValue Value, Evidence Evidence)
{
    /// <summary>The fact's name.</summary>
    public string Name => Definition.Name;

    /// <summary>What the program's own graph says, where something else was said and taken; else null.</summary>
    internal Fact? Overridden { get; init; }

    /// <summary>How a verdict states it as its condition.</summary>
    public string Condition => Definition.Condition(Value);

    /// <summary>As people read it: <c>forget_bias = 1 (graph: rnn/while/lstm_cell/add/y)</c>.</summary>
    public override string ToString() => $"{Name} = {Value} ({Evidence})";
}
