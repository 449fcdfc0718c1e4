using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>A number that a fact has in a graph; null for none (nothing clips).</summary>
internal sealed record FoundNumber(double? Value, string Node);

/// <summary>A name that a fact has in a graph.</summary>
internal sealed record FoundWord(string Value, string Node);

/// <summary>A value that a name of a pattern stands for: the place that is compared, and the edge that was found.</summary>
internal sealed record FoundValue(Place Place, Output Edge);

/// <summary>
/// Tries a pattern at an output and walks back along the edges, term by term; where a term can be found in several ways each is tried.
/// What is found is unified: a variable, state or fact that is read twice must be the same.
/// </summary>
internal sealed class PatternMatcher(ActivationTable activations, PlaceFinder places)
{
    private const double Tolerance = 1e-4;

    /// <summary>What finds the parts of an activation that is spelled out.</summary>
    private readonly PatternMatcher? plain = activations.SpelledOut.Count > 0 ? new PatternMatcher(activations.OfOperations, places) : null;

    /// <summary>What was read at a place already: many patterns are tried there.</summary>
    private readonly Dictionary<(Output, Place), (string, FoundValue)[]> spelledOut = [];

    private readonly Dictionary<Place, LinearForm?> forms = [];

    /// <summary>What contrib's normalisation adds to a variance (tensorflow v1.15.5 contrib/layers/python/layers/layers.py:2318).</summary>
    private const double Epsilon = 1e-12;

    /// <summary>The same for float16.</summary>
    private const double HalfEpsilon = 1e-3;

    /// <summary>Nodes between a cell's product and its new states; a step of any cell has fewer.</summary>
    private const int MaximumNodesOfStep = 200;

    /// <summary>What one term costs, in steps along an edge.</summary>
    private const int StepsOfTerm = 8;

    /// <summary>All ways in which an output is a term.</summary>
    public IEnumerable<Bindings> Match(PatternTerm term, Output at, Bindings bound) => Match(term, at, places.Of(at), bound);

    /// <summary>
    /// What was found, with the new states that the output is not made of: each is searched among what the cell's products lead to, the
    /// nearest first.
    /// </summary>
    public Bindings WithNewStates(CompiledPattern pattern, Bindings found)
    {
        foreach (var (state, term, roots) in pattern.NewStates)
        {
            if (found[pattern.States[state]] is null)
            {
                found = Behind(found.All.Where(one => one.Key == "anchor").Select(one => (GraphNode)one.Value))
                    .Where(roots.Fit)
                    .SelectMany(node => Match(term, new Output(node, roots.OutputIndex), found).Take(1))
                    .FirstOrDefault(found);
            }
        }

        return found;
    }

    /// <summary>What the values of some nodes go into, the nearest first.</summary>
    private static IEnumerable<GraphNode> Behind(IEnumerable<GraphNode> start)
    {
        var seen = start.ToHashSet<GraphNode>(ReferenceEqualityComparer.Instance);
        var todo = new Queue<GraphNode>(seen);
        while (todo.TryDequeue(out var node))
        {
            yield return node;
            foreach (var (user, _, _) in seen.Count < MaximumNodesOfStep ? node.Users : [])
            {
                if (seen.Add(user))
                {
                    todo.Enqueue(user);
                }
            }
        }
    }

    private IEnumerable<Bindings> Match(PatternTerm term, Output edge, Place place, Bindings bound)
    {
        places.Spend(StepsOfTerm);
        return places.IsExhausted ? [] : Found(term, edge, place, bound);
    }

    private IEnumerable<Bindings> Found(PatternTerm term, Output edge, Place place, Bindings bound) =>
        term switch
        {
            PatternTerm.Value value => Value(value.Name, edge, place, bound),
            PatternTerm.Part part => Part(part, place, bound),
            PatternTerm.Columns columns =>
                place.Parts is { Rest: null, First: { Count: 0 } slice } && slice.Begin == columns.Begin && slice.End == columns.End
                    ? Value(columns.Name, place.At, place with { Parts = null }, bound)
                    : [],
            PatternTerm.Nothing => DataEdges.IsNothing(place.At.Node) ? [bound] : [],
            PatternTerm.Number number => GraphVariables.Scalar(place.At) is { } scalar && IsNear(scalar.Value, number.Amount)
                ? [bound]
                : [],
            PatternTerm.NumberFact fact => NumberFact(fact, place, bound),
            PatternTerm.Ratio ratio => Operations.IsDivision(place.At.Node) ? Both(ratio.Dividend, ratio.Divisor, place, bound) : [],
            PatternTerm.Remainder rest => Operations.IsRemainder(place.At.Node) ? Both(rest.Dividend, rest.Divisor, place, bound) : [],
            PatternTerm.Attended attended => Attended(attended, place, bound),
            PatternTerm.Moved moved => place.Parts is null && AdditiveAttention.Moved(place.At.Node) is var (whole, last, length)
                ? Counted(moved.Fact, length, place, bound)
                    .SelectMany(one => Match(moved.Whole, whole, one))
                    .SelectMany(one => Match(moved.Last, last, one))
                : [],
            PatternTerm.WhereLess choice => WhereLess(choice, place, bound),
            PatternTerm.Variable variable => places.VariableAt(place) is { } found ? Variable(variable, found, bound) : [],
            PatternTerm.Named named => Named(named, edge, place, bound),
            PatternTerm.Sum sum => Sum(sum, place, bound),
            PatternTerm.Times times => Times(times, place, bound),
            PatternTerm.Product product => Product(product, edge, place, bound),
            PatternTerm.ComputedProduct product => Sum(new PatternTerm.Sum([(product, false)]), place, bound),
            PatternTerm.Transposed transposed => place.Parts is null && Operations.Transposed(place.At.Node) is { } matrix
                ? Match(transposed.Inner, matrix, bound)
                : [],
            PatternTerm.UnitColumns columns => place.Parts is null && Operations.UnitColumns(place.At.Node) is { } matrix
                ? Match(columns.Inner, matrix, bound)
                : [],
            PatternTerm.Join join => Join(join, edge, place, bound),
            PatternTerm.Apply apply => Apply(apply, edge, place, bound),
            PatternTerm.Between between => Between(between, place, bound),
            PatternTerm.Clip clip => Clip(clip, edge, place, bound),
            PatternTerm.Norm norm => Norm(norm, place, bound),
            PatternTerm.Operation operation => Operation(operation, place, bound),
            _ => [],
        };

    private IEnumerable<Bindings> Input(PatternTerm term, Place place, int input, Bindings bound) =>
        place.At.Node.Input(input) is { } edge ? Match(term, edge, places.Of(edge, place.Parts), bound) : [];

    /// <summary>The two inputs of a node.</summary>
    private IEnumerable<Bindings> Both(PatternTerm left, PatternTerm right, Place place, Bindings bound) =>
        Input(left, place, 0, bound).SelectMany(half => Input(right, place, 1, half));

    private IEnumerable<Bindings> WhereLess(PatternTerm.WhereLess choice, Place place, Bindings bound) =>
        Operations.IsChoice(place.At.Node) && places.Of(place, 0) is { } condition && Operations.IsLess(condition.At.Node)
            ? Both(choice.Left, choice.Right, condition, bound)
                .SelectMany(one => Input(choice.Then, place, 1, one))
                .SelectMany(one => Input(choice.Else, place, 2, one))
            : [];

    private IEnumerable<Bindings> Attended(PatternTerm.Attended attended, Place place, Bindings bound) =>
        place.Parts is null
        && AdditiveAttention.At(place.At.Node) is { } found
        && places.VariableAt(places.Of(found.Memory)) is { } memory
        && places.VariableAt(places.Of(found.Scores)) is { } scores
            ? Counted(attended.Fact, found.Length, place, bound)
                .SelectMany(one => Variable(attended.Memory, memory, one))
                .SelectMany(one => Variable(attended.Scores, scores, one))
                .SelectMany(one => Match(attended.Whole, found.Whole, one))
                .SelectMany(one => Match(attended.Query, found.Query, one))
            : [];

    /// <summary>A number of parts, which is the same everywhere.</summary>
    private static IEnumerable<Bindings> Counted(string fact, long count, Place place, Bindings bound) =>
        bound[$"fact {fact}"] is not FoundNumber known ? [bound.With($"fact {fact}", new FoundNumber(count, place.At.Node.Name))]
        : known.Value == count ? [bound]
        : [];

    /// <summary>A number that stands for itself, not beside others in a sum.</summary>
    private static IEnumerable<Bindings> NumberFact(PatternTerm.NumberFact fact, Place place, Bindings bound) =>
        GraphVariables.Scalar(place.At) is not { } scalar ? []
        : bound[$"fact {fact.Name}"] is not FoundNumber known
            ? [bound.With($"fact {fact.Name}", new FoundNumber(scalar.Value, scalar.Node))]
        : known.Value is { } before && IsNear(before, scalar.Value) ? [bound]
        : [];

    private static IEnumerable<Bindings> Value(string name, Output edge, Place place, Bindings bound) =>
        bound[name] is not FoundValue known
            ? [bound.With(name, new FoundValue(place, Operations.IsRepetition(edge.Node) ? place.At : edge))]
        : known.Place == place ? [bound]
        : [];

    /// <summary>One of equal parts that are sliced from a value, each as wide as the others.</summary>
    private static IEnumerable<Bindings> Part(PatternTerm.Part part, Place place, Bindings bound)
    {
        var width =
            place.Parts is { Rest: null, First: { Count: 0, End: not Reading.Part.Open } slice }
            && slice.Begin == part.Index * (slice.End - slice.Begin)
                ? slice.End - slice.Begin
                : 0;
        if (width <= 0 || (bound[$"width of {part.Name}"] is long known && known != width))
        {
            return [];
        }

        return Value(part.Name, place.At, place with { Parts = null }, bound.With($"width of {part.Name}", width));
    }

    private IEnumerable<Bindings> Named(PatternTerm.Named named, Output edge, Place place, Bindings bound)
    {
        if (bound[named.Key] is FoundValue known)
        {
            return known.Place == place ? [bound] : [];
        }

        return Match(named.Inner, edge, place, bound).Select(found => found.With(named.Key, new FoundValue(place, edge)));
    }

    private static IEnumerable<Bindings> Variable(PatternTerm.Variable variable, VariablePart found, Bindings bound)
    {
        if (variable.Row != found.Row || (variable.IsTop is null) != (found.Rows is null))
        {
            yield break;
        }

        if (found.Rows is { } rows)
        {
            // The upper rows end where those below begin.
            var edge = variable.IsTop == true ? rows.End : rows.First;
            if ((variable.IsTop == true) != (rows.First == 0) || (bound[$"rows {variable.Role}"] is long known && known != edge))
            {
                yield break;
            }

            bound = bound.With($"rows {variable.Role}", edge);
        }

        if (bound[$"variable {variable.Role}"] is IReadOnlyList<string> names)
        {
            if (!names.SequenceEqual(found.Names))
            {
                yield break;
            }
        }
        else
        {
            bound = bound.With($"variable {variable.Role}", found.Names);
        }

        if (variable.Block is not { } block)
        {
            if (found.IsWhole)
            {
                yield return bound;
            }

            yield break;
        }

        if (InBlock(block, found.Begin, found.End, bound) is { } one)
        {
            yield return one;
        }
    }

    /// <summary>A block may stand where the pattern has it, or, in any order, where no other one stands; null where columns are not
    /// it.</summary>
    private static Bindings? InBlock(Block block, double begin, double end, Bindings bound)
    {
        var count = block.Names.Count;
        var index = (int)Math.Round(begin * count);
        if (
            Math.Abs((begin * count) - index) > Tolerance
            || Math.Abs((end * count) - index - 1) > Tolerance
            || (!block.IsFree && index != block.Index))
        {
            return null;
        }

        return !block.IsFree ? bound
            : bound[$"block {block.Split} {block.Name}"] is int place ? (place == index ? bound : null)
            : block.Names.Any(other => bound[$"block {block.Split} {other}"] is int taken && taken == index) ? null
            : bound.With($"block {block.Split} {block.Name}", index);
    }

    private IEnumerable<Bindings> Times(PatternTerm.Times times, Place place, Bindings bound)
    {
        if (
            Operations.IsDivision(place.At.Node)
            && times.Right is PatternTerm.Number factor
            && GraphVariables.Scalar(place.At.Node.Input(1)) is { } divisor
            && IsNear(divisor.Value * factor.Amount, 1))
        {
            foreach (var one in Input(times.Left, place, 0, bound))
            {
                yield return one;
            }
        }

        if (!Operations.IsTimes(place.At.Node))
        {
            yield break;
        }

        for (var left = 0; left < 2; left++)
        {
            foreach (var half in Input(times.Left, place, left, bound))
            {
                foreach (var whole in Input(times.Right, place, 1 - left, half))
                {
                    yield return whole;
                }
            }
        }
    }

    /// <summary>A product outside a sum; where its variable is optional the factor itself will do.</summary>
    private IEnumerable<Bindings> Product(PatternTerm.Product product, Output edge, Place place, Bindings bound)
    {
        if (product.Kernel.IsOptional)
        {
            if (LinearForm.ProductAt(place, places) is { } found)
            {
                foreach (
                    var one in Variable(product.Kernel, found.Kernel, bound).SelectMany(one => Match(product.Factor, found.Factor, one)))
                {
                    yield return one;
                }
            }

            foreach (var one in Match(product.Factor, edge, place, bound))
            {
                yield return one;
            }
        }
        else
        {
            foreach (var one in Sum(new PatternTerm.Sum([(product, false)]), place, bound))
            {
                yield return one;
            }
        }
    }

    private IEnumerable<Bindings> Join(PatternTerm.Join join, Output edge, Place place, Bindings bound)
    {
        var node = place.At.Node;
        var parts = Operations.Concatenated(node);
        if (parts is null || parts.Count < join.Parts.Count || place.Parts is not null)
        {
            // One value in the place of all: what it is cannot be seen.
            return place.Parts is null && Match(join.Parts[0], edge, place, bound) is { } whole
                ? whole.Select(one => one.WithObstacle($"its kernel multiplies one value, not input and state together ({node.Name})"))
                : [];
        }

        IEnumerable<Bindings> found = [bound];
        for (var k = 0; k < join.Parts.Count; k++)
        {
            // Where more values are put together the last ones are the states.
            var part = parts[k == 0 ? 0 : parts.Count - join.Parts.Count + k];
            var term = join.Parts[k];
            found = part is { } output ? found.SelectMany(one => Match(term, output, one)) : [];
        }

        return parts.Count == join.Parts.Count
            ? found
            : found.Select(one =>
                one.WithObstacle($"{parts.Count} values are put together before the kernel, not input and state alone ({node.Name})"));
    }

    private IEnumerable<Bindings> Apply(PatternTerm.Apply apply, Output edge, Place place, Bindings bound)
    {
        var node = place.At.Node;
        if (activations.NameOf(node.Op) is { } name && !LayerOperations.HasSlope(node))
        {
            foreach (var one in Applied(apply, name, node, bound).SelectMany(one => Input(apply.Argument, place, 0, one)))
            {
                yield return one;
            }
        }

        foreach (var (spelled, argument) in activations.MayEndSpelledOut(node.Op) ? SpelledOutAt(edge, place) : [])
        {
            foreach (
                var one in Applied(apply, spelled, node, bound)
                    .SelectMany(one => Match(apply.Argument, argument.Edge, argument.Place, one)))
            {
                yield return one;
            }
        }

        // No activation at all is one, too.
        if (apply.IsFact)
        {
            foreach (var one in Applied(apply, "linear", node, bound).SelectMany(one => Match(apply.Argument, edge, place, one)))
            {
                yield return one;
            }
        }
    }

    /// <summary>The activations that are spelled out at a place, and what each is applied to.</summary>
    private (string Name, FoundValue Argument)[] SpelledOutAt(Output edge, Place place)
    {
        if (!spelledOut.TryGetValue((edge, place), out var found))
        {
            spelledOut[(edge, place)] = found =
            [
                .. activations.SpelledOut.SelectMany(one =>
                    plain!
                        .Match(one.Term, edge, place, Bindings.Empty)
                        .Where(inner => !inner.Obstacles.Any())
                        .Select(inner => inner["x"])
                        .OfType<FoundValue>()
                        .Select(argument => (one.Name, argument))),
            ];
        }

        return found;
    }

    private static IEnumerable<Bindings> Applied(PatternTerm.Apply apply, string name, GraphNode node, Bindings bound)
    {
        if (!apply.IsFact)
        {
            yield return name == apply.Function
                ? bound
                : bound.WithObstacle($"{name} stands where the cell has {apply.Function} ({node.Name})");
        }
        else if (bound[$"fact {apply.Function}"] is not FoundWord known)
        {
            yield return bound.With($"fact {apply.Function}", new FoundWord(name, node.Name));
        }
        else
        {
            yield return known.Value == name
                ? bound
                : bound.WithObstacle(
                    $"its {apply.Function} is {known.Value} in one place and {name} in another ({known.Node}, {node.Name})");
        }
    }

    private IEnumerable<Bindings> Between(PatternTerm.Between between, Place place, Bindings bound) =>
        Operations.Limits(place.At.Node) is { } limits && IsNear(limits.Low, between.Low) && IsNear(limits.High, between.High)
            ? Match(between.Argument, limits.Inner, bound)
            : [];

    private IEnumerable<Bindings> Clip(PatternTerm.Clip clip, Output edge, Place place, Bindings bound)
    {
        if (Operations.Limits(place.At.Node) is { } limits && place.Parts is null)
        {
            var clipped = bound.With($"fact {clip.Fact}", new FoundNumber(limits.High, limits.Node));
            foreach (
                var one in Match(
                    clip.Argument,
                    limits.Inner,
                    IsNear(limits.Low, -limits.High)
                        ? clipped
                        : clipped.WithObstacle(
                            FormattableString.Invariant(
                                $"it is clipped between {limits.Low} and {limits.High}, not symmetrically ({limits.Node})"))))
            {
                yield return one;
            }
        }

        foreach (
            var one in clip.IsRequired
                ? []
                : Match(clip.Argument, edge, place, bound.With($"fact {clip.Fact}", new FoundNumber(null, place.At.Node.Name))))
        {
            yield return one;
        }
    }

    private IEnumerable<Bindings> Norm(PatternTerm.Norm norm, Place place, Bindings bound)
    {
        if (
            (norm.Block is not { } block ? place.Parts is null ? bound : null
                : PlaceFinder.Columns(place.Parts) is { } columns ? InBlock(block, columns.Begin, columns.End, bound)
                : null)
                is not { } start
            || Normalisation.At(place.At.Node) is not { } found
            || found.Parts != norm.Parts
            || places.VariableAt(places.Of(found.Scale)) is not { } scale
            || places.VariableAt(places.Of(found.Shift)) is not { } shift)
        {
            return [];
        }

        var expected = norm.Epsilon ?? (Operations.IsHalf(place.At.Node) ? HalfEpsilon : Epsilon);
        var read =
            found.Epsilon <= expected * (1 + Tolerance) && found.Epsilon >= expected * (1 - Tolerance)
                ? start
                : start.WithObstacle(
                    FormattableString.Invariant(
                        $"{found.Epsilon:g3} is added to a variance, and every such cell adds {expected:g3} ({place.At.Node.Name})"));
        return Variable(norm.Scale, scale, read)
            .SelectMany(one => Variable(norm.Shift, shift, one))
            .SelectMany(one => Match(norm.Argument, found.Value, one));
    }

    private static bool IsNear(double found, double expected) => Math.Abs(found - expected) <= Tolerance * Math.Max(1, Math.Abs(expected));

    private IEnumerable<Bindings> Sum(PatternTerm.Sum sum, Place place, Bindings bound)
    {
        // A sum that is no pre-activation is one by its operation; that is seen at once.
        if (!sum.IsLinear && !Operations.IsSum(place.At.Node))
        {
            return [];
        }

        return sum.IsLinear ? Spread(sum, place, bound) : TwoTerms(sum, place, bound).Concat(Spread(sum, place, bound));
    }

    /// <summary>A sum of two, whose terms may be sums themselves.</summary>
    private IEnumerable<Bindings> TwoTerms(PatternTerm.Sum sum, Place place, Bindings bound)
    {
        if (
            sum.Terms is not [(PatternTerm.Value or PatternTerm.Named, false), (PatternTerm.Number or PatternTerm.Times, false)]
            || Operations.IsDifference(place.At.Node)
            || place.At.Node.Inputs.Count != 2)
        {
            return [];
        }

        return Enumerable
            .Range(0, 2)
            .SelectMany(left =>
                Input(sum.Terms[0].Term, place, left, bound).SelectMany(half => Input(sum.Terms[1].Term, place, 1 - left, half)));
    }

    private IEnumerable<Bindings> Spread(PatternTerm.Sum sum, Place place, Bindings bound)
    {
        if (!forms.TryGetValue(place, out var form))
        {
            forms[place] = form = LinearForm.Of(place, places);
        }

        if (form is null)
        {
            return [];
        }

        if (sum.IsLinear && form.Products.Count == 0 && !sum.Terms.Any(term => term.Term is PatternTerm.ComputedProduct))
        {
            var scaled = form
                .Others.Where(other => !other.IsNegative)
                .SelectMany(other => LinearForm.Scaled(other.Place, places))
                .DistinctBy(product => product.Node)
                .Take(2)
                .ToArray();
            if (scaled.Length == 0)
            {
                return [];
            }

            form = form with { Products = scaled };
        }

        return new SumMatcher(this, sum, form).Solutions(bound);
    }

    private IEnumerable<Bindings> Operation(PatternTerm.Operation operation, Place place, Bindings bound)
    {
        var whole = operation.Whole;
        var node = place.At.Node;
        if (
            !whole.Names.Contains(node.Op)
            || node.Inputs.Count < whole.Arguments.Count
            || OperationAttributes.Read(whole, node, bound) is not { } read)
        {
            return [];
        }

        for (var k = 0; k < whole.Keys.Count; k++)
        {
            var output = new Output(node, k);
            read = read.With(whole.Keys[k], new FoundValue(new Place(output, null), output));
        }

        IEnumerable<Bindings> found = [read.With("anchor", node)];
        for (var k = 0; k < whole.Arguments.Count; k++)
        {
            if (whole.Arguments[k] is { } argument && (argument.Condition is null || node.Attribute(argument.Condition)?.B == true))
            {
                var input = k;
                found = found.SelectMany(one => Input(argument.Term, place, input, one));
            }
        }

        return found;
    }

    /// <summary>The node behind what changes nothing.</summary>
    private GraphNode NodeOf(Output output) => places.Of(output).At.Node;

    /// <summary>Finds the terms of a sum among those of a graph's.</summary>
    private sealed class SumMatcher(PatternMatcher matcher, PatternTerm.Sum sum, LinearForm form)
    {
        private readonly (PatternTerm Term, bool IsNegative)[] terms =
        [
            .. sum.Terms.Where(term => term.Term is not (PatternTerm.Number or PatternTerm.NumberFact)),
        ];

        public IEnumerable<Bindings> Solutions(Bindings bound)
        {
            if (Numbers(bound) is not { } read)
            {
                return [];
            }

            return form.Products.Count + form.Variables.Count + form.Others.Count > 30 ? [] : Next(0, 0, 0, 0, read);
        }

        /// <summary>The numbers of the graph, less those of the pattern, are the fact.</summary>
        private Bindings? Numbers(Bindings bound)
        {
            var rest = form.Number;
            string? fact = null;
            foreach (var (term, isNegative) in sum.Terms)
            {
                if (term is PatternTerm.Number number)
                {
                    rest -= isNegative ? -number.Amount : number.Amount;
                }

                fact = term is PatternTerm.NumberFact named ? named.Name : fact;
            }

            var node = form.NumberNode ?? (form.Products.Count > 0 ? form.Products[0].Node.Name : "");
            return fact is not null
                    ? (
                        bound[$"fact {fact}"] is FoundNumber { Value: { } before } known && !IsNear(before, rest)
                            ? bound.WithObstacle(
                                FormattableString.Invariant(
                                    $"its {fact} is {(float)before} in one place and {(float)rest} in another ({known.Node}, {node})"))
                            : bound.With($"fact {fact}", new FoundNumber(rest, node)))
                : IsNear(rest, 0) ? bound
                : sum.IsLinear ? bound.WithObstacle(FormattableString.Invariant($"{(float)rest} is added to {Gate()} ({node})")) : null;
        }

        private string Gate() =>
            sum.Terms.Select(term => term.Term).OfType<PatternTerm.Product>().FirstOrDefault()?.Kernel.Block is { } block
                ? $"its gate {block.Name}"
                : "its pre-activation";

        /// <summary>Matches the term at an index; the masks say what of the graph's sum is taken.</summary>
        private IEnumerable<Bindings> Next(int index, uint products, uint variables, uint others, Bindings bound)
        {
            if (index == terms.Length)
            {
                return Rest(products, variables, others, bound) is { } rest ? [rest] : [];
            }

            var (term, isNegative) = terms[index];
            return term switch
            {
                PatternTerm.Product product => Products(product, index, products, variables, others, bound),
                PatternTerm.Variable variable when !isNegative => Variables(variable, index, products, variables, others, bound),
                PatternTerm.ComputedProduct product => Computed(product, index, products, variables, others, bound),
                _ => Others(term, isNegative, index, products, variables, others, bound),
            };
        }

        private IEnumerable<Bindings> Products(
            PatternTerm.Product product,
            int index,
            uint products,
            uint variables,
            uint others,
            Bindings bound)
        {
            for (var k = 0; k < form.Products.Count; k++)
            {
                var found = form.Products[k];
                if ((products >> k & 1) == 1 || found.IsConvolution != product.IsConvolution)
                {
                    continue;
                }

                foreach (var named in Variable(product.Kernel, found.Kernel, bound))
                {
                    var one = named.With("anchor", found.Node);
                    one = found.IsScaled && !one.Obstacles.Contains(Normalised) ? one.WithObstacle(Normalised) : one;
                    foreach (
                        var all in matcher
                            .Match(product.Factor, found.Factor, one)
                            .SelectMany(next => Next(index + 1, products | 1u << k, variables, others, next)))
                    {
                        yield return all;
                    }
                }
            }
        }

        /// <summary>A product with a matrix that is computed; of its columns those of the block.</summary>
        private IEnumerable<Bindings> Computed(
            PatternTerm.ComputedProduct product,
            int index,
            uint products,
            uint variables,
            uint others,
            Bindings bound)
        {
            // Variables above each other are one to the graph.
            for (var k = 0; product.Kernel is PatternTerm.Join && k < form.Products.Count; k++)
            {
                var (found, bit) = (form.Products[k], 1u << k);
                if (
                    (products & bit) == 0
                    && found is { IsConvolution: false, IsScaled: false }
                    && found.Node.Input(1) is { } kernel
                    && matcher.NodeOf(kernel) is var above
                    && Operations.IsAboveEachOther(above))
                {
                    foreach (
                        var all in WithMatrix(product, product.Kernel, found.Node, kernel, (found.Kernel.Begin, found.Kernel.End), bound)
                            .SelectMany(next => Next(index + 1, products | bit, variables, others, next)))
                    {
                        yield return all;
                    }
                }
            }

            for (var k = 0; k < form.Others.Count; k++)
            {
                var (place, isNegative) = form.Others[k];
                var node = place.At.Node;
                if (
                    (others >> k & 1) == 1
                    || isNegative
                    || !Operations.IsProduct(node)
                    || node.Input(1) is not { } kernel
                    || PlaceFinder.Columns(place.Parts) is not { } columns)
                {
                    continue;
                }

                var term =
                    product.Kernel is PatternTerm.Transposed transposed && Operations.TransposesRight(node)
                        ? transposed.Inner
                        : product.Kernel;
                if (ReferenceEquals(term, product.Kernel) && Operations.IsTransposed(node))
                {
                    continue;
                }

                foreach (
                    var all in WithMatrix(product, term, node, kernel, columns, bound)
                        .SelectMany(next => Next(index + 1, products, variables, others | 1u << k, next)))
                {
                    yield return all;
                }
            }
        }

        /// <summary>A product of a node with a matrix, of which some columns are meant.</summary>
        private IEnumerable<Bindings> WithMatrix(
            PatternTerm.ComputedProduct product,
            PatternTerm matrix,
            GraphNode node,
            Output kernel,
            (double Begin, double End) columns,
            Bindings bound)
        {
            var start =
                product.Block is { } block ? InBlock(block, columns.Begin, columns.End, bound)
                : columns == (0, 1) ? bound
                : null;
            return start is null || node.Input(0) is not { } factor
                ? []
                : matcher
                    .Match(matrix, kernel, start.With("anchor", node))
                    .SelectMany(one => matcher.Match(product.Factor, factor, one));
        }

        private IEnumerable<Bindings> Variables(
            PatternTerm.Variable variable,
            int index,
            uint products,
            uint variables,
            uint others,
            Bindings bound)
        {
            for (var k = 0; k < form.Variables.Count; k++)
            {
                if ((variables >> k & 1) == 0)
                {
                    foreach (
                        var all in Variable(variable, form.Variables[k], bound)
                            .SelectMany(next => Next(index + 1, products, variables | 1u << k, others, next)))
                    {
                        yield return all;
                    }
                }
            }

            // Absent only where there is none: what is left would be an obstacle.
            if (variable.IsOptional && (form.Variables.Count == 0 || variables == (1u << form.Variables.Count) - 1))
            {
                foreach (var all in Next(index + 1, products, variables, others, bound))
                {
                    yield return all;
                }
            }
        }

        private IEnumerable<Bindings> Others(
            PatternTerm term,
            bool isNegative,
            int index,
            uint products,
            uint variables,
            uint others,
            Bindings bound)
        {
            for (var k = 0; k < form.Others.Count; k++)
            {
                if ((others >> k & 1) == 0 && form.Others[k].IsNegative == isNegative)
                {
                    var place = form.Others[k].Place;
                    foreach (
                        var all in matcher
                            .Match(term, place.At, place, bound)
                            .SelectMany(next => Next(index + 1, products, variables, others | 1u << k, next)))
                    {
                        yield return all;
                    }
                }
            }

            if (
                term is PatternTerm.Times times
                && (times.Left is PatternTerm.Variable { IsOptional: true } || times.Right is PatternTerm.Variable { IsOptional: true }))
            {
                foreach (var all in Next(index + 1, products, variables, others, bound))
                {
                    yield return all;
                }
            }
        }

        /// <summary>What of the graph's sum no term of the pattern took: an obstacle in a pre-activation, another equation
        /// elsewhere.</summary>
        private Bindings? Rest(uint products, uint variables, uint others, Bindings bound)
        {
            var left = form
                .Products.Where((_, k) => (products >> k & 1) == 0)
                .Select(product => $"another product is added to {Gate()} ({product.Node.Name})")
                .Concat(
                    form.Variables.Where((_, k) => (variables >> k & 1) == 0)
                        .Select(variable => $"{string.Join(", ", variable.Names)} is added to {Gate()}"))
                .Concat(
                    form.Others.Where((_, k) => (others >> k & 1) == 0)
                        .Where(_ => !form.Products.Any(product => product.IsScaled))
                        .Select(other => $"{other.Place.At.Node.Name} is added to {Gate()}"));
            foreach (var obstacle in left)
            {
                if (!sum.IsLinear)
                {
                    return null;
                }

                bound = bound.WithObstacle(obstacle);
            }

            return bound;
        }

        private const string Normalised = "its pre-activations are normalised or scaled";
    }
}
