namespace LstmConvert.Arrays;

/// <summary>The element type that arrays compute in.</summary>
public enum Precision
{
    /// <summary>float32: every operation rounds to 24 bits.</summary>
    Single,

    /// <summary>float64.</summary>
    Double,
}
