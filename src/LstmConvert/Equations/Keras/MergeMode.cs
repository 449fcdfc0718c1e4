namespace LstmConvert.Equations.Keras;

/// <summary>What Bidirectional makes of its two outputs.</summary>
internal enum MergeMode
{
    /// <summary><c>merge_mode=None</c>: two outputs.</summary>
    None,

    /// <summary>Forward and backward beside each other.</summary>
    Concat,

    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The product.</summary>
    Mul,

    /// <summary>The mean.</summary>
    Ave,
}
