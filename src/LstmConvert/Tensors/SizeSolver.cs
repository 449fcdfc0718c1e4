using System.Diagnostics.CodeAnalysis;

namespace LstmConvert.Tensors;

/// <summary>A variable whose shape says something about the sizes of a cell.</summary>
/// <param name="Name">The variable's name, for messages.</param>
/// <param name="What">What it is, with an article: <c>an LSTM kernel</c>.</param>
/// <param name="Symbolic">The shape that the cell gives it.</param>
/// <param name="Actual">The shape that it has.</param>
internal sealed record SizedVariable(string Name, string What, SymbolicShape Symbolic, Shape Actual);

/// <summary>A size that equals another where no shape determines it: without a projection <c>h = u</c>.</summary>
/// <param name="Letter">The size.</param>
/// <param name="Equal">The size that it then equals.</param>
internal readonly record struct DefaultSize(char Letter, char Equal);

/// <summary>The sizes of a cell, or a sentence without its full stop that says what does not fit.</summary>
/// <param name="Sizes">The sizes by letter, if the shapes fit.</param>
/// <param name="Problem">What does not fit: which variable, its shape, and the shape that was expected.</param>
internal sealed record SizeSolution(IReadOnlyDictionary<char, long>? Sizes, string? Problem)
{
    /// <summary>The facts that would decide, with a value each that fits, where the shapes fit several sizes: the problem is then a
    /// question. Empty where nothing fits.</summary>
    public IReadOnlyList<(string Fact, string Value)> Open { get; init; } = [];

    /// <summary>True if the shapes fit.</summary>
    [MemberNotNullWhen(true, nameof(Sizes))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool Fits => Sizes is not null;
}

/// <summary>
/// Finds the sizes of a cell from the shapes of its variables. An axis with one unknown size determines it; sizes that no axis
/// determines take their defaults, one after the other. Every size is at least 1 and at most <see cref="int.MaxValue"/>.
/// </summary>
internal sealed class SizeSolver
{
    private readonly IReadOnlyList<SizedVariable> variables;
    private readonly IReadOnlyList<DefaultSize> defaults;
    private readonly Dictionary<char, long> sizes = [];

    /// <summary>The variable whose shape gave a size.</summary>
    private readonly Dictionary<char, SizedVariable> givers = [];

    private SizeSolver(IReadOnlyList<SizedVariable> variables, IReadOnlyList<DefaultSize> defaults)
    {
        this.variables = variables;
        this.defaults = defaults;
    }

    /// <summary>Finds every letter of the shapes.</summary>
    /// <param name="variables">The variables; the first ones stand in messages as what the others do not fit to.</param>
    /// <param name="defaults">What undetermined sizes are equal to, in the order in which they are tried.</param>
    public static SizeSolution Solve(IReadOnlyList<SizedVariable> variables, IReadOnlyList<DefaultSize> defaults)
    {
        var solver = new SizeSolver(variables, defaults);
        var problem = solver.Problem();
        return problem is null ? new SizeSolution(solver.sizes, null) : new SizeSolution(null, problem);
    }

    private string? Problem()
    {
        foreach (var variable in variables)
        {
            if (variable.Actual.Rank != variable.Symbolic.Rank)
            {
                return $"{Said(variable)}; {variable.What} is {Shown(variable)}";
            }
        }

        var problem = Propagate();
        foreach (var (letter, equal) in defaults)
        {
            if (problem is null && !sizes.ContainsKey(letter) && sizes.TryGetValue(equal, out var size))
            {
                sizes[letter] = size;
                givers[letter] = givers[equal];
                problem = Propagate();
            }
        }

        return problem ?? variables
            .SelectMany(variable => variable.Symbolic.Axes.SelectMany(axis => axis.Terms).Select(term => (Variable: variable, term.Letter)))
            .Where(use => use.Letter is { } letter && !sizes.ContainsKey(letter))
            .Select(use => $"{Said(use.Variable)}; {use.Variable.What} is {Shown(use.Variable)}, and no shape determines {use.Letter}")
            .FirstOrDefault();
    }

    /// <summary>Goes over all axes until none says anything new.</summary>
    private string? Propagate()
    {
        for (var known = -1; known < sizes.Count;)
        {
            known = sizes.Count;
            foreach (var variable in variables)
            {
                for (var axis = 0; axis < variable.Symbolic.Rank; axis++)
                {
                    if (Meet(variable, axis) is { } problem)
                    {
                        return problem;
                    }
                }
            }
        }

        return null;
    }

    /// <summary>Takes what one axis says: a size, or that it does not fit.</summary>
    private string? Meet(SizedVariable variable, int axis)
    {
        var (actual, terms) = (variable.Actual[axis], variable.Symbolic.Axes[axis].Terms);
        var unknown = Letters(terms).Where(letter => !sizes.ContainsKey(letter)).ToArray();
        if (unknown.Length > 1)
        {
            return null;
        }

        var known = terms.Where(IsKnown).Aggregate(0L, (sum, term) => checked(sum + term.Resolve(sizes)));
        if (unknown is not [var wanted])
        {
            return known == actual ? null : Misfit(variable, axis);
        }

        var (rest, coefficient) = (checked(actual - known), terms.Where(term => term.Letter == wanted).Sum(term => (long)term.Coefficient));
        if (rest < 1 || rest / coefficient > int.MaxValue)
        {
            var bound = rest < 1 ? "at least 1" : $"at most {int.MaxValue}";
            var left = $"{Given(terms)}{rest} is left for {wanted}, which is {bound}";
            return $"{Said(variable)}; {variable.What} is {Shown(variable)}, and {left}";
        }

        if (rest % coefficient != 0)
        {
            return $"{Said(variable)}; {variable.What} is {Shown(variable)}, and {rest} is not a multiple of {coefficient}";
        }

        sizes[wanted] = rest / coefficient;
        givers[wanted] = variable;
        return null;
    }

    private bool IsKnown(SymbolicTerm term) => term.Letter is not { } letter || sizes.ContainsKey(letter);

    private static IEnumerable<char> Letters(IEnumerable<SymbolicTerm> terms) =>
        terms.Select(term => term.Letter).OfType<char>().Distinct();

    private string Given(IEnumerable<SymbolicTerm> terms)
    {
        var known = Letters(terms).Where(sizes.ContainsKey).Select(letter => $"{Shown(letter)} = {sizes[letter]}").Distinct().ToArray();
        return known.Length == 0 ? "" : $"with {string.Join(", ", known)}, ";
    }

    /// <summary>An axis has another length than its sizes, all known, give: the right shape, beside the variable that gave them.</summary>
    private string Misfit(SizedVariable variable, int axis)
    {
        var expected = Expected(variable);
        var giver = Letters(variable.Symbolic.Axes[axis].Terms).Select(letter => givers[letter]).FirstOrDefault(giver => giver != variable);
        if (giver is not null)
        {
            return $"{Said(variable)}; beside {Definite(giver.What)} {giver.Actual} {Definite(variable.What)} is {expected}";
        }

        var given = Given(variable.Symbolic.Axes.SelectMany(other => other.Terms));
        return $"{Said(variable)}; {variable.What} is {Shown(variable)}" + (given.Length == 0 ? "" : $", and {given}that is {expected}");
    }

    /// <summary>The shape with every axis that is known as a number: <c>(x, 16)</c>.</summary>
    private string Expected(SizedVariable variable)
    {
        var axes = variable.Symbolic.Axes
            .Select(axis => axis.Terms.All(IsKnown) ? $"{axis.Resolve(sizes)}" : Shown(axis)).ToArray();
        return axes.Length == 1 ? $"({axes[0]},)" : $"({string.Join(", ", axes)})";
    }

    private static string Said(SizedVariable variable) => $"{variable.Name} is {variable.Actual}";

    /// <summary>The symbolic shape as people know it: a size that no other variable has is written as its default, <c>(x+u,
    /// 4u)</c>.</summary>
    private string Shown(SizedVariable variable) => variable.Symbolic.With(Shown).ToString();

    private string Shown(SymbolicAxis axis) => new SymbolicShape([axis]).With(Shown).Axes[0].ToString();

    private char Shown(char letter)
    {
        foreach (var (later, equal) in defaults)
        {
            var uses = variables.Count(variable => variable.Symbolic.Axes.Any(axis => Letters(axis.Terms).Contains(letter)));
            if (later == letter && uses <= 1)
            {
                return equal;
            }
        }

        return letter;
    }

    private static string Definite(string what) =>
        what.StartsWith("a ", StringComparison.Ordinal) ? $"the {what[2..]}"
        : what.StartsWith("an ", StringComparison.Ordinal) ? $"the {what[3..]}"
        : what;
}
