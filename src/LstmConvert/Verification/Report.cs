using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>What a verification says.</summary>
public enum Verdict
{
    /// <summary>Both compute the same, and the sample could have told otherwise.</summary>
    Same,

    /// <summary>They differ.</summary>
    Different,

    /// <summary>No difference was seen, and none could have been.</summary>
    Inconclusive,
}

/// <summary>One cell of both sides.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="LayerName">The Keras layer.</param>
/// <param name="Float64">Outputs and cell states compared in float64: the layout.</param>
/// <param name="Float32">The same in float32: the deployment.</param>
/// <param name="Power">How far the nearest wrong hypothesis lies away.</param>
/// <param name="LastHidden">Keras minus TensorFlow: the last h, <c>(b, u)</c>.</param>
/// <param name="Cause">What makes the difference disappear, or null.</param>
public sealed record LayerReport(RecognizedCell Cell, string LayerName, IReadOnlyList<Difference> Float64, IReadOnlyList<Difference> Float32, PowerResult Power, double[][] LastHidden, string? Cause);

/// <summary>One side compared with recorded values.</summary>
/// <param name="Side"><c>TensorFlow</c> or <c>Keras</c>.</param>
/// <param name="Key">The key of the recorded values.</param>
/// <param name="Difference">How far they lie apart.</param>
/// <param name="Limit">The limit.</param>
public sealed record ExpectationReport(string Side, string Key, Difference Difference, double Limit)
{
    /// <summary>True within the limit.</summary>
    public bool IsMet => Difference.MaxAbs <= Limit;
}

/// <summary>A verification.</summary>
/// <param name="Verdict">What it says.</param>
/// <param name="Reasons">Why, as sentences.</param>
/// <param name="Layers">Each cell.</param>
/// <param name="Expectations">Comparisons with recorded values.</param>
/// <param name="LayoutLimit">The limit in float64.</param>
/// <param name="DeploymentLimit">The limit in float32.</param>
/// <param name="LimitsAreAbsolute">True if the limits hold as they are, false if they grow with values above 1.</param>
/// <param name="SampleText">What the sample was.</param>
/// <param name="Notes">What was not compared, and why.</param>
public sealed record VerificationReport(
    Verdict Verdict,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<LayerReport> Layers,
    IReadOnlyList<ExpectationReport> Expectations,
    double LayoutLimit,
    double DeploymentLimit,
    bool LimitsAreAbsolute,
    string SampleText,
    IReadOnlyList<string> Notes);
