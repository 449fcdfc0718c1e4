using LstmConvert.Layouts;
using LstmConvert.Tensors;

namespace LstmConvert.Cells;

/// <summary>The sizes of a cell.</summary>
/// <param name="Units">u.</param>
/// <param name="InputSize">x.</param>
/// <param name="Projection">p, or null.</param>
public sealed record CellSizes(int Units, int InputSize, int? Projection = null);

/// <summary>What solving the shapes gave: sizes, or a sentence that says why they do not fit.</summary>
/// <param name="Sizes">The sizes, if they fit.</param>
/// <param name="Problem">Why they do not: which variable, which shape, which shape was expected.</param>
public sealed record Solution(CellSizes? Sizes, string? Problem)
{
    /// <summary>Shapes that fit.</summary>
    /// <param name="units">u.</param>
    /// <param name="inputSize">x.</param>
    /// <param name="projection">p, or null.</param>
    public static Solution Of(long units, long inputSize, long? projection = null) =>
        units is < 1 or > int.MaxValue || inputSize is < 1 or > int.MaxValue
            ? Not($"the shapes give {units} units and input size {inputSize}, and both must be at least 1")
            : new(new CellSizes((int)units, (int)inputSize, (int?)projection), null);

    /// <summary>Shapes that do not fit.</summary>
    /// <param name="problem">Why.</param>
    public static Solution Not(string problem) => new(null, problem);
}

/// <summary>One kind of recurrent cell: its variables, its defaults, and how Keras holds it. A new cell is a file with one of these.</summary>
public sealed record CellDefinition
{
    /// <summary>TensorFlow's class name, which is also what <c>--cell</c> takes: <c>LSTMCell</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Other classes with the same variables and equations.</summary>
    public IReadOnlyList<string> AlsoKnownAs { get; init; } = [];

    /// <summary>Scope components that TensorFlow gives to cells of this kind (without a trailing <c>_1</c>).</summary>
    public required IReadOnlyList<string> ScopeNames { get; init; }

    /// <summary>The roles that must be there.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The roles that may be there.</summary>
    public IReadOnlyList<string> OptionalRoles { get; init; } = [];

    /// <summary>Finds units and input size, or says what does not fit.</summary>
    public required Func<IReadOnlyDictionary<string, TensorInfo>, Solution> Solve { get; init; }

    /// <summary>The number added to the forget gate at run time where nothing else says it; null for a cell without.</summary>
    public double? DefaultForgetBias { get; init; }

    /// <summary>The activation where nothing else says it.</summary>
    public string DefaultActivation { get; init; } = "tanh";

    /// <summary>True for layers of TensorFlow 2: a recurrent kernel of their own, and the forget bias inside the stored bias.</summary>
    public bool HasOwnRecurrentKernel { get; init; }

    /// <summary>True if nothing in the variables tells this cell: it is taken only where a graph or <c>--cell</c> says so.</summary>
    public bool IsNamedOnly { get; init; }

    /// <summary>True if the weights alone do not tell this cell from a dense layer: then its scope must speak for it.</summary>
    public bool LooksLikeDense { get; init; }

    /// <summary>Scope components under which the dialect fixes the forget bias: cuDNN's cells have none.</summary>
    public IReadOnlyDictionary<string, double> DialectForgetBias { get; init; } = new Dictionary<string, double>();

    /// <summary>Why Keras cannot hold a cell with these roles, or null if it can.</summary>
    public Func<IReadOnlyDictionary<string, TensorInfo>, string?> Obstacle { get; init; } = _ => null;

    /// <summary>The Keras layers, and how their weights are made.</summary>
    public Func<CellSizes, IReadOnlyList<Recipe>> Recipes { get; init; } = _ => [];

    /// <summary>True if the cell is only known by name, and always refused.</summary>
    public bool IsRefused => Refusal is not null;

    /// <summary>Why this cell is not converted, as a phrase; null for cells that are.</summary>
    public string? Refusal { get; init; }
}
