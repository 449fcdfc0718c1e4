using LstmConvert.Equations;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;

namespace LstmConvert.Conversion;

/// <summary>How the result is to look.</summary>
public sealed record ConversionOptions
{
    /// <summary>Names of layers by scope.</summary>
    public IReadOnlyList<Scoped<string>> LayerNames { get; init; } = [];

    /// <summary>True writes both directions as one Keras Bidirectional where the sizes are equal, false as two layers.</summary>
    public bool MergeBidirectional { get; init; } = true;

    /// <summary>True takes along what the program computes before and behind its recurrent layers, where a graph shows it.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The format that is to be written; null for one of Keras. It decides what an activation's name means.</summary>
    public KerasTarget? Target { get; init; }

    /// <summary>True if the recurrent layers alone are asked for, in so many words: a strict conversion then takes them out of a program
    /// that feeds them their own outputs.</summary>
    public bool IsOnlyRecurrent { get; init; }

    /// <summary>What the Keras that is written for means by the activation that changed from Keras 2 to Keras 3.</summary>
    internal Activation HardSigmoid => (Target ?? KerasTarget.Default).HardSigmoid;
}
