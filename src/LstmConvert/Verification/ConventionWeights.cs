using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>Weights of unknown convention, in blocks of u columns each: one block without gates, three with two gates, four with
/// three.</summary>
/// <param name="Layout">How the variables were read: <c>kernel (x, h; 4u)</c>.</param>
/// <param name="Inputs">The blocks that the input is multiplied with, <c>(x, u)</c> each, as they lie.</param>
/// <param name="States">The blocks that the state is multiplied with, <c>(u, u)</c> each.</param>
/// <param name="Biases">The blocks of the bias, <c>(u,)</c> each; of two biases the sum.</param>
internal sealed record ConventionWeights(
    string Layout,
    IReadOnlyList<NumericArray> Inputs,
    IReadOnlyList<NumericArray> States,
    IReadOnlyList<NumericArray> Biases)
{
    private static readonly bool[] Either = [false, true];

    /// <summary>The second biases, where there are two; null for none.</summary>
    public IReadOnlyList<NumericArray>? StateBiases { get; init; }

    /// <summary>The vectors that look at the cell state, of the gates i f o, <c>(u,)</c> each; null where none do.</summary>
    public IReadOnlyList<(string Name, NumericArray Array)>? Peepholes { get; init; }

    /// <summary>True if the last block lies in variables of its own: a candidate apart from its gates.</summary>
    public bool IsCandidateApart { get; init; }

    /// <summary>True if the candidate's product with the input and that with the state have variables of their own.</summary>
    public bool IsHalved { get; init; }

    /// <summary>True if input and state are multiplied with the rows of one variable.</summary>
    public bool IsJoint { get; init; }

    /// <summary>True if the variables are read transposed, or the state's rows before the input's.</summary>
    public bool IsUnusual { get; init; }

    /// <summary>The variables by the place that they were given.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    /// <summary>Every way in which variables can be the weights of a cell with these widths.</summary>
    /// <param name="tensors">The variables of one scope.</param>
    /// <param name="inputSize">x.</param>
    /// <param name="units">u.</param>
    public static IEnumerable<ConventionWeights> Of(IReadOnlyList<Tensor> tensors, int inputSize, int units)
    {
        var (most, widest) = (Math.Max(inputSize + units, 4 * units), 8 * units);
        var matrices = tensors
            .Where(tensor =>
                tensor.DType.IsWeight()
                && tensor.Shape.Rank == 2
                && tensor.Shape.ElementCount > 0
                && tensor.Shape[0] <= most
                && tensor.Shape[1] <= most)
            .Select(tensor => (tensor.Name, Array: Read(tensor)))
            .ToArray();
        var vectors = tensors
            .Where(tensor =>
                tensor.DType.IsWeight()
                && tensor.Shape.ElementCount <= widest
                && (tensor.Shape.Rank == 1 || (tensor.Shape.Rank == 2 && tensor.Shape[0] == 2)))
            .Select(tensor => (tensor.Name, Array: Read(tensor)))
            .ToArray();
        foreach (var blocks in new[] { 4, 3, 1 })
        {
            foreach (
                var weights in Joint(matrices, vectors, inputSize, units, blocks)
                    .Concat(Separate(matrices, vectors, inputSize, units, blocks)))
            {
                yield return weights;
                foreach (var looking in blocks == 4 ? Looking(weights, vectors, units) : [])
                {
                    yield return looking;
                }
            }
        }

        foreach (var weights in Apart(matrices, vectors, inputSize, units).Concat(Halved(matrices, vectors, inputSize, units)))
        {
            yield return weights;
        }
    }

    /// <summary>The same weights with three of the vectors of u numbers as peepholes, in every order.</summary>
    private static IEnumerable<ConventionWeights> Looking(
        ConventionWeights weights,
        (string Name, NumericArray Array)[] vectors,
        int units)
    {
        var free = vectors.Where(one => one.Array.Count == units && !weights.Variables.Contains(one.Name)).ToArray();
        return free.Length != 3
            ? []
            :
            from i in free
            from f in free
            from o in free
            where i.Name != f.Name && f.Name != o.Name && i.Name != o.Name
            select weights with
            {
                Peepholes = [i, f, o],
                Variables = [.. weights.Variables, i.Name, f.Name, o.Name],
            };
    }

    /// <summary>One matrix <c>(x+u, n u)</c>, or its transpose; rows of the input first, or those of the state.</summary>
    private static IEnumerable<ConventionWeights> Joint(
        (string Name, NumericArray Array)[] matrices,
        (string Name, NumericArray Array)[] vectors,
        int inputSize,
        int units,
        int blocks)
    {
        foreach (var (name, matrix, isTransposed) in Turned(matrices, inputSize + units, blocks * units))
        {
            foreach (var bias in BiasesOf(vectors, units, blocks))
            {
                foreach (var stateFirst in Either)
                {
                    var (x, h) = stateFirst
                        ? (matrix.Rows(units, inputSize), matrix.Rows(0, units))
                        : (matrix.Rows(0, inputSize), matrix.Rows(inputSize, units));
                    yield return new ConventionWeights(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{name} ({(stateFirst ? "h, x" : "x, h")}; {blocks}u){(isTransposed ? " transposed" : "")}"),
                        Blocks(x, units),
                        Blocks(h, units),
                        bias.First)
                    {
                        StateBiases = bias.Second,
                        IsJoint = true,
                        IsUnusual = isTransposed || stateFirst,
                        Variables = [name, .. bias.Names],
                    };
                }
            }
        }
    }

    /// <summary>Two matrices <c>(x, n u)</c> and <c>(u, n u)</c>, or their transposes.</summary>
    private static IEnumerable<ConventionWeights> Separate(
        (string Name, NumericArray Array)[] matrices,
        (string Name, NumericArray Array)[] vectors,
        int inputSize,
        int units,
        int blocks) =>
        from x in Turned(matrices, inputSize, blocks * units)
        from h in Turned(matrices, units, blocks * units)
        where x.Name != h.Name && x.IsTransposed == h.IsTransposed
        from bias in BiasesOf(vectors, units, blocks)
        select new ConventionWeights(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{x.Name} (x; {blocks}u), {h.Name} (h; {blocks}u){(x.IsTransposed ? " transposed" : "")}"),
            Blocks(x.Array, units),
            Blocks(h.Array, units),
            bias.First)
        {
            StateBiases = bias.Second,
            IsUnusual = x.IsTransposed,
            Variables = [x.Name, h.Name, .. bias.Names],
        };

    /// <summary>Two gates and the candidate in matrices of their own: <c>(x+u, 2u)</c> and <c>(x+u, u)</c>.</summary>
    private static IEnumerable<ConventionWeights> Apart(
        (string Name, NumericArray Array)[] matrices,
        (string Name, NumericArray Array)[] vectors,
        int inputSize,
        int units) =>
        from gates in Turned(matrices, inputSize + units, 2 * units)
        from candidate in Turned(matrices, inputSize + units, units)
        where gates.Name != candidate.Name && gates.IsTransposed == candidate.IsTransposed
        from gateBias in BiasesOf(vectors, units, 2)
        from candidateBias in BiasesOf(vectors, units, 1)
        from stateFirst in Either
        let at = stateFirst ? (X: units, H: 0) : (X: 0, H: inputSize)
        select new ConventionWeights(
            $"{gates.Name} ({(stateFirst ? "h, x" : "x, h")}; 2u), {candidate.Name} (u){(gates.IsTransposed ? " transposed" : "")}",
            [.. Blocks(gates.Array.Rows(at.X, inputSize), units), candidate.Array.Rows(at.X, inputSize)],
            [.. Blocks(gates.Array.Rows(at.H, units), units), candidate.Array.Rows(at.H, units)],
            [.. gateBias.First, .. candidateBias.First])
        {
            IsCandidateApart = true,
            IsJoint = true,
            IsUnusual = gates.IsTransposed || stateFirst,
            Variables = [gates.Name, candidate.Name, .. gateBias.Names, .. candidateBias.Names],
        };

    /// <summary>Two gates in one matrix <c>(x+u, 2u)</c>, the candidate in two: <c>(x, u)</c> and <c>(u, u)</c>, each with its
    /// bias.</summary>
    private static IEnumerable<ConventionWeights> Halved(
        (string Name, NumericArray Array)[] matrices,
        (string Name, NumericArray Array)[] vectors,
        int inputSize,
        int units) =>
        from gates in Turned(matrices, inputSize + units, 2 * units)
        from x in Turned(matrices, inputSize, units)
        from h in Turned(matrices, units, units)
        where x.Name != h.Name && gates.IsTransposed == x.IsTransposed && x.IsTransposed == h.IsTransposed
        from gateBias in BiasesOf(vectors, units, 2)
        from candidateBias in BiasesOf(vectors, units, 1)
        select new ConventionWeights(
            $"{gates.Name} (x, h; 2u), {x.Name} (x; u), {h.Name} (h; u){(gates.IsTransposed ? " transposed" : "")}",
            [.. Blocks(gates.Array.Rows(0, inputSize), units), x.Array],
            [.. Blocks(gates.Array.Rows(inputSize, units), units), h.Array],
            [.. gateBias.First, .. candidateBias.First])
        {
            StateBiases = candidateBias.Second is { } second ? [gateBias.First[0] * 0, gateBias.First[1] * 0, .. second] : null,
            IsCandidateApart = true,
            IsJoint = true,
            IsHalved = true,
            IsUnusual = gates.IsTransposed,
            Variables = [gates.Name, x.Name, h.Name, .. gateBias.Names, .. candidateBias.Names],
        };

    private static IEnumerable<(string Name, NumericArray Array, bool IsTransposed)> Turned(
        (string Name, NumericArray Array)[] matrices,
        int rows,
        int columns) =>
        matrices
            .Where(one => one.Array.RowCount == rows && one.Array.Width == columns)
            .Select(one => (one.Name, one.Array, false))
            .Concat(
                matrices
                    .Where(one => one.Array.RowCount == columns && one.Array.Width == rows && (rows != columns || rows > 0))
                    .Select(one => (one.Name, one.Array.Transpose(), true)));

    /// <summary>No bias where no vector fits; else one vector of n u, or two of them, or one of twice the length.</summary>
    private static IEnumerable<(
        IReadOnlyList<NumericArray> First,
        IReadOnlyList<NumericArray>? Second,
        IReadOnlyList<string> Names)> BiasesOf((string Name, NumericArray Array)[] vectors, int units, int blocks)
    {
        var fitting = vectors.Where(one => one.Array.Count == blocks * units && one.Array.Rank == 1).ToArray();
        var doubled = vectors.Where(one => one.Array.Count == 2 * blocks * units).ToArray();
        foreach (var one in fitting)
        {
            yield return (Blocks(one.Array.Reshape(1, one.Array.Count), units), null, [one.Name]);
        }

        foreach (
            var (first, second) in fitting.SelectMany(first =>
                fitting.Where(second => second.Name != first.Name).Select(second => (first, second))))
        {
            yield return (
                Blocks(first.Array.Reshape(1, first.Array.Count), units),
                Blocks(second.Array.Reshape(1, second.Array.Count), units),
                [first.Name, second.Name]);
        }

        foreach (var both in doubled)
        {
            var rows = both.Array.Reshape(2, blocks * units);
            yield return (Blocks(rows.Rows(0, 1), units), Blocks(rows.Rows(1, 1), units), [both.Name]);
        }

        if (fitting.Length == 0 && doubled.Length == 0)
        {
            yield return (Blocks(NumericArray.Zeros(Precision.Double, 1, blocks * units), units), null, []);
        }
    }

    private static NumericArray[] Blocks(NumericArray matrix, int units) =>
        [.. Enumerable.Range(0, matrix.Width / units).Select(block => matrix.Columns(block * units, units))];

    private static NumericArray Read(Tensor tensor) => tensor.ToArray(Precision.Double);
}
