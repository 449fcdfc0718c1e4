using LstmConvert.Arrays;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>
/// Kernels of convolutions that were trained on Theano. It convolves as mathematics does, the kernel turned around; TensorFlow, and every
/// Keras of today, multiplies it as it lies (keras 2.3.1 keras/engine/saving.py, _need_convert_kernel and utils/conv_utils.py,
/// convert_kernel: all axes but those of channels). No loader turned those of Keras 1, whose files do not name Theano.
/// </summary>
internal static class TheanoKernels
{
    /// <summary>A model of a file that was written on Theano, as TensorFlow computes it.</summary>
    /// <param name="model">The model, its weights attached.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="changes">Gets a sentence for each layer whose kernels are turned; null where nobody asks.</param>
    public static Model Turned(Model model, string path, ICollection<string>? changes = null) => model.With(layer => layer.Callee switch
    {
        KerasUse use when Places(use) is { Length: > 0 } places && use.Stored.Count == use.WeightDefinitions.Count =>
            Turned(use, places, layer.Name, path, changes),
        NestedModel nested => nested with { Model = Turned(nested.Model, path, changes) },
        var other => other,
    });

    private static KerasUse Turned(KerasUse use, int[] places, string name, string path, ICollection<string>? changes)
    {
        changes?.Add(
            $"{name}: its kernel{(places.Length > 1 ? "s were" : " was")} trained on Theano, which turns what it convolves around; {(places.Length > 1 ? "they are" : "it is")} turned, as TensorFlow multiplies a kernel as it lies");
        var loaded = StoredWeights.Loaded(use, path);
        return StoredWeights.FromArrays(
            loaded with { Weights = [.. loaded.Weights.Select((weight, k) => places.Contains(k) ? Turned(weight) : weight)] },
            name);
    }

    private static NumericArray Turned(NumericArray kernel)
    {
        var places = kernel.Dimensions.SkipLast(2).Aggregate(1, (product, length) => product * length);
        var rows = kernel.Reshape([places, kernel.Count / Math.Max(1, places)]);
        var turned = Enumerable.Range(0, places).Select(k => rows.Rows(places - 1 - k, 1)).ToArray();
        return NumericArray.Stack(turned).Reshape([.. kernel.Dimensions]);
    }

    /// <summary>The places of kernels among the weights of a layer and of those inside it, which stand in a row.</summary>
    private static int[] Places(KerasUse use)
    {
        var (places, start) = (use.Layer.Kernels.ToList(), 0);
        foreach (var inner in use.Inner)
        {
            places.AddRange(Places(inner).Select(place => start + place));
            start += inner.WeightDefinitions.Count;
        }

        return [.. places];
    }
}
