using LstmConvert.Facts;
using LstmConvert.Formats;
using LstmConvert.Formats.Numpy;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>
/// A source of recurrent weights, opened: its variables, the graph beside them, and what is recognised in both. Strictness is decided here:
/// whoever plans from a strict source cannot get a fact that nothing said.
/// </summary>
public sealed class RecurrentSource : IDisposable
{
    private GraphLoan? loan;

    private RecurrentSource(TensorSet variables, Graph? graph, RecognitionOptions options, IReadOnlyList<string> warnings)
    {
        (Variables, Graph, Options) = (variables, graph, options);
        Model = Recognizer.Recognize(variables, graph, options, warnings);
    }

    /// <summary>The variables.</summary>
    public TensorSet Variables { get; }

    /// <summary>What was recognised.</summary>
    public SourceModel Model { get; }

    /// <summary>The graph that was read, or null.</summary>
    public Graph? Graph { get; }

    /// <summary>What was said of the source.</summary>
    internal RecognitionOptions Options { get; }

    /// <summary>Opens a source.</summary>
    /// <param name="path">A checkpoint, a SavedModel, a frozen graph, a folder of .npy files, an .npz.</param>
    /// <exception cref="LstmConvertException">It cannot be read, or is ambiguous.</exception>
    public static RecurrentSource Open(string path) => Open([path], new SourceOptions(), new RecognitionOptions());

    /// <summary>Opens a source.</summary>
    /// <param name="paths">One path, or several .npy files that together are one source.</param>
    /// <param name="reading">How to read it.</param>
    /// <param name="options">What is said of it.</param>
    /// <exception cref="LstmConvertException">It cannot be read, or is ambiguous.</exception>
    public static RecurrentSource Open(IReadOnlyList<string> paths, SourceOptions reading, RecognitionOptions options)
    {
        var set = SourceCatalog.Open(paths, reading);
        try
        {
            var warnings = new List<string>();
            var loan = OpenGraph(set, options, warnings);
            return new RecurrentSource(set, loan?.Graph, options, warnings) { loan = loan };
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <summary>A source whose variables and graph are open already; it closes the variables.</summary>
    internal static RecurrentSource Of(TensorSet variables, Graph? graph, RecognitionOptions options) => new(variables, graph, options, []);

    /// <summary>The recurrent cells that a graph computes, whatever variables lie beside it.</summary>
    /// <param name="graph">The graph.</param>
    public static IReadOnlyList<GraphCell> CellsOf(Graph graph) => GraphEvidence.CellsOf(graph);

    /// <summary>Why a variable belongs to training and not to the model, as a phrase; null if it may be a weight.</summary>
    /// <param name="name">The variable's name.</param>
    public static string? TrainingVariable(string name) => LeftOutVariables.Reason(name);

    /// <summary>The graph that is named, else the one beside the variables; a graph nobody named that is broken is said and left
    /// alone.</summary>
    private static GraphLoan? OpenGraph(TensorSet set, RecognitionOptions options, List<string> warnings)
    {
        GraphLoan Open(string path) => options.Graphs?.Open(path) ?? new GraphLoan(Graph.Open(path), []);
        if (options.Graph is { } named && named != set.Path)
        {
            return named == RecognitionOptions.NoGraph ? null : Open(named);
        }

        if (set.GraphPath is not { } beside)
        {
            return null;
        }

        if (set.IsGraphAlone)
        {
            return Open(beside);
        }

        try
        {
            return Open(beside);
        }
        catch (UnreadableInputException e)
        {
            warnings.Add($"the graph beside the variables is not used: {e.Message}");
            return null;
        }
    }

    /// <summary>Refuses what is not decided: an open question, and where the source is strict whatever is only assumed, all in one
    /// message.</summary>
    /// <exception cref="UndecidedException">Something is not decided.</exception>
    internal void RefuseUndecided()
    {
        if (Refusal.OfQuestions(Model) is { } open)
        {
            throw open;
        }

        if (Options.IsStrict && Refusal.OfAssumptions(Model) is { } assumed)
        {
            throw assumed;
        }
    }

    /// <summary>The same source without some variables: to try whether the rest converts.</summary>
    internal SourceModel Without(IReadOnlyList<string> patterns) =>
        Recognizer.Recognize(Variables, Graph, Options with { Exclude = [.. Options.Exclude, .. patterns] }, []);

    /// <inheritdoc/>
    public void Dispose()
    {
        Variables.Dispose();
        if (Interlocked.Exchange(ref loan, null) is { } lent)
        {
            Options.Graphs?.Return(lent);
        }
    }
}
