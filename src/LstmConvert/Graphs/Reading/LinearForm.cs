namespace LstmConvert.Graphs.Reading;

/// <summary>A place as a sum: products with variables, variables, numbers, and what else is added.</summary>
/// <param name="Products">Products with variables.</param>
/// <param name="Variables">Variables that are added.</param>
/// <param name="Others">Anything else.</param>
/// <param name="Number">The numbers, added up.</param>
/// <param name="NumberNode">The node of the first number, or null.</param>
internal sealed record LinearForm(
    IReadOnlyList<LinearForm.Product> Products,
    IReadOnlyList<VariablePart> Variables,
    IReadOnlyList<(Place Place, bool IsNegative)> Others,
    double Number,
    string? NumberNode)
{
    /// <summary>More nodes than the sum of a gate has in any program.</summary>
    private const int MaximumNodes = 48;

    /// <summary>A product with a variable.</summary>
    /// <param name="Node">The node that multiplies.</param>
    /// <param name="Factor">What is multiplied with the variable.</param>
    /// <param name="Kernel">The variable.</param>
    /// <param name="IsScaled">True if it is scaled or shifted by something that is computed before it is added.</param>
    public sealed record Product(GraphNode Node, Output Factor, VariablePart Kernel, bool IsScaled)
    {
        /// <summary>True for a convolution that keeps the size.</summary>
        public bool IsConvolution { get; init; }
    }

    /// <summary>The sum at a place; null if it has too many terms to be a cell's.</summary>
    public static LinearForm? Of(Place start, PlaceFinder places)
    {
        var products = new List<Product>();
        var added = new List<VariablePart>();
        var others = new List<(Place, bool)>();
        var (number, numberNode) = (0.0, (string?)null);
        var todo = new Stack<(Place, bool)>([(start, false)]);
        for (var count = 0; todo.Count > 0; count++)
        {
            var (place, isNegative) = todo.Pop();
            var node = place.At.Node;
            if (count > MaximumNodes || node.Inputs.Count > MaximumNodes)
            {
                return null;
            }

            if (Normalisation.At(node) is not null)
            {
                // One value, though it is spelled as a sum.
                others.Add((place, isNegative));
            }
            else if (Operations.IsSum(node))
            {
                for (var k = node.Inputs.Count - 1; k >= 0; k--)
                {
                    if (places.Of(place, k) is not { } input)
                    {
                        return null;
                    }

                    todo.Push((input, isNegative ^ (Operations.IsDifference(node) && k == 1)));
                }
            }
            else if (Operations.IsNegation(node) && places.Of(place, 0) is { } negated)
            {
                todo.Push((negated, !isNegative));
            }
            else if (GraphVariables.Scalar(place.At) is { } scalar)
            {
                number += isNegative ? -scalar.Value : scalar.Value;
                numberNode ??= scalar.Node;
            }
            else if (!isNegative && ProductAt(place, places) is { } product)
            {
                products.Add(product);
            }
            else if (!isNegative && places.VariableAt(place) is { } variable)
            {
                added.Add(variable);
            }
            else
            {
                others.Add((place, isNegative));
            }
        }

        return new LinearForm(products, added, others, number, numberNode);
    }

    /// <summary>The product with a variable at a place, or null.</summary>
    public static Product? ProductAt(Place place, PlaceFinder places)
    {
        var node = place.At.Node;
        var isConvolution = Operations.IsConvolution(node);
        return
            (Operations.IsProduct(node) || isConvolution)
            && node.Input(0) is { } factor
            && places.Of(place, 1) is { } right
            && places.VariableAt(right) is { } kernel
            && !Operations.IsTransposed(node)
            ? new Product(node, factor, kernel, IsScaled: false) { IsConvolution = isConvolution }
            : null;
    }

    /// <summary>The products behind a normalisation: behind whatever scales and shifts a place.</summary>
    public static IEnumerable<Product> Scaled(Place start, PlaceFinder places)
    {
        var todo = new Queue<Place>([start]);
        for (var count = 0; todo.Count > 0 && count < MaximumNodes; count++)
        {
            var place = todo.Dequeue();
            if (ProductAt(place, places) is { } product)
            {
                yield return product with { IsScaled = true };
                yield break;
            }

            if (Operations.IsNormalising(place.At.Node))
            {
                for (var k = 0; k < Math.Min(place.At.Node.Inputs.Count, 4); k++)
                {
                    if (places.Of(place, k) is { } input)
                    {
                        todo.Enqueue(input);
                    }
                }
            }
        }
    }
}
