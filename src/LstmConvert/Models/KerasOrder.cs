using LstmConvert.Equations;

namespace LstmConvert.Models;

/// <summary>
/// The order of a model's layers in Keras (keras 2.2.4 keras/engine/network.py _map_graph_network, 3.15.1 src/ops/function.py map_graph):
/// those furthest
/// from the outputs first, and of equal ones the one that is met first on the way back from the outputs. Weights in files follow it.
/// </summary>
internal static class KerasOrder
{
    /// <summary>The layers, without inputs.</summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<CalledLayer> Of(Model model)
    {
        var layers = model.Layers;
        if (model.IsSequential || model.Calls.Count == 0)
        {
            return layers;
        }

        var byCall = layers
            .SelectMany(layer => layer.Calls.Select(call => (call.Name, layer)))
            .ToDictionary(pair => pair.Name, pair => pair.layer, StringComparer.Ordinal);
        var calls = model.Calls.ToDictionary(call => call.Name, StringComparer.Ordinal);
        var (finished, met) = Backwards(model, calls, byCall);
        var (callDepths, depths) = (
            new Dictionary<string, int>(StringComparer.Ordinal),
            new Dictionary<ICallable, int>(ReferenceEqualityComparer.Instance));
        foreach (var call in Enumerable.Reverse(finished))
        {
            var depth = Math.Max(callDepths.GetValueOrDefault(call.Name), depths.GetValueOrDefault(call.Callee));
            depths[call.Callee] = callDepths[call.Name] = depth;
            foreach (var before in call.Reads.Select(port => port.From).Where(calls.ContainsKey))
            {
                callDepths[before] = Math.Max(depth + 1, callDepths.GetValueOrDefault(before));
            }
        }

        // What no output needs is not a part of the model in Keras; it comes last.
        return
        [
            .. layers
                .OrderByDescending(layer => depths.GetValueOrDefault(layer.Callee, -1))
                .ThenBy(layer => met.GetValueOrDefault(layer.Callee, int.MaxValue)),
        ];
    }

    /// <summary>Walks back from the outputs, depth first, without a stack as deep as the model.</summary>
    /// <returns>The calls, each after what feeds it; and each layer's place in the order in which they were met.</returns>
    private static (List<Call> Finished, Dictionary<ICallable, int> Met) Backwards(
        Model model,
        Dictionary<string, Call> calls,
        Dictionary<string, CalledLayer> byCall)
    {
        var (finished, met) = (new List<Call>(), new Dictionary<ICallable, int>(ReferenceEqualityComparer.Instance));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<(Call Call, IEnumerator<Port> Reads)>();
        foreach (var output in model.Outputs)
        {
            Enter(output);
            while (open.TryPeek(out var top))
            {
                if (top.Reads.MoveNext())
                {
                    Enter(top.Reads.Current);
                }
                else
                {
                    finished.Add(open.Pop().Call);
                }
            }
        }

        return (finished, met);

        void Enter(Port port)
        {
            if (calls.TryGetValue(port.From, out var call) && seen.Add(port.From))
            {
                met.TryAdd(byCall[port.From].Callee, met.Count);
                open.Push((call, call.Reads.GetEnumerator()));
            }
        }
    }
}
