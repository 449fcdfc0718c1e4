using System.Globalization;
using System.Text.RegularExpressions;

namespace LstmConvert.Graphs.Matching;

/// <summary>A pattern, read.</summary>
/// <param name="Pattern">The text that it was read from.</param>
/// <param name="Root">The output of a step.</param>
/// <param name="States">The states, with the name under which the new one is kept.</param>
/// <param name="Constants">Facts that the text states.</param>
/// <param name="Gates">The first split's first block, or null.</param>
/// <param name="Kernels">The matrices that it cannot be without; of an operation the first variable.</param>
internal sealed record CompiledPattern(
    GraphPattern Pattern,
    PatternTerm Root,
    IReadOnlyDictionary<string, string> States,
    IReadOnlyDictionary<string, string> Constants,
    Block? Gates,
    IReadOnlyList<string> Kernels)
{
    /// <summary>What each state is after a step: where the output is not made of it, it is searched for itself.</summary>
    public IReadOnlyList<(string State, PatternTerm Term, PatternRoots Roots)> NewStates { get; init; } = [];

    /// <summary>Inputs beside x, in order.</summary>
    public IReadOnlyList<string> Givens { get; init; } = [];

    /// <summary>Which input of the operation is 0 where a row has ended; null for none.</summary>
    public int? RowMask { get; init; }

    /// <summary>True for an operation that walks from the last step to the first, and gives each step in its place.</summary>
    public bool IsBackward { get; init; }

    /// <summary>Operations beside the cell that tell facts of it.</summary>
    public IReadOnlyList<OperationTerm> Beside { get; init; } = [];
}

/// <summary>Reads patterns. They are written by us: what is wrong in one is a bug, and is said as such.</summary>
internal sealed partial class PatternReader
{
    private readonly GraphPattern pattern;
    private readonly List<string> tokens;
    private readonly Dictionary<string, PatternTerm> names = new(StringComparer.Ordinal);
    private readonly HashSet<string> assigned = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> current = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> constants = new(StringComparer.Ordinal);
    private readonly HashSet<string> read = new(StringComparer.Ordinal);
    private readonly List<string> kernels = [];
    private readonly List<OperationTerm> beside = [];
    private readonly List<string> givens = [];
    private Block? gates;
    private int? rowMask;
    private bool isBackward;
    private int at;
    private int splits;
    private int keys;

    private PatternReader(GraphPattern pattern)
    {
        this.pattern = pattern;
        tokens = [.. Token().Matches(pattern.Text).Select(match => match.Value)];
        for (var k = 0; k < tokens.Count; k++)
        {
            // Every name on the left of an equals sign at depth 0 is assigned somewhere.
            if (tokens[k] == "=" && Depth(k) == 0)
            {
                for (var back = k - 1; back >= 0 && tokens[back] is not ";"; back--)
                {
                    assigned.Add(tokens[back]);
                }
            }
        }
    }

    private string Next => at < tokens.Count ? tokens[at] : "";

    /// <summary>Reads a pattern.</summary>
    public static CompiledPattern Read(GraphPattern pattern, ActivationTable activations)
    {
        var reader = new PatternReader(pattern);
        string? last = null;
        while (reader.Next.Length > 0)
        {
            last = reader.Statement() ?? last;
            reader.Take(";", isOptional: true);
        }

        var output = reader.names.GetValueOrDefault("output") ?? reader.names[last ?? throw reader.Wrong("nothing is assigned")];
        var states = reader
            .read.Where(reader.current.ContainsKey)
            .ToDictionary(state => state, state => reader.current[state], StringComparer.Ordinal);
        return new CompiledPattern(pattern, output, states, reader.constants, reader.gates, reader.kernels)
        {
            NewStates =
            [
                .. states.Keys.Select(state => (state, reader.names[state], PatternRoots.Of(reader.names[state], activations))),
            ],
            Beside = reader.beside,
            Givens = reader.givens,
            RowMask = reader.rowMask,
            IsBackward = reader.isBackward,
        };
    }

    /// <summary>Reads an activation that is spelled out.</summary>
    public static PatternTerm Activation(GraphActivation activation)
    {
        var reader = new PatternReader(new GraphPattern(activation.Name, activation.Text, []));
        return reader.Expression();
    }

    private string? Statement()
    {
        if (Take("beside", isOptional: true))
        {
            var before = kernels.Count;
            beside.Add(Operation(Take()).Whole);
            kernels.RemoveRange(before, kernels.Count - before);
            return null;
        }

        if (Take("backward", isOptional: true))
        {
            isBackward = true;
            return null;
        }

        if (Take("given", isOptional: true))
        {
            givens.Add(Take());
            return null;
        }

        List<string> left = [Take()];
        while (Take(",", isOptional: true))
        {
            left.Add(Take());
        }

        Take("=");
        if (left is [var fact] && pattern.Facts.Contains(fact) && (at + 1 >= tokens.Count || tokens[at + 1] == ";"))
        {
            constants[fact] = Take();
            return null;
        }

        if (left.Count > 1 && Next is "split" or "split_in_any_order")
        {
            var isFree = Take() == "split_in_any_order";
            Take("(");
            var whole = Expression();
            Take(")");
            var split = splits++;
            gates ??= new Block(split, left[0], 0, left, isFree);
            var parts = left.Select((name, index) => Cut(whole, new Block(split, name, index, left, isFree))).ToArray();
            foreach (var (name, part) in left.Zip(parts))
            {
                names[name] = part;
            }

            return left[^1];
        }

        var term = Expression();
        var all = left.Select(name => $"{name}#{keys++}").ToArray();
        for (var k = 0; k < left.Count; k++)
        {
            var inner = term is PatternTerm.Operation one ? new PatternTerm.Operation(one.Whole with { Keys = all }, k) : term;
            names[left[k]] = new PatternTerm.Named(all[k], inner);
            current[left[k]] = all[k];
        }

        return left[^1] == "_" ? left[^2] : left[^1];
    }

    private PatternTerm Expression()
    {
        var terms = new List<(PatternTerm, bool)>();
        var isNegative = Take("-", isOptional: true);
        while (true)
        {
            var term = Factors();
            if (term is PatternTerm.Sum inner)
            {
                terms.AddRange(inner.Terms.Select(one => (one.Term, one.IsNegative ^ isNegative)));
            }
            else
            {
                terms.Add((term, isNegative));
            }

            if (Next is not ("+" or "-"))
            {
                return terms is [(var only, false)] ? only : new PatternTerm.Sum(terms);
            }

            isNegative = Take() == "-";
        }
    }

    private PatternTerm Factors()
    {
        var term = Factor();
        while (Next is "*" or "@" or "conv")
        {
            var sign = Take();
            if (sign == "*")
            {
                term = new PatternTerm.Times(term, Factor());
            }
            else
            {
                var right = Factor();
                var kernel = right as PatternTerm.Variable;
                term = kernel is null
                    ? new PatternTerm.ComputedProduct(term, right)
                    : new PatternTerm.Product(term, kernel) { IsConvolution = sign == "conv" };
                kernel ??= FirstOf(right) ?? throw Wrong("@ needs a variable on its right");
                if (!kernel.IsOptional && !kernels.Contains(kernel.Role))
                {
                    kernels.Add(kernel.Role);
                }
            }
        }

        return term;
    }

    private PatternTerm Factor()
    {
        var token = Take();
        if (double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return new PatternTerm.Number(number);
        }

        if (token is "(" or "[")
        {
            var parts = new List<PatternTerm> { Expression() };
            while (Take(";", isOptional: true))
            {
                parts.Add(Expression());
            }

            Take(token == "(" ? ")" : "]");
            return parts is [var only] ? only : new PatternTerm.Join(parts);
        }

        return Next == "(" || Next == "|" ? Function(token) : Name(token);
    }

    private PatternTerm Function(string name)
    {
        if (char.IsUpper(name[0]))
        {
            return Operation(name);
        }

        Take("(");
        var argument = Expression();
        PatternTerm term;
        if (name == "limited")
        {
            Take(",");
            term = new PatternTerm.Clip(argument, Take(), IsRequired: true);
        }
        else if (name == "norm")
        {
            term = Norm(argument);
        }
        else if (name == "clip")
        {
            Take(",");
            var first = Take();
            term = Take(",", isOptional: true)
                ? new PatternTerm.Between(
                    argument,
                    double.Parse(first, CultureInfo.InvariantCulture),
                    double.Parse(Take(), CultureInfo.InvariantCulture))
                : new PatternTerm.Clip(argument, first);
        }
        else if (name == "part" && argument is PatternTerm.Value value)
        {
            Take(",");
            term = new PatternTerm.Part(value.Name, int.Parse(Take(), CultureInfo.InvariantCulture));
        }
        else if (name == "columns" && argument is PatternTerm.Value cut)
        {
            Take(",");
            var begin = int.Parse(Take(), CultureInfo.InvariantCulture);
            Take(",");
            term = new PatternTerm.Columns(cut.Name, begin, int.Parse(Take(), CultureInfo.InvariantCulture));
        }
        else if (name is "top" or "bottom" && argument is PatternTerm.Variable whole)
        {
            term = whole with { IsTop = name == "top" };
        }
        else if (name is "over" or "mod")
        {
            var divisor = Following();
            term = name == "over" ? new PatternTerm.Ratio(argument, divisor) : new PatternTerm.Remainder(argument, divisor);
        }
        else if (name == "where_less")
        {
            term = new PatternTerm.WhereLess(argument, Following(), Following(), Following());
        }
        else if (name == "attended")
        {
            var (query, memory, scores) = (Following(), (PatternTerm.Variable)Following(), (PatternTerm.Variable)Following());
            Take(",");
            term = new PatternTerm.Attended(argument, query, memory, scores, Take());
        }
        else if (name == "moved")
        {
            var last = Following();
            Take(",");
            term = new PatternTerm.Moved(argument, last, Take());
        }
        else if (name == "transposed")
        {
            term = new PatternTerm.Transposed(argument);
        }
        else if (name == "unit_columns")
        {
            term = new PatternTerm.UnitColumns(argument);
        }
        else if (name == "row" && argument is PatternTerm.Variable variable)
        {
            Take(",");
            term = variable with { Row = int.Parse(Take(), CultureInfo.InvariantCulture) };
        }
        else
        {
            term = new PatternTerm.Apply(name, pattern.Facts.Contains(name), argument);
        }

        Take(")");
        return term;
    }

    /// <summary>The argument behind the next comma.</summary>
    private PatternTerm Following()
    {
        Take(",");
        return Expression();
    }

    /// <summary>The factor and the summand or the scope of both, what is added to the variance, and the number of parts.</summary>
    private PatternTerm.Norm Norm(PatternTerm argument)
    {
        Take(",");
        var (scale, shift) = (Take(), (string?)null);
        double? epsilon = null;
        var parts = 1;
        if (Take(",", isOptional: true))
        {
            if (!char.IsAsciiDigit(Next[0]))
            {
                shift = Take();
                Take(",");
            }

            epsilon = double.Parse(Take(), CultureInfo.InvariantCulture);
            parts = Take(",", isOptional: true) ? int.Parse(Take(), CultureInfo.InvariantCulture) : 1;
        }

        return new PatternTerm.Norm(
            argument,
            new PatternTerm.Variable(shift is null ? $"{scale}/gamma" : scale, IsOptional: false),
            new PatternTerm.Variable(shift ?? $"{scale}/beta", IsOptional: false),
            epsilon)
        {
            Parts = parts,
        };
    }

    /// <summary>An input of an operation: none that matters, the rows' mask, a number, a name.</summary>
    private OperationArgument? Argument(int index)
    {
        if (Take("_", isOptional: true))
        {
            return null;
        }

        if (Take("row_mask", isOptional: true))
        {
            rowMask = index;
            return null;
        }

        var isNegative = Take("-", isOptional: true);
        return isNegative || char.IsAsciiDigit(Next[0])
            ? new OperationArgument(
                new PatternTerm.Number((isNegative ? -1 : 1) * double.Parse(Take(), CultureInfo.InvariantCulture)),
                null)
            : new OperationArgument(Name(Take()), Take("if", isOptional: true) ? Take() : null);
    }

    private PatternTerm.Operation Operation(string name)
    {
        List<string> all = [name];
        while (Take("|", isOptional: true))
        {
            all.Add(Take());
        }

        Take("(");
        var arguments = new List<OperationArgument?>();
        while (Next is not (";" or ")"))
        {
            arguments.Add(Argument(arguments.Count));
            Take(",", isOptional: true);
        }

        var attributes = new List<OperationAttribute>();
        Take(";", isOptional: true);
        while (Next != ")")
        {
            var attribute = Take();
            var required = Take("is", isOptional: true) ? Take() : null;
            Take("=");
            var value = Take();
            double? none = null;
            if (Take("none", isOptional: true))
            {
                Take("<=");
                none = double.Parse(Take(), CultureInfo.InvariantCulture);
            }

            attributes.Add(new OperationAttribute(attribute, required, value, none));
            Take(",", isOptional: true);
        }

        Take(")");
        kernels.AddRange(
            arguments.Select(argument => argument?.Term).OfType<PatternTerm.Variable>().Take(1).Select(variable => variable.Role));
        return new PatternTerm.Operation(new OperationTerm(all, arguments, attributes, []), 0);
    }

    private PatternTerm Name(string name)
    {
        var plain = name.TrimEnd('?');
        if (names.TryGetValue(plain, out var known))
        {
            return known;
        }

        if (plain == "x" || givens.Contains(plain) || assigned.Contains(plain))
        {
            read.Add(plain);
            return new PatternTerm.Value(plain);
        }

        if (plain == "nothing")
        {
            return new PatternTerm.Nothing();
        }

        return pattern.Facts.Contains(plain) ? new PatternTerm.NumberFact(plain) : new PatternTerm.Variable(plain, name.EndsWith('?'));
    }

    /// <summary>A block of a term's columns is the same of every part of it.</summary>
    private PatternTerm Cut(PatternTerm term, Block block) => term switch
    {
        PatternTerm.Sum sum => new PatternTerm.Sum([.. sum.Terms.Select(one => (Cut(one.Term, block), one.IsNegative))]),
        PatternTerm.Product product => product with { Kernel = (PatternTerm.Variable)Cut(product.Kernel, block) },
        PatternTerm.Variable variable => variable with { Block = block },
        PatternTerm.Join join when join.Parts.Count == block.Names.Count => join.Parts[block.Index],
        PatternTerm.ComputedProduct product => product with { Block = block },
        PatternTerm.Norm norm => norm with { Block = block },
        PatternTerm.Times { Left: PatternTerm.Variable diagonal } times => times with { Left = Cut(diagonal, block) },
        PatternTerm.Apply apply => apply with { Argument = Cut(apply.Argument, block) },
        _ => throw Wrong("only sums, and products with variables, are split"),
    };

    /// <summary>The first variable of a matrix that is computed.</summary>
    private static PatternTerm.Variable? FirstOf(PatternTerm term) => term switch
    {
        PatternTerm.Variable variable => variable,
        PatternTerm.Transposed transposed => FirstOf(transposed.Inner),
        PatternTerm.UnitColumns columns => FirstOf(columns.Inner),
        PatternTerm.Times times => FirstOf(times.Left) ?? FirstOf(times.Right),
        PatternTerm.Join join => join.Parts.Select(FirstOf).FirstOrDefault(variable => variable is not null),
        _ => null,
    };

    private string Take() => at < tokens.Count ? tokens[at++] : throw Wrong("it ends too early");

    private bool Take(string token, bool isOptional = false)
    {
        if (Next == token)
        {
            at++;
            return true;
        }

        return isOptional ? false : throw Wrong($"{token} is missing before '{Next}'");
    }

    private int Depth(int position) => tokens.Take(position).Sum(token => token is "(" or "[" ? 1 : token is ")" or "]" ? -1 : 0);

    private InvalidOperationException Wrong(string what) => new($"The graph pattern of {pattern.Cell} cannot be read: {what}.");

    [GeneratedRegex(
        @"[A-Za-z_][A-Za-z0-9_/]*\??|[0-9]+(\.[0-9]+)?|<=|[-=+*@()\[\];,|]",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Token();
}
