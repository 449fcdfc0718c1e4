using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>Which layer of the Keras file holds which cell, by name; and its weights, as Keras would take them.</summary>
public static class LayerPairing
{
    /// <summary>Finds the layer of every cell.</summary>
    /// <param name="model">The cells.</param>
    /// <param name="file">The Keras file.</param>
    /// <param name="names">Names that the user gave (<c>--layer SCOPE=NAME</c>).</param>
    /// <exception cref="UnsupportedModelException">A cell has no layer, or a layer's shapes are not the cell's.</exception>
    public static IReadOnlyDictionary<RecognizedCell, KerasLayer> Pair(RecognizedModel model, KerasWeightsFile file, IReadOnlyList<Scoped<string>> names)
    {
        var result = new Dictionary<RecognizedCell, KerasLayer>(ReferenceEqualityComparer.Instance);
        var byName = file.Layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        foreach (var group in model.Groups)
        {
            foreach (var cell in group.Cells)
            {
                var given = names.LastOrDefault(name => name.Scope == cell.Scope || name.Scope == LayerName.Of(cell.Scope))?.Value;
                if (byName.TryGetValue(given ?? LayerName.Of(cell.Scope), out var own) && own.Weights.Count is 2 or 3)
                {
                    var projection = cell.Projection is null ? null : byName.GetValueOrDefault(own.Name + "_projection");
                    result[cell] = Read(cell, own.Name, own.Weights, projection);
                }
                else if (Merged(group, cell, given, names, byName) is { } merged)
                {
                    result[cell] = Read(cell, merged.Name, [.. merged.Weights.Skip(cell.Direction == Direction.Backward ? 3 : 0).Take(3)], null);
                }
                else if (given is null && file.Layers.Count == 1 && model.Cells.Count() == 1)
                {
                    result[cell] = Read(cell, file.Layers[0].Name, file.Layers[0].Weights, null);
                }
                else
                {
                    throw new UnsupportedModelException(
                        $"The Keras file has no layer for {cell.Scope}: neither {given ?? LayerName.Of(cell.Scope)} nor a Bidirectional above it. Its layers are {string.Join(", ", file.Layers.Select(layer => layer.Name))}; say which with --layer {cell.Scope}=NAME.");
                }
            }
        }

        return result;
    }

    private static KerasFileLayer? Merged(RecognizedGroup group, RecognizedCell cell, string? given, IReadOnlyList<Scoped<string>> names, Dictionary<string, KerasFileLayer> byName)
    {
        var partner = group.Cells.FirstOrDefault(other => other.Level == cell.Level && other.Direction != cell.Direction);
        if (partner is null)
        {
            return null;
        }

        var (left, right) = (cell.Scope.Split('/'), partner.Scope.Split('/'));
        var common = string.Join('/', left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Select(pair => pair.First));
        var scopes = new[] { group.Scope, common };
        var candidates = new[] { given, names.LastOrDefault(name => scopes.Contains(name.Scope))?.Value }
            .Concat(group.Cells.Any(other => other.Level > 0) ? [LayerName.Of(common), $"bidirectional_{cell.Level}"] : [LayerName.Of(group.Scope), LayerName.Of(common), "bidirectional"]);
        return candidates.Where(name => name is not null).Select(name => byName.GetValueOrDefault(name!)).FirstOrDefault(layer => layer is { Weights.Count: 6 });
    }

    private static KerasLayer Read(RecognizedCell cell, string name, IReadOnlyList<Tensor> weights, KerasFileLayer? projection)
    {
        var className = cell.CellName switch
        {
            "LSTMCell" or "BlockLSTMV2" or "KerasLSTM" or "SonnetLSTM" => "LSTM",
            "BasicRNNCell" or "KerasSimpleRNN" or "SonnetVanillaRNN" => "SimpleRNN",
            _ => "GRU",
        };
        var gates = className == "LSTM" ? 4 : className == "GRU" ? 3 : 1;
        var width = (long)gates * cell.Units;
        if (weights.Count < 2 || !weights[0].Shape.Equals(new Shape(cell.InputSize, width)) || !weights[1].Shape.Equals(new Shape(cell.Units, width)))
        {
            throw new UnsupportedModelException(
                $"The Keras layer {name} has {string.Join(", ", weights.Select(weight => weight.Shape))}; a {className} for {cell.Scope} has ({cell.InputSize}, {width}), ({cell.Units}, {width}). Say which layer is meant with --layer {cell.Scope}=NAME.");
        }

        if (cell.Projection is not null && (projection is not { Weights: [var dense] } || !dense.Shape.Equals(new Shape(cell.Units, cell.Projection.Value))))
        {
            throw new UnsupportedModelException($"The Keras file has no Dense {name}_projection of shape ({cell.Units}, {cell.Projection}), which {cell.Scope} needs behind its LSTM.");
        }

        var bias = weights.Count > 2 ? weights[2] : null;
        if (bias is not null && bias.Shape.ElementCount != width && !(className == "GRU" && bias.Shape.Equals(new Shape(2, width))))
        {
            throw new UnsupportedModelException($"The Keras layer {name} has a bias of shape {bias.Shape}; {className} of {cell.Units} units has ({width},).");
        }

        return new KerasLayer(name, className, cell.Units, cell.InputSize, weights[0].ToDoubles(), weights[1].ToDoubles(), bias?.ToDoubles() ?? new double[width])
        {
            Activation = cell.Activation.Value,
            ResetAfter = bias?.Shape.Rank == 2,
            Projection = projection?.Weights[0].ToDoubles(),
            ProjectionSize = cell.Projection ?? 0,
        };
    }
}
