using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>The operations with which a pattern may end, so that it is tried nowhere else.</summary>
internal sealed class PatternRoots(ActivationTable activations)
{
    private readonly HashSet<string> operations = new(StringComparer.Ordinal);
    private bool isSum;
    private bool isActivation;

    /// <summary>The output of the operation that the pattern is, or 0.</summary>
    public int OutputIndex { get; private set; }

    /// <summary>What a term may end with.</summary>
    public static PatternRoots Of(PatternTerm term, ActivationTable activations)
    {
        var roots = new PatternRoots(activations);
        roots.Add(term);
        return roots;
    }

    /// <summary>Adds what a term may end with.</summary>
    private void Add(PatternTerm term)
    {
        switch (term)
        {
            case PatternTerm.Named named:
                Add(named.Inner);
                break;
            case PatternTerm.Sum or PatternTerm.ComputedProduct or PatternTerm.Product { Kernel.IsOptional: false }:
                isSum = true;
                break;
            case PatternTerm.Times:
                operations.UnionWith(Operations.OfTimes);
                break;
            case PatternTerm.Product product:
                operations.UnionWith(Operations.OfProducts);
                Add(product.Factor);
                break;
            case PatternTerm.Apply apply:
                isActivation = true;
                if (apply.IsFact)
                {
                    Add(apply.Argument);
                }

                break;
            case PatternTerm.Clip clip:
                operations.UnionWith(Operations.OfLimits);
                Add(clip.Argument);
                break;
            case PatternTerm.Attended:
                operations.UnionWith(Operations.OfTotals);
                break;
            case PatternTerm.Moved or PatternTerm.Join:
                operations.UnionWith(Operations.OfJoins);
                break;
            case PatternTerm.Operation operation:
                operations.UnionWith(operation.Whole.Names);
                OutputIndex = operation.Output;
                break;
        }
    }

    /// <summary>True if the pattern may end at some node of an operation: what is asked of each node is asked of few.</summary>
    public bool MayFit(GraphNode node) =>
        operations.Contains(node.Op)
        || (isActivation && activations.MayEndWith(node.Op))
        || (isSum && (Operations.IsProduct(node) || Operations.IsSum(node)));

    /// <summary>True if the pattern may end at a node.</summary>
    public bool Fit(GraphNode node) =>
        operations.Contains(node.Op) || (isActivation && activations.MayEndWith(node.Op)) || (isSum && EndsSum(node));

    /// <summary>True for a sum that is no part of a larger one alone.</summary>
    private static bool EndsSum(GraphNode node) =>
        Operations.IsProduct(node)
        || (Operations.IsSum(node) && (node.Users.Count == 0 || node.Users.Exists(user => !Operations.IsSum(user.Node))));
}
