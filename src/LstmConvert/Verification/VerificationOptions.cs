namespace LstmConvert.Verification;

/// <summary>What a verification is run on, and how strict it is.</summary>
public sealed record VerificationOptions
{
    /// <summary>The input, and with it lengths and initial states where it has them; null draws one.</summary>
    public RecordedValues? Input { get; init; }

    /// <summary>The valid length of each row of the input, where the input does not say it.</summary>
    public IReadOnlyList<int>? Lengths { get; init; }

    /// <summary>Where initial states of a given input come from, where the input does not say it; zero without.</summary>
    public RecordedValues? InitialStates { get; init; }

    /// <summary>Outputs and final states recorded elsewhere.</summary>
    public RecordedValues? Expected { get; init; }

    /// <summary>The largest difference that counts as the same, everywhere; null for the default limits, which grow with the values and
    /// with what rounding costs.</summary>
    public double? Limit { get; init; }

    /// <summary>The largest difference from recorded values; null for the default of their dtype.</summary>
    public double? ExpectationLimit { get; init; }

    /// <summary>The seed of a sample that is drawn.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Keras layers by scope.</summary>
    public IReadOnlyList<Recognition.Scoped<string>> LayerNames { get; init; } = [];

    /// <summary>Where the source's graph is cut to be compared with the whole Keras model; null for the layers that were
    /// recognised.</summary>
    public GraphCut? Cut { get; init; }

    /// <summary>Values of the graph's own inputs that are neither data, lengths nor states, by the tensor's name.</summary>
    public IReadOnlyDictionary<string, double> GraphFeeds { get; init; } = new Dictionary<string, double>();

    /// <summary>The number of time steps of a sample that is drawn.</summary>
    internal int Steps { get; init; } = Sample.Steps;

    /// <summary>False to leave the source's graph alone.</summary>
    internal bool AsksGraph { get; init; } = true;

    /// <summary>False to leave out what the sample could have told: of a difference it does not matter.</summary>
    internal bool AsksPower { get; init; } = true;

    /// <summary>The Keras GRUs' <c>reset_after</c> in place of the file's; null for the file's.</summary>
    public bool? KerasResetAfter { get; init; }
}
