namespace LstmConvert.Graphs.Reading;

/// <summary>
/// A value normalised over its last axis, in every way in which programs spell it: <c>batch_normalization</c> of <c>moments</c>, which
/// were computed in three ways since 0.12, or <c>(value - mean) / sqrt(variance + epsilon) * scale + shift</c> with its factors in any
/// order.
/// </summary>
/// <param name="Value">What is normalised.</param>
/// <param name="Scale">The factor.</param>
/// <param name="Shift">What is added.</param>
/// <param name="Epsilon">What is added to the variance.</param>
internal sealed record Normalisation(Output Value, Output Scale, Output Shift, double Epsilon)
{
    /// <summary>In how many equal parts it is normalised, each by itself: it is put in a shape of parts, and back in its own.</summary>
    public int Parts { get; private init; } = 1;

    /// <summary>Factors of one product; a normalisation has three.</summary>
    private const int MaximumFactors = 6;

    /// <summary>Products within one product.</summary>
    private const int MaximumVisits = 32;

    /// <summary>More parts than a cell has gates.</summary>
    private const int MaximumParts = 64;

    /// <summary>The normalisation that ends at a node; null for any other node.</summary>
    public static Normalisation? At(GraphNode node)
    {
        for (var k = 0; Operations.IsAddition(node) && node.Inputs.Count == 2 && k < 2; k++)
        {
            if (Behind(node.Input(k)) is not { } scaled || node.Input(1 - k) is not { } rest)
            {
                continue;
            }

            if (
                (Operations.IsTimes(scaled) ? OfMoments(scaled, rest) ?? OfDifference(scaled, rest) : null) is { } found
                && Behind(found.Value) is { } value
                && (Operations.IsReshape(value) ? PartsOf(value) : 1) is { } parts)
            {
                return found with { Parts = parts };
            }
        }

        return null;
    }

    /// <summary>The parts into which the last axis of two is cut by another shape; null where the shape does not tell them.</summary>
    private static int? PartsOf(GraphNode reshape)
    {
        var lengths =
            GraphVariables.Integers(reshape.Input(1)) ?? (
                Behind(reshape.Input(1)) is { Op: "Pack", Inputs.Count: 3 } pack
                && GraphVariables.Scalar(pack.Input(1)) is { } count
                && GraphVariables.Scalar(pack.Input(2)) is { } width
                    ? [0, (long)count.Value, (long)width.Value]
                    : null);
        return lengths is [_, > 1 and < MaximumParts and var parts, > 0] ? (int)parts : null;
    }

    /// <summary>value * factor + (shift - mean * factor), factor = rsqrt(variance + epsilon) * scale.</summary>
    private static Normalisation? OfMoments(GraphNode scaled, Output rest)
    {
        if (
            Behind(rest) is not { } difference
            || !Operations.IsDifference(difference)
            || difference.Input(0) is not { } shift
            || Behind(difference.Input(1)) is not { } centre
            || !Operations.IsTimes(centre))
        {
            return null;
        }

        for (var place = 0; place < 4; place++)
        {
            var (value, factor) = (scaled.Input(place & 1), GraphVariables.Behind(scaled.Input(1 - (place & 1))));
            var (mean, same) = (centre.Input(place >> 1), GraphVariables.Behind(centre.Input(1 - (place >> 1))));
            if (value is not { } one || factor is not { } multiplied || factor != same || mean is not { } average || !IsMean(average, one))
            {
                continue;
            }

            for (var k = 0; Operations.IsTimes(multiplied.Node) && k < 2; k++)
            {
                if (
                    Behind(multiplied.Node.Input(k)) is { Op: "Rsqrt" } root
                    && multiplied.Node.Input(1 - k) is { } scale
                    && EpsilonOf(root.Input(0), one, average) is { } epsilon)
                {
                    return new Normalisation(one, scale, shift, epsilon);
                }
            }
        }

        return null;
    }

    /// <summary>(value - mean) * scale / sqrt(variance + epsilon) + shift, or with rsqrt.</summary>
    private static Normalisation? OfDifference(GraphNode scaled, Output shift)
    {
        var (factors, roots) = (new List<Output>(), new List<Output?>());
        Spread(new Output(scaled, 0), factors, roots);
        if (roots is not [{ } squared] || factors.Count != 2)
        {
            return null;
        }

        for (var k = 0; k < 2; k++)
        {
            if (
                factors[k].Node is var difference
                && Operations.IsDifference(difference)
                && difference.Input(0) is { } value
                && difference.Input(1) is { } mean
                && IsMean(mean, value)
                && EpsilonOf(squared, value, mean) is { } epsilon)
            {
                return new Normalisation(value, factors[1 - k], shift, epsilon);
            }
        }

        return null;
    }

    /// <summary>The factors of a product, and what stands below its roots.</summary>
    private static void Spread(Output product, List<Output> factors, List<Output?> roots)
    {
        // A product may lead back to itself.
        var todo = new Stack<Output>([product]);
        for (
            var visits = 0;
            visits < MaximumVisits && factors.Count + roots.Count < MaximumFactors && todo.TryPop(out var at);
            visits++)
        {
            var found = GraphVariables.Behind(at) ?? at;
            found = Operations.IsReshape(found.Node) && found.Node.Input(0) is { } same ? GraphVariables.Behind(same) ?? same : found;
            var node = found.Node;
            if (Operations.IsTimes(node) && node.Input(0) is { } left && node.Input(1) is { } right)
            {
                todo.Push(left);
                todo.Push(right);
            }
            else if (Operations.IsDivision(node) && node.Input(0) is { } divided && Behind(node.Input(1)) is { Op: "Sqrt" } root)
            {
                todo.Push(divided);
                roots.Add(root.Input(0));
            }
            else if (node.Op == "Rsqrt")
            {
                roots.Add(node.Input(0));
            }
            else
            {
                factors.Add(found);
            }
        }
    }

    /// <summary>What is added to the variance of a value.</summary>
    private static double? EpsilonOf(Output? sum, Output value, Output mean)
    {
        var node = Behind(sum);
        for (var k = 0; node is not null && Operations.IsAddition(node) && node.Inputs.Count == 2 && k < 2; k++)
        {
            if (
                GraphVariables.Scalar(node.Input(1 - k)) is { } epsilon
                && node.Input(k) is { } variance
                && IsVariance(variance, value, mean))
            {
                return epsilon.Value;
            }
        }

        return null;
    }

    private static bool IsMean(Output mean, Output value) =>
        Behind(mean) is { } node
        && (
            IsMeanOf(node, value)
            || IsSumThrough(node, value)
            || (
                Operations.IsAddition(node)
                && Enumerable.Range(0, 2).Any(k =>
                    Behind(node.Input(k)) is { } shifted && node.Input(1 - k) is { } pivot && IsShifted(shifted, value, pivot))));

    /// <summary>The mean of value less a pivot.</summary>
    private static bool IsShifted(GraphNode node, Output value, Output? pivot) =>
        SummedThrough(node, value) is { } sum
        && Behind(sum) is { } difference
        && Operations.IsDifference(difference)
        && Same(difference.Input(0), value)
        && (pivot is null || Same(difference.Input(1), pivot));

    private static bool IsVariance(Output variance, Output value, Output mean)
    {
        if (Behind(variance) is not { } node)
        {
            return false;
        }

        if (node.Op == "Mean")
        {
            return IsLastAxis(node, value) && Behind(node.Input(0)) is { } squares && IsSquareOfDifference(squares, value, mean);
        }

        // The mean of the squares less the square of the mean, of the value or of its difference to a pivot.
        return Operations.IsDifference(node)
            && Behind(node.Input(0)) is { } mean2
            && SummedThrough(mean2, value) is { } squared
            && Behind(squared) is { } square
            && Behind(node.Input(1)) is { Op: "Square" } ofMean
            && (
                (square.Op == "Square" && Same(square.Input(0), value) && Same(ofMean.Input(0), mean))
                || (
                    square.Op == "SquaredDifference"
                    && Same(square.Input(0), value)
                    && Behind(ofMean.Input(0)) is { } shifted
                    && IsShifted(shifted, value, square.Input(1))));
    }

    private static bool IsSquareOfDifference(GraphNode node, Output value, Output mean) =>
        node.Op == "SquaredDifference" ? Same(node.Input(0), value) && IsSameMean(node.Input(1), mean, value)
        : node.Op == "Square"
            && Behind(node.Input(0)) is { } difference
            && Operations.IsDifference(difference)
            && Same(difference.Input(0), value)
            && IsSameMean(difference.Input(1), mean, value);

    private static bool IsSameMean(Output? one, Output mean, Output value) => Same(one, mean) || (one is { } at && IsMean(at, value));

    private static bool IsMeanOf(GraphNode node, Output value) =>
        node.Op == "Mean" && IsLastAxis(node, value) && Same(node.Input(0), value);

    private static bool IsSumThrough(GraphNode node, Output value) => SummedThrough(node, value) is { } sum && Same(sum, value);

    /// <summary>What is summed up over the last axis and multiplied with one over the number of its elements.</summary>
    private static Output? SummedThrough(GraphNode node, Output value)
    {
        for (var k = 0; Operations.IsTimes(node) && k < 2; k++)
        {
            if (
                Behind(node.Input(k)) is { Op: "Sum" } sum
                && IsLastAxis(sum, value)
                && Behind(node.Input(1 - k)) is { Op: "Reciprocal" or "Inv" } one
                && IsCount(one.Input(0)))
            {
                return sum.Input(0);
            }
        }

        return null;
    }

    /// <summary>A number, or a product of the lengths of axes.</summary>
    private static bool IsCount(Output? output) =>
        GraphVariables.Scalar(output) is not null
        || (Behind(output) is { Op: "Cast" } cast && Behind(cast.Input(0)) is { Op: "Prod" });

    /// <summary>In parts the second axis counts them.</summary>
    private static bool IsLastAxis(GraphNode node, Output value) =>
        GraphVariables.Integers(node.Input(1)) is [var axis]
        && (axis is 2 or -1 || (axis == 1 && !(Behind(value) is { } whole && Operations.IsReshape(whole))));

    private static GraphNode? Behind(Output? output) => GraphVariables.Behind(output)?.Node;

    private static bool Same(Output? one, Output? other) =>
        one is { } left && other is { } right && WithoutShape(left) == WithoutShape(right);

    /// <summary>A mean keeps its numbers in another shape.</summary>
    private static Output? WithoutShape(Output output) =>
        GraphVariables.Behind(output) is { } at && at.Node.Op == "Reshape" && Behind(at.Node.Input(0)) is { Op: "Mean" }
            ? GraphVariables.Behind(at.Node.Input(0))
            : GraphVariables.Behind(output);
}
