using LstmConvert.Facts;
using LstmConvert.Tensors;

namespace LstmConvert.Cells;

/// <summary>Finds the sizes of a cell from the shapes of its variables.</summary>
internal static class CellSizes
{
    /// <summary>Sizes that are not known: of a layer whose shapes do not fit.</summary>
    public static IReadOnlyDictionary<char, long> Unknown { get; } = "xuhplod".ToDictionary(letter => letter, _ => 0L);

    /// <summary>Solves for the letters of a cell's symbolic shapes.</summary>
    /// <param name="cell">The kind of cell.</param>
    /// <param name="variables">Its variables by role.</param>
    /// <param name="facts">Its facts; where no variable tells a size, a fact may.</param>
    public static SizeSolution Solve(Cell cell, IReadOnlyDictionary<string, TensorInfo> variables, IReadOnlyList<Fact> facts)
    {
        if (cell.SizesOf is { } own)
        {
            return own(variables, facts);
        }

        var present = cell.Variables.Where(role => role.Shape.Length > 0 && variables.ContainsKey(role.Name)).ToArray();

        // What only an optional variable could make another size, such as a projection, is the same size where the variable is not there.
        var same = cell
            .SizesByDefault.Where(one =>
                cell.Variables.Where(role => role.IsOptional && role.Shape.Contains(one.Letter, StringComparison.Ordinal)).ToArray()
                    is { Length: > 0 } makers
                && !makers.Any(present.Contains))
            .ToArray();
        var solved = SizeSolver.Solve(
            [
                .. present.Select(role => new SizedVariable(
                    variables[role.Name].Name,
                    What(cell, role.Name),
                    SymbolicShape.Parse(same.Aggregate(role.Shape, (shape, one) => shape.Replace(one.Letter, one.Equal))),
                    variables[role.Name].Shape)),
            ],
            [.. cell.SizesByDefault.Except(same)]);
        if (!solved.Fits)
        {
            return solved;
        }

        var sizes = solved.Sizes.ToDictionary();
        foreach (var one in same.Where(one => sizes.ContainsKey(one.Equal)))
        {
            sizes[one.Letter] = sizes[one.Equal];
        }

        return new SizeSolution(sizes, null);
    }

    private static string What(Cell cell, string role) =>
        $"the {role} of {(cell.Name[0] is 'A' or 'E' or 'I' or 'L' or 'N' or 'S' or 'U' ? "an" : "a")} {cell.Name}";
}
