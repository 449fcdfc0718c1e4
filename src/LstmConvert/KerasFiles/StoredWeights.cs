using System.Runtime.InteropServices;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>Gives layers the weights that a file has for them, and reads them.</summary>
internal static class StoredWeights
{
    /// <summary>A layer or a nested model with the weights of a file, in the order of <c>get_weights()</c>.</summary>
    /// <param name="callee">The layer, without weights.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="weights">The weights; those of a nested model are one list.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="UnreadableInputException">They are others than the layer's arguments say.</exception>
    public static ICallable Attach(ICallable callee, string name, IReadOnlyList<Tensor> weights, string path) => callee switch
    {
        KerasUse use => Attach(use, name, weights, path),
        NestedModel nested => Attach(nested, name, weights, path),
        _ => callee,
    };

    /// <summary>A layer with the weights of a file.</summary>
    /// <param name="use">The layer, without weights.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="weights">The weights as the file has them: those of old Kerases are put in today's form.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="UnreadableInputException">They are others than the layer's arguments say.</exception>
    public static KerasUse Attach(KerasUse use, string name, IReadOnlyList<Tensor> weights, string path)
    {
        if (Convolutions.HasTheanosOrder(use))
        {
            throw new UnsupportedModelException(
                $"{path}: {name} is {use.ClassName} with dim_ordering=th of Keras 1: its channels come first, and its kernel lies in Theano's order, which is not converted. Save the model from Keras 1 with dim_ordering=tf."
            );
        }

        var definitions = (use with { Stored = weights }).WeightDefinitions;
        if (IsUnknown(use) || Fits(definitions, weights.Select(Lengths)))
        {
            return use with { Stored = weights };
        }

        var arrays = weights.Select(tensor => Read(tensor, path)).ToArray();
        if (InTodaysForm(use, arrays) is not { } loaded || !Fits(definitions, loaded.Select(array => array.Dimensions)))
        {
            throw new UnreadableInputException(
                $"{path}: the weights of {name} are {Text(weights.Select(weight => weight.Shape.ToString()))}; {Say(use)} has {Text(definitions.Select(weight => $"{weight.Name} {weight.Shape}"))}. The configuration and the weights are of different models."
            );
        }

        var dtype = weights.Any(weight => weight.DType == DType.Float64) ? DType.Float64 : DType.Float32;
        return use with { Stored = [.. loaded.Zip(definitions, (array, weight) => InMemory($"{name}/{weight.Name}", array, dtype))] };
    }

    /// <summary>True if nothing is known of a layer, or of one inside it.</summary>
    /// <param name="use">The layer.</param>
    public static bool IsUnknown(KerasUse use) => use.UnknownConfiguration is not null || use.Inner.Any(IsUnknown);

    /// <summary>A model whose layers have read their weights, in float64.</summary>
    /// <param name="model">The model, its weights attached.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="UnsupportedModelException">A weight holds no floating-point numbers.</exception>
    /// <exception cref="UnreadableInputException">A weight cannot be read.</exception>
    public static Model Loaded(Model model, string path) => model.With(layer => layer.Callee switch
    {
        KerasUse use => Loaded(use, path),
        NestedModel nested => nested with { Model = Loaded(nested.Model, path) },
        var other => other,
    });

    /// <summary>A layer that has read its weights, in float64.</summary>
    /// <param name="use">The layer, its weights attached.</param>
    /// <param name="path">The file, for messages.</param>
    public static KerasUse Loaded(KerasUse use, string path) =>
        use.Stored.Count == 0 ? use : use with { Weights = [.. use.Stored.Select(tensor => Read(tensor, path))] };

    /// <summary>A layer whose weights were changed as arrays, with them as tensors.</summary>
    /// <param name="use">The layer, with arrays.</param>
    /// <param name="name">Its name.</param>
    public static KerasUse FromArrays(KerasUse use, string name)
    {
        var dtype = use.Stored.Any(tensor => tensor.DType == DType.Float64) ? DType.Float64 : DType.Float32;
        return use with
        {
            Stored =
            [
                .. use.Weights.Zip(use.WeightDefinitions, (array, definition) => InMemory($"{name}/{definition.Name}", array, dtype)),
            ],
            Weights = [],
        };
    }

    /// <summary>Every layer of a model and of the models in it that holds weights itself, with the names of the models around it.</summary>
    /// <param name="model">The model.</param>
    public static IEnumerable<(IReadOnlyList<string> Path, KerasUse Use)> Leaves(Model model) =>
        model.Layers.SelectMany(layer =>
            layer.Callee switch
            {
                KerasUse use => [((IReadOnlyList<string>)[layer.Name], use)],
                NestedModel nested => Leaves(nested.Model).Select(leaf => ((IReadOnlyList<string>)[layer.Name, .. leaf.Path], leaf.Use)),
                _ => Enumerable.Empty<(IReadOnlyList<string>, KerasUse)>(),
            });

    /// <summary>The weights of a nested model as Keras lists them: those that training changes, layer by layer, then the others.</summary>
    /// <param name="model">The model.</param>
    public static IEnumerable<(KerasUse Use, int Index, IReadOnlyList<string> Path)> Flat(Model model)
    {
        var all = Leaves(model)
            .SelectMany(leaf => leaf.Use.WeightDefinitions.Select((weight, k) => (leaf.Use, Index: k, leaf.Path, weight.IsTrainable)))
            .ToArray();
        return all.Where(one => one.IsTrainable).Concat(all.Where(one => !one.IsTrainable)).Select(one => (one.Use, one.Index, one.Path));
    }

    /// <summary>The places of a layer's weights in the order of a legacy file: those that training changes, then the others. They are in
    /// their own order unless one of several layers inside is frozen (keras 3.15.1 src/legacy/saving/legacy_h5_format.py
    /// <c>_legacy_weights</c>).</summary>
    /// <param name="use">The layer.</param>
    public static IEnumerable<int> LegacyOrder(KerasUse use) =>
        use.WeightDefinitions.Index().OrderBy(weight => weight.Item.IsTrainable || use.IsFrozen ? 0 : 1).Select(weight => weight.Index);

    /// <summary>The weights of a legacy file in the layer's own order; those of a nested model, and others than the layer has, as they
    /// are.</summary>
    /// <param name="callee">The layer, without weights.</param>
    /// <param name="weights">The weights in the file's order.</param>
    public static IReadOnlyList<Tensor> OfLegacyOrder(ICallable callee, IReadOnlyList<Tensor> weights) =>
        callee is KerasUse use && use.WeightDefinitions.Count == weights.Count
            ? [.. LegacyOrder(use).Zip(weights).OrderBy(pair => pair.First).Select(pair => pair.Second)]
            : weights;

    /// <summary>The number of arrays that a layer has in a file.</summary>
    /// <param name="callee">The layer.</param>
    /// <param name="isKeras1">True for Keras 1, which has a matrix for each gate.</param>
    public static int Count(ICallable callee, bool isKeras1 = false) => callee switch
    {
        KerasUse use => use.WeightDefinitions.Sum(weight => isKeras1 ? weight.Gates?.Length ?? 1 : 1),
        NestedModel nested => nested.Model.Layers.Sum(layer => Count(layer.Callee, isKeras1)),
        _ => 0,
    };

    /// <summary>A tensor that holds an array, rounded to a type.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="array">The array.</param>
    /// <param name="dtype">float32 or float64.</param>
    public static Tensor InMemory(string name, NumericArray array, DType dtype)
    {
        var values = array.ToDoubles();
        var shape = new Shape([.. array.Dimensions.Select(length => (long)length)]);
        byte[] bytes = dtype == DType.Float64 ? MemoryMarshal.AsBytes(values.AsSpan()).ToArray()
            : MemoryMarshal.AsBytes(Array.ConvertAll(values, value => (float)value).AsSpan()).ToArray();
        return new MemoryTensor(new TensorInfo(name, dtype, shape), bytes);
    }

    private static NestedModel Attach(NestedModel nested, string name, IReadOnlyList<Tensor> weights, string path)
    {
        var isKeras1 = Count(nested) != weights.Count;
        if (Count(nested, isKeras1) != weights.Count)
        {
            throw new UnreadableInputException(
                $"{path}: the nested model {name} has {weights.Count} weights, and its layers have {Count(nested)}. The configuration and the weights are of different models."
            );
        }

        if (!isKeras1)
        {
            var own = Flat(nested.Model)
                .Zip(weights)
                .GroupBy(pair => pair.First.Use, ReferenceEqualityComparer.Instance)
                .ToDictionary(
                    group => (KerasUse)group.Key!,
                    group => group.OrderBy(pair => pair.First.Index).Select(pair => pair.Second).ToArray(),
                    ReferenceEqualityComparer.Instance as IEqualityComparer<KerasUse>);
            return Distributed(nested, name, own, path);
        }

        var start = 0;
        return nested with
        {
            Model = nested.Model.With(layer =>
            {
                var count = Count(layer.Callee, isKeras1);
                start += count;
                return count == 0
                    ? layer.Callee
                    : Attach(layer.Callee, $"{name}/{layer.Name}", [.. weights.Skip(start - count).Take(count)], path);
            }),
        };
    }

    private static NestedModel Distributed(NestedModel nested, string name, IReadOnlyDictionary<KerasUse, Tensor[]> own, string path) =>
        nested with
        {
            Model = nested.Model.With(layer =>
                layer.Callee switch
                {
                    KerasUse use => own.TryGetValue(use, out var weights) ? Attach(use, $"{name}/{layer.Name}", weights, path) : use,
                    NestedModel inner => Distributed(inner, $"{name}/{layer.Name}", own, path),
                    var other => other,
                }),
        };

    /// <summary>The weights of an old Keras as today's has them; null where they have shapes that no Keras wrote.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="weights">The weights as the file has them.</param>
    public static IReadOnlyList<NumericArray>? InTodaysForm(KerasUse use, NumericArray[] weights)
    {
        try
        {
            return Array.Exists(weights, weight => weight.Rank == 0 || weight.Count == 0) ? null : use.Layer.Loaded(use, weights);
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static bool Fits(IReadOnlyList<WeightDefinition> definitions, IEnumerable<IReadOnlyList<int>> shapes)
    {
        var given = shapes.ToArray();
        return given.Length == definitions.Count && definitions.Zip(given).All(pair => pair.First.Accepts(pair.Second));
    }

    private static IReadOnlyList<int> Lengths(Tensor tensor) =>
        [.. tensor.Shape.Dimensions.ToArray().Select(length => length <= int.MaxValue ? (int)length : -1)];

    private static NumericArray Read(Tensor tensor, string path) => !tensor.DType.IsWeight()
        ? throw new UnsupportedModelException(
            $"{path}: {tensor.Name} holds {tensor.DType.Name()}, and weights are read as float16, float32 or float64.")
        : tensor.ToArray(Precision.Double);

    private static string Say(KerasUse use) => use.Units > 0 ? $"{use.ClassName} of {use.Units} units" : use.ClassName;

    private static string Text(IEnumerable<string> parts) => string.Join(", ", parts) is { Length: > 0 } text ? text : "none";
}
