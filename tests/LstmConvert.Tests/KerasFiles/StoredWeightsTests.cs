using LstmConvert.Arrays;
using LstmConvert.Facts;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>Weights that no Keras wrote beside a layer of a Keras file.</summary>
public sealed class StoredWeightsTests
{
    [Theory]
    [InlineData(12, new[] { 3, 0 })] // found by a fuzzer: twelve matrices, as Keras 1 had, without columns
    [InlineData(12, new int[0])]
    [InlineData(12, new[] { 3 })]
    [InlineData(3, new[] { 0 })]
    [InlineData(4, new[] { 2, 2, 2 })]
    public void Shapes_that_no_Keras_wrote_are_refused(int count, int[] shape)
    {
        foreach (var name in new[] { Lstm.Definition.ClassName, Gru.Definition.ClassName, SimpleRnn.Definition.ClassName })
        {
            var layer = new KerasUse(
                KerasLayerCatalog.Find(name)!,
                new Dictionary<string, FactValue> { [RecurrentArguments.Units.Name] = FactValue.Of(2.0) });
            var weights = Enumerable
                .Range(0, count)
                .Select(k => StoredWeights.InMemory($"w{k}", NumericArray.Zeros(Precision.Double, shape), DType.Float32))
                .ToArray();
            var refused = Assert.Throws<UnreadableInputException>(() => StoredWeights.Attach(layer, "rnn", weights, "model.h5"));
            Assert.Contains("model.h5: the weights of rnn are", refused.Message, StringComparison.Ordinal);
        }
    }
}
