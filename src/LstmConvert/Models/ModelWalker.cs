using LstmConvert.Arrays;
using LstmConvert.Equations;

namespace LstmConvert.Models;

/// <summary>
/// Evaluates a model: the order of its calls and what feeds what, as data. It knows no direction, length, state order or mask; those are
/// of the loops that the calls run.
/// </summary>
internal static class ModelWalker
{
    /// <summary>Computes the outputs of a model.</summary>
    /// <param name="model">The model; its calls stand after what feeds them.</param>
    /// <param name="inputs">The inputs by name.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <param name="initialStates">Initial states by the name of a call, where the model itself does not feed them; what is not here starts
    /// from zeros.</param>
    /// <param name="observe">Told every call, what it was called with and what it gave.</param>
    /// <exception cref="UnsupportedModelException">Something that is called is not known to compute.</exception>
    /// <exception cref="UsageException">An input is missing.</exception>
    /// <exception cref="UnreadableInputException">A layer is fed another width than its weights have.</exception>
    public static IReadOnlyList<Value> Run(
        Model model,
        IReadOnlyDictionary<string, Value> inputs,
        Precision precision,
        IReadOnlyDictionary<string, IReadOnlyList<NumericArray>>? initialStates = null,
        Action<Call, CallInputs, CallResult>? observe = null)
    {
        var results = new Dictionary<string, CallResult>(StringComparer.Ordinal);
        foreach (var input in model.Inputs)
        {
            results[input.Name] = inputs.TryGetValue(input.Name, out var value)
                ? CallResult.Of(value with { Data = value.Data.In(precision) })
                : throw new UsageException($"The model's input {input.Name} is not given.");
        }

        var lastUse = LastUses(model);
        for (var k = 0; k < model.Calls.Count; k++)
        {
            var call = model.Calls[k];
            if (call.Callee.CarriesStates && model.Calls.Take(k).Any(before => ReferenceEquals(before.Callee, call.Callee)))
            {
                throw new UnsupportedModelException(
                    $"{call.Name} ({call.Callee.ClassName}) is stateful and called more than once: it begins where the call before it ended, which is not known to compute.");
            }

            var states = call.InitialStates is { } ports ? [.. ports.Select(port => Read(results, port).Data)]
                : initialStates is not null && initialStates.TryGetValue(call.Name, out var given)
                    ? given.Select(state => state.In(precision)).ToArray()
                : null;
            var fed = new CallInputs([.. call.Inputs.Select(port => Read(results, port))], states, precision)
            {
                IgnoresMask = call.IgnoresMask,
                Keywords = [.. call.Keywords.Select(keyword => (keyword.Name, Read(results, keyword.Port)))],
            };
            var result = Run(call, fed);
            observe?.Invoke(call, fed, result);
            results[call.Name] = result;

            // What nothing reads any more is let go: a model may be deep.
            foreach (var done in call.Reads.Select(port => port.From).Append(call.Name).Distinct()
                .Where(name => lastUse.GetValueOrDefault(name, -1) <= k))
            {
                results.Remove(done);
            }
        }

        return [.. model.Outputs.Select(port => Read(results, port))];
    }

    private static CallResult Run(Call call, CallInputs fed)
    {
        try
        {
            return call.Callee.Run(fed);
        }
        catch (MatrixMismatchException e)
        {
            throw new UnreadableInputException(
                $"{call.Name} ({call.Callee.ClassName}) is fed another width than its weights have: {e.Message} The model's structure and its weights are of different models.",
                e);
        }
    }

    private static Dictionary<string, int> LastUses(Model model)
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var k = 0; k < model.Calls.Count; k++)
        {
            foreach (var port in model.Calls[k].Reads)
            {
                last[port.From] = k;
            }
        }

        foreach (var port in model.Outputs)
        {
            last[port.From] = int.MaxValue;
        }

        return last;
    }

    private static Value Read(Dictionary<string, CallResult> results, Port port) =>
        port.State is { } state ? new Value(results[port.From].FinalStates[state]) : results[port.From].Outputs[port.Output];
}
