using System.Globalization;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>Masks are followed through a model once, however many ways lead to a layer, and however long they are.</summary>
public sealed class NamedMasksTests
{
    [Theory]
    [InlineData(60, true)]
    [InlineData(20_000, false)]
    public void A_mask_is_found_behind_many_residual_additions(int blocks, bool isResidual)
    {
        var calls = new List<Call> { new("mask", Masking.Layer(), [new("x")]) };
        var end = Blocks(calls, "mask", "before", blocks, isResidual);
        calls.Add(new("gru", Gru.Layer(3, resetAfter: true), [new(end)]) { InitialStates = [new("h")] });
        var model = new Model([new("x", 3), new("h", 3) { HasTime = false }], calls, [new("gru")]);
        var (call, origin) = Assert.Single(NamedMasks.Of(model));
        Assert.Equal("gru", call.Name);
        Assert.Equal(new Port("x"), origin.Of);
    }

    /// <summary>Keras 3 computes a Multiply by masks: what an older one wrote is handed no mask, unless a layer far behind computes by
    /// it.</summary>
    [Theory]
    [InlineData(60, true, true)]
    [InlineData(60, true, false)]
    [InlineData(20_000, false, true)]
    public void What_computes_by_a_mask_is_found_behind_many_residual_additions(int blocks, bool isResidual, bool isRead)
    {
        var product = Merging.WithoutMasks(Merging.Layer(MultiplyLayer.Definition));
        var calls = new List<Call>
        {
            new("mask", Masking.Layer(), [new("x")]),
            new("product", product, [new("mask"), new("mask")]),
        };
        var end = Blocks(calls, "product", "behind", blocks, isResidual);
        calls.Add(isRead ? new("gru", Gru.Layer(3, resetAfter: true), [new(end)]) : new("dense", Dense.Layer(2), [new(end)]));
        var changes = new List<string>();
        var changed = NamedMasks.Unmasked(new Model([new("x", 3)], calls, [new(calls[^1].Name)]), changes);
        Assert.Equal(isRead ? 0 : 2, changed.Calls.Count - calls.Count);
        Assert.Equal(isRead ? 0 : 1, changes.Count);
    }

    private static string Blocks(List<Call> calls, string from, string name, int blocks, bool isResidual)
    {
        for (var k = 0; k < blocks; k++)
        {
            var (one, sum) = (string.Create(CultureInfo.InvariantCulture, $"{name}_{k}"), string.Create(CultureInfo.InvariantCulture, $"{name}_{k}_sum"));
            calls.Add(new(one, ActivationLayer.Layer("tanh"), [new(from)]));
            if (isResidual)
            {
                calls.Add(new(sum, AddLayer.Layer(), [new(from), new(one)]));
            }

            from = isResidual ? sum : one;
        }

        return from;
    }
}
