using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Models;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>
/// The source's own graph as the witness of a whole model: from what the program is given to what it computes of its layers' outputs, where
/// recognition found both.
/// </summary>
internal static class GraphAroundWitness
{
    /// <summary>Runs it; null where there is no graph, where the model's inputs and outputs are not found in it, or where it cannot be run,
    /// which is noted.</summary>
    /// <param name="source">The source.</param>
    /// <param name="keras">The whole Keras model.</param>
    /// <param name="options">The sample's seed, the limits, other feeds.</param>
    /// <param name="notes">Gets what is to be said.</param>
    public static GraphCutResult? Run(RecurrentSource source, Model keras, VerificationOptions options, List<string> notes)
    {
        if (source.Graph is null || Ends(source.Model, keras) is not { Count: > 0 } ends)
        {
            return null;
        }

        var program = GraphProgram.Of(source.Graph, source.Variables);
        var first = keras with { Outputs = [.. keras.Outputs.Take(ends.Count)] };
        var (said, problem) = (new List<string>(), "");
        foreach (var tensors in new[] { ends, Outside(source.Graph, ends) }.OfType<IReadOnlyList<string>>())
        {
            try
            {
                var cut = new GraphCut(Entries(source, program, keras, tensors), tensors);
                var result = GraphCutRun.Run(source, first, cut, options with { Input = null, Expected = null }, said);
                var doubts = !result.IsSame
                    ? result.IsRandom
                        ? ["it draws random numbers on the way"]
                        : []
                    : GraphCutVerifier.Doubts(first, result, options, said).ToArray();
                notes.AddRange(
                    doubts.Length > 0
                        ? [$"the source's own graph, run from input to output, shows nothing: {doubts[0].TrimEnd('.')}"]
                        :
                        [
                            $"the source's own graph was run {result.Text}",
                            .. said.Where(note => !notes.Contains(note, StringComparer.Ordinal)),
                        ]);
                return doubts.Length > 0 ? null : result with { IsWhole = ends.Count == keras.Outputs.Count };
            }
            catch (LstmConvertException e)
            {
                problem = problem.Length > 0 ? problem : e.Message;
            }
        }

        notes.Add($"the source's own graph is not run from input to output: {problem}");
        return null;
    }

    /// <summary>The nodes that the model's first outputs are: what is computed of the layers, else the layers' own sequences.</summary>
    private static IReadOnlyList<string>? Ends(SourceModel source, Model keras)
    {
        var around = source.Around.Value;
        if (around.Outputs.Count > 0)
        {
            return around.Outputs.Count <= keras.Outputs.Count ? around.OutputNodes : null;
        }

        var taps = source
            .Model.Outputs.Select(port =>
                source.Layers.FirstOrDefault(layer => layer.Output == port && !layer.IsBackward)?.Watched?.Taps.Value)
            .ToArray();
        return taps.Length == keras.Outputs.Count && Array.TrueForAll(taps, tap => (tap?.Output ?? tap?.Sum) is not null)
            ? [.. taps.Select(tap => (tap!.Output ?? tap.Sum)!.Tensor)]
            : null;
    }

    /// <summary>What is put together of nodes that lie in a loop; null where they do not.</summary>
    private static IReadOnlyList<string>? Outside(Graph graph, IReadOnlyList<string> ends)
    {
        var gathered = ends.Select(end => TapFinder.Gathered(graph, end)?.Tensor).ToArray();
        return Array.TrueForAll(gathered, tensor => tensor is not null) ? [.. gathered.OfType<string>()] : null;
    }

    /// <summary>The nodes that the model's inputs are, as recognition found them or by their names; empty where the outputs are computed
    /// from others: a program may have its model twice.</summary>
    private static string[] Entries(RecurrentSource source, GraphProgram program, Model keras, IReadOnlyList<string> ends)
    {
        var (around, needed) = (source.Model.Around.Value, program.InputsOf(ends));
        var from = keras
            .Inputs.Select(input => around.NodeOf(input.Name) ?? (program.Has(input.Name) ? input.Name : null))
            .OfType<string>()
            .ToArray();
        return from.Length == keras.Inputs.Count && Array.TrueForAll(from, name => needed.Contains(name) || !program.IsInput(name))
            ? from
            : [];
    }
}
