using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>A term of a pattern, after its text was read: names are resolved, splits pushed down to the variables.</summary>
internal abstract record PatternTerm
{
    /// <summary>The cell's input, or a state as it was before the step.</summary>
    public sealed record Value(string Name) : PatternTerm;

    /// <summary>One of several equal parts of the cell's input, or of a state.</summary>
    public sealed record Part(string Name, int Index) : PatternTerm;

    /// <summary>Some columns of the cell's input, or of a state, that are sliced from it.</summary>
    public sealed record Columns(string Name, int Begin, int End) : PatternTerm;

    /// <summary>Zeros.</summary>
    public sealed record Nothing : PatternTerm;

    /// <summary>A variable of the source: whole, one row of it, its upper or its lower rows, or one block of its columns.</summary>
    public sealed record Variable(string Role, bool IsOptional, int? Row = null, Block? Block = null) : PatternTerm
    {
        /// <summary>True for its upper rows, false for the rows below; null for all.</summary>
        public bool? IsTop { get; init; }
    }

    /// <summary>Rows as columns.</summary>
    public sealed record Transposed(PatternTerm Inner) : PatternTerm;

    /// <summary>Every column scaled to the length 1.</summary>
    public sealed record UnitColumns(PatternTerm Inner) : PatternTerm;

    /// <summary>A number.</summary>
    public sealed record Number(double Amount) : PatternTerm;

    /// <summary>A fact that is a number.</summary>
    public sealed record NumberFact(string Name) : PatternTerm;

    /// <summary>Terms that are added; each may be subtracted.</summary>
    public sealed record Sum(IReadOnlyList<(PatternTerm Term, bool IsNegative)> Terms) : PatternTerm
    {
        /// <summary>True for a pre-activation: what else is added to it is an obstacle, not another equation.</summary>
        public bool IsLinear { get; } = Terms.Any(term => term.Term is Product or ComputedProduct);
    }

    /// <summary>Two factors, element by element.</summary>
    public sealed record Times(PatternTerm Left, PatternTerm Right) : PatternTerm;

    /// <summary>A value times a variable (a matrix).</summary>
    public sealed record Product(PatternTerm Factor, Variable Kernel) : PatternTerm
    {
        /// <summary>True for a convolution with it: steps of one, the same size.</summary>
        public bool IsConvolution { get; init; }
    }

    /// <summary>A value times a matrix that is computed from variables, or one block of its columns.</summary>
    public sealed record ComputedProduct(PatternTerm Factor, PatternTerm Kernel, Block? Block = null) : PatternTerm;

    /// <summary>Values put together along their last axis.</summary>
    public sealed record Join(IReadOnlyList<PatternTerm> Parts) : PatternTerm;

    /// <summary>An activation of a fixed name, or one that is a fact.</summary>
    public sealed record Apply(string Function, bool IsFact, PatternTerm Argument) : PatternTerm;

    /// <summary>A value between two numbers.</summary>
    public sealed record Between(PatternTerm Argument, double Low, double High) : PatternTerm;

    /// <summary>A value limited by a fact, or where that is not required not limited.</summary>
    public sealed record Clip(PatternTerm Argument, string Fact, bool IsRequired = false) : PatternTerm;

    /// <summary>A value normalised over its last axis, with variables for factor and summand, or one block of its columns.</summary>
    /// <param name="Argument">What is normalised, all columns together.</param>
    /// <param name="Scale">The factor.</param>
    /// <param name="Shift">What is added.</param>
    /// <param name="Epsilon">What is added to the variance; null for what contrib's normalisation adds.</param>
    /// <param name="Block">The columns that are meant.</param>
    public sealed record Norm(PatternTerm Argument, Variable Scale, Variable Shift, double? Epsilon, Block? Block = null) : PatternTerm
    {
        /// <summary>In how many equal parts it is normalised, each by itself.</summary>
        public int Parts { get; init; } = 1;
    }

    /// <summary>A value divided by another one.</summary>
    public sealed record Ratio(PatternTerm Dividend, PatternTerm Divisor) : PatternTerm;

    /// <summary>What is left of a value divided by another one, with the divisor's sign.</summary>
    public sealed record Remainder(PatternTerm Dividend, PatternTerm Divisor) : PatternTerm;

    /// <summary>One of two values, element by element: the first one where <paramref name="Left"/> is less.</summary>
    public sealed record WhereLess(PatternTerm Left, PatternTerm Right, PatternTerm Then, PatternTerm Else) : PatternTerm;

    /// <summary>A value attended to in as many equal parts as a fact says.</summary>
    public sealed record Attended(PatternTerm Whole, PatternTerm Query, Variable Memory, Variable Scores, string Fact) : PatternTerm;

    /// <summary>A value of as many equal parts as a fact says without the first one, and another one behind the last.</summary>
    public sealed record Moved(PatternTerm Whole, PatternTerm Last, string Fact) : PatternTerm;

    /// <summary>A value with a name, which may be read several times.</summary>
    public sealed record Named(string Key, PatternTerm Inner) : PatternTerm;

    /// <summary>One output of an operation.</summary>
    public sealed record Operation(OperationTerm Whole, int Output) : PatternTerm;
}

/// <summary>One block of the columns that a split cuts.</summary>
/// <param name="Split">The split's number within the pattern.</param>
/// <param name="Name">The name that the block is given.</param>
/// <param name="Index">Its place in the pattern's own order.</param>
/// <param name="Names">The names of all blocks.</param>
/// <param name="IsFree">True if they may stand in any order.</param>
internal sealed record Block(int Split, string Name, int Index, IReadOnlyList<string> Names, bool IsFree);

/// <summary>An operation of TensorFlow that is a cell.</summary>
/// <param name="Names">Its names in several releases.</param>
/// <param name="Arguments">Its inputs by position; null for one that does not matter.</param>
/// <param name="Attributes">What is read of its attributes.</param>
/// <param name="Keys">The names under which its outputs are kept.</param>
internal sealed record OperationTerm(
    IReadOnlyList<string> Names,
    IReadOnlyList<OperationArgument?> Arguments,
    IReadOnlyList<OperationAttribute> Attributes,
    IReadOnlyList<string> Keys);

/// <summary>An input of an operation, used only if an attribute is true.</summary>
internal sealed record OperationArgument(PatternTerm Term, string? Condition);

/// <summary>An attribute: a fact with its default, or a value that it must have.</summary>
/// <param name="Name">Its name, and the fact's.</param>
/// <param name="Required">The value that it must have, or null.</param>
/// <param name="Default">Its value where the graph does not write it.</param>
/// <param name="NoneUpTo">Values up to this one stand for none.</param>
internal sealed record OperationAttribute(string Name, string? Required, string Default, double? NoneUpTo);
