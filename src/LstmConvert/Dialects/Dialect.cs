namespace LstmConvert.Dialects;

/// <summary>What a dialect reads from a variable's name.</summary>
/// <param name="Path">The name with the ends that TensorFlow 1.15 gives: scope, then role (<c>rnn/gru_cell/gates/kernel</c>).</param>
/// <param name="Part">The number of the part, for one of several that are one variable; null for a whole one.</param>
/// <param name="Leaf">The end as it was written: <c>weights</c>, <c>W_0</c>; it tells the release.</param>
internal sealed record VariableReading(string Path, int? Part, string Leaf);

/// <summary>Where a cell stands, as its scope says it.</summary>
/// <param name="Family">What is left of the scope without level and direction: cells of one family belong together.</param>
/// <param name="Level">The number of its level, 0 without.</param>
/// <param name="HasLevel">True if there is one.</param>
/// <param name="IsBackward">True below a bidirectional scope's backward half, false below its forward half; null outside.</param>
/// <param name="IsStackOfPairs">True if the level stands above the direction.</param>
/// <param name="IsNamedByFramework">True if the names that say it are the framework's own, not the user's.</param>
internal sealed record Place(string Family, int Level, bool HasLevel, bool? IsBackward, bool IsStackOfPairs, bool IsNamedByFramework);

/// <summary>One naming convention: variables to cells, and where cells stand. It renames and moves no number.</summary>
/// <param name="Name">Its name, as <c>--dialect</c> takes it: <c>tensorflow1</c>.</param>
/// <param name="Title">What it is, as a phrase: <c>names of TensorFlow 1</c>.</param>
/// <param name="Source">Where it is defined.</param>
internal sealed record Dialect(string Name, string Title, string Source)
{
    /// <summary>Reads a variable's name; null if its end is none of this convention.</summary>
    public required Func<string, VariableReading?> Read { get; init; }

    /// <summary>Where a cell of this scope stands; null if the scope does not say it.</summary>
    public Func<string, Place?> PlaceOf { get; init; } = _ => null;

    /// <summary>True if a name can only be of this convention.</summary>
    public Func<string, bool> IsUnmistakable { get; init; } = _ => false;

    /// <summary>The names that variables have in their program, by those in the file, where all of them together tell more than each alone;
    /// with their shapes.</summary>
    public Func<IReadOnlyList<Tensors.TensorInfo>, IReadOnlyDictionary<string, string>> Names { get; init; } =
        _ => new Dictionary<string, string>();

    /// <summary>True if <see cref="Names"/> is asked only where the user names this convention: shapes alone speak for it.</summary>
    public bool NamesNeedWord { get; init; }

    /// <summary>True if its names are other conventions' too: it is taken only where the user names it.</summary>
    public bool IsNamedOnly { get; init; }

    /// <summary>
    /// What speaks for this convention where nothing else is known, as a clause: the number, the order and the shapes of all variables;
    /// null if nothing does. It converts only where the user names it.
    /// </summary>
    public Func<IReadOnlyList<Tensors.TensorInfo>, string?> Guess { get; init; } = _ => null;

    /// <summary>What to do about a guess where naming the convention is not enough, as a sentence; null where it is.</summary>
    public string? InsteadOfName { get; init; }

    /// <summary>The files in which its library keeps variables, and what writes them, as a phrase; empty for those of TensorFlow.</summary>
    public string Files { get; init; } = "";

    /// <summary>Why its variables are not converted, as a phrase; null where they are.</summary>
    public string? Refusal { get; init; }
}
