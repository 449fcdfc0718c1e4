using System.Globalization;
using LstmConvert.Cells;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>What the graph beside the variables says of the cells: matched by the variables' names, never by those of operations.</summary>
internal sealed class GraphEvidence
{
    private readonly Dictionary<string, GraphCell> byVariable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Leaf> leaves = new(StringComparer.Ordinal);
    private readonly string path;

    public GraphEvidence(Graph graph)
    {
        path = graph.Path;
        foreach (var cell in CellFinder.Find(graph, GraphPatterns.Cells, GraphPatterns.Activations))
        {
            foreach (var name in cell.Variables.Values.SelectMany(names => names))
            {
                byVariable.TryAdd(name, cell);
            }

            // Of cells that compute the same the one with Keras' own roles.
            var roles = (cell.Matches.FirstOrDefault(match => match.Variables.ContainsKey("recurrent_kernel")) ?? cell.Matches[0]).Variables;
            var scope = Scope(cell);
            foreach (var (role, names) in roles)
            {
                for (var k = 0; k < names.Count; k++)
                {
                    leaves.TryAdd(names[k], new Leaf(scope, role, names.Count == 1 ? null : k));
                }
            }
        }
    }

    /// <summary>The role that a variable has in the graph, for names that say nothing themselves.</summary>
    public Leaf? LeafOf(string name) => leaves.GetValueOrDefault(name);

    /// <summary>The cell of the graph that reads one of these variables, or null.</summary>
    public GraphCell? Find(IEnumerable<Tensor> variables) => variables
        .SelectMany(tensor => tensor is ConcatenatedTensor joined ? joined.Parts.Select(part => part.Name).Append(tensor.Name) : [tensor.Name])
        .Select(name => byVariable.GetValueOrDefault(name)).FirstOrDefault(cell => cell is not null);

    /// <summary>Names in the catalog of cells that compute what the graph shows; nothing if none does.</summary>
    public static IReadOnlyList<string> CatalogNames(GraphCell cell) => [.. cell.Matches.Select(match => match.Cell).Distinct(StringComparer.Ordinal)];

    /// <summary>Gives a cell the facts of the graph, where no option says otherwise.</summary>
    /// <exception cref="UnsupportedModelException">The graph shows that the cell computes something else.</exception>
    /// <exception cref="UndecidedException">The graph contradicts itself, or an option under <c>--strict</c>.</exception>
    public RecognizedCell Apply(RecognizedCell cell, RecognitionOptions options, List<string> warnings)
    {
        if (Find(cell.Variables.Values) is not { } found)
        {
            // Layers of TensorFlow 2 keep no constant outside their weights; some of their graphs are fused.
            if (cell.Variables.ContainsKey("recurrent_kernel") || cell.Variables.ContainsKey("w_h"))
            {
                return cell;
            }

            warnings.Add($"{cell.Scope}: {path} shows no cell that reads these variables; its constants are not taken from there.");
            return cell;
        }

        Refuse(cell, found);
        return cell with
        {
            ForgetBias = found.Number("forget_bias") is { } forgetBias && cell.ForgetBias is { } said
                ? Decide(cell, "--forget-bias", said, cell.Round(forgetBias.Value), forgetBias.Node, options, warnings) : cell.ForgetBias,
            Activation = found.Word("activation") is { } activation ? Decide(cell, "--activation", cell.Activation, activation.Value, activation.Node, options, warnings) : cell.Activation,
            CellClip = found.Number("cell_clip") is { } clip ? new Fact<double>(clip.Value, EvidenceKind.Graph, clip.Node) : null,
            ProjectionClip = found.Number("proj_clip") is { } limit ? new Fact<double>(limit.Value, EvidenceKind.Graph, limit.Node) : null,
            Residual = found.Residual is { } residual ? new Fact<bool>(residual.Value, EvidenceKind.Graph, residual.Node) : null,
            SequenceLengths = found.SequenceLengths is { } lengths ? new Fact<bool>(lengths.Value, EvidenceKind.Graph, lengths.Node) : null,
        };
    }

    private static Fact<T> Decide<T>(RecognizedCell cell, string option, Fact<T> said, T found, string node, RecognitionOptions options, List<string> warnings)
        where T : notnull
    {
        if (said.Evidence != EvidenceKind.Option)
        {
            return new Fact<T>(found, EvidenceKind.Graph, node);
        }

        if (!said.Value.Equals(found))
        {
            var contradiction = $"{cell.Scope}: {option} says {new Fact<T>(said.Value, EvidenceKind.Option).ToText()}, and the graph says {new Fact<T>(found, EvidenceKind.Graph).ToText()} ({node})";
            if (options.IsStrict)
            {
                throw new UndecidedException($"{contradiction}. Leave the option out, or name another graph with --graph.");
            }

            warnings.Add($"{contradiction}; the option is taken.");
        }

        return said;
    }

    private static void Refuse(RecognizedCell cell, GraphCell found)
    {
        var remedy = $"Leave it out with --exclude '{cell.Scope}/*'.";
        if (found.Obstacles.Count > 0)
        {
            throw new UnsupportedModelException($"{cell.Scope} is no plain {cell.CellName}: {string.Join("; ", found.Obstacles)}. {remedy}");
        }

        if (found.Loops > 1 && found.Loop.Value != GraphLoop.SingleStep && (found.IsBackward is null || found.Sources.Contains(found)))
        {
            throw new UnsupportedModelException(string.Create(CultureInfo.InvariantCulture, $"{cell.Scope} is one cell that {found.Loops} loops of the graph run, {(found.IsBackward is null ? "in both directions" : "one on the outputs of the other")}; a Keras layer stands for one loop. To convert its weights once, as one layer, say --graph none."));
        }

        if (!CatalogNames(found).Contains(cell.CellName))
        {
            throw new UnsupportedModelException($"{cell.Scope} would be {cell.CellName}, and the graph computes {string.Join(" or ", CatalogNames(found))} with it ({found.Node}). Say --cell {cell.Scope}={CatalogNames(found)[0]}.");
        }

        if (found.Disagreements.FirstOrDefault(one => !one.StartsWith("forget_bias", StringComparison.Ordinal) || cell.ForgetBias?.Evidence != EvidenceKind.Option) is { } disagreement)
        {
            throw new UndecidedException($"{cell.Scope}: the graph does not agree with itself: {disagreement}. Export the graph of one program, or name the value with an option.");
        }

        var missing = found.Variables.Keys.Where(role => role.EndsWith("_diag", StringComparison.Ordinal) || role == "projection/kernel").FirstOrDefault(role => !cell.Variables.ContainsKey(role));
        if (missing is not null)
        {
            throw new UnsupportedModelException($"{cell.Scope}: the graph reads {string.Join(", ", found.Variables[missing])} as its {missing}, and the source has no such variable. Export it too.");
        }

        if (found.Word("recurrent_activation") is { Value: not "sigmoid" } gates)
        {
            throw new UnsupportedModelException($"{cell.Scope} has the activation {gates.Value} for its gates ({gates.Node}), which no cell of TensorFlow 1 has and is not converted. {remedy}");
        }
    }

    /// <summary>The scope of a cell whose variables' names say nothing: what stands before the last component of its kernel.</summary>
    private string Scope(GraphCell cell)
    {
        var kernel = cell.Kernels[0];
        var slash = kernel.LastIndexOf('/');
        var scope = slash < 0 ? "" : kernel[..slash];
        var isTaken = leaves.Values.Any(leaf => leaf.Scope == scope);
        return scope.Length == 0 || isTaken ? kernel : scope;
    }
}
