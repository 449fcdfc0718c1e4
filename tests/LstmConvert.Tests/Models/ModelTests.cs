using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tests.KerasFiles;

namespace LstmConvert.Tests.Models;

/// <summary>A model is put in order and checked before it is walked; the walker feeds what the edges say.</summary>
public sealed class ModelTests
{
    private readonly TestModels make = new(3);

    [Fact]
    public void Calls_may_stand_in_any_order()
    {
        var model = ModelOrder.Of(
            [new("x", 3)],
                [new("c", AddLayer.Layer(), [new("b"), new("a")]), new("b", Lstm.Layer(2), [new("a")]),
                new("a", Lstm.Layer(2), [new("x")])], [new("c")]);
        Assert.Equal(["a", "b", "c"], model.Calls.Select(call => call.Name));
    }

    [Fact]
    public void Layers_that_feed_each_other_are_refused() => Refused(
        "feed each other in a circle",
        () => ModelOrder.Of(
            [new("x", 3)],
            [new("a", Lstm.Layer(2), [new("b")]), new("b", Lstm.Layer(2), [new("x")]) { InitialStates = [new("a", 0), new("a", 1)] }],
            [new("b")]));

    [Fact]
    public void A_name_that_nothing_has_is_refused() =>
        Refused("a reads nowhere", () => ModelOrder.Of([new("x", 3)], [new("a", Lstm.Layer(2), [new("nowhere")])], [new("a")]));

    [Fact]
    public void Two_things_of_one_name_are_refused() =>
        Refused("called x", () => ModelOrder.Of([new("x", 3)], [new("x", Lstm.Layer(2), [new("x")])], [new("x")]));

    [Fact]
    public void A_state_that_a_layer_does_not_have_is_refused() => Refused(
        "reads state 1 of gru", () => ModelOrder.Of([new("x", 3)], [new("gru", Gru.Layer(2, true), [new("x")])], [new("gru", 1)]));

    [Fact]
    public void Another_number_of_initial_states_is_refused() => Refused(
        "2 states, and 1 initial states", () =>
            ModelOrder.Of(
            [new("x", 3), new("h", 2)], [new("lstm", Lstm.Layer(2), [new("x")]) { InitialStates = [new("h")] }], [new("lstm")]));

    [Fact]
    public void An_initial_state_of_another_width_is_refused() => Refused(
        "State h of gru has the width 2, and starts from a value of width 5",
        () => ModelOrder.Of(
            [new("x", 3), new("h", 5) { HasTime = false }], [new("gru", Gru.Layer(2, true), [new("x")]) { InitialStates = [new("h")] }],
            [new("gru")]));

    [Fact]
    public void Residuals_of_different_widths_are_refused() => Refused(
        "widths 2 and 3", () =>
            ModelOrder.Of(
            [new("x", 3)], [new("a", Lstm.Layer(2), [new("x")]), new("sum", AddLayer.Layer(), [new("a"), new("x")])], [new("sum")]));

    [Fact]
    public void A_kernel_for_inputs_of_another_width_is_refused() => Refused(
        "kernel for inputs of width 4, and gets inputs of width 3", () =>
            ModelOrder.Of([new("x", 3)], [new("a", make.With(Lstm.Layer(2), 4), [new("x")])], [new("a")]));

    [Fact]
    public void The_walker_tells_every_call_what_it_was_fed_and_what_it_gave()
    {
        var model = TestModels.All["states handed on"](make);
        var seen = new Dictionary<string, (CallInputs Fed, CallResult Given)>(StringComparer.Ordinal);
        ModelWalker.Run(model, make.Inputs(model), Precision.Double, observe: (call, fed, given) => seen[call.Name] = (fed, given));
        Assert.Equal(["encoder", "decoder"], seen.Keys);
        Assert.Null(seen["encoder"].Fed.InitialStates);
        Assert.Equal(seen["encoder"].Given.FinalStates, seen["decoder"].Fed.InitialStates!);
        var perStep = seen["encoder"].Given.StatesPerStep;
        Assert.Equal(seen["encoder"].Given.FinalStates[1].ToDoubles(), perStep[1].Step(perStep[1].Steps - 1, Precision.Double).ToDoubles());
    }

    [Fact]
    public void States_per_step_of_a_backward_layer_lie_at_the_steps_of_its_input()
    {
        var layer = make.With(Gru.Layer(3, true), 2);
        var model = ModelOrder.Of([new("x", 2)], [new("back", layer.Backward(), [new("x")])], [new("back")]);
        CallResult? seen = null;
        ModelWalker.Run(model, make.Inputs(model), Precision.Double, observe: (_, _, given) => seen = given);
        Assert.Equal(seen!.FinalStates[0].ToDoubles(), seen.StatesPerStep[0].Step(0, Precision.Double).ToDoubles());
        Assert.NotEqual(seen.FinalStates[0].ToDoubles(), seen.StatesPerStep[0].Step(5, Precision.Double).ToDoubles());
    }

    [Fact]
    public void States_that_the_caller_gives_start_a_call_that_the_model_does_not_feed()
    {
        var (units, whole) = (3, make.With(Lstm.Layer(3), 2));
        var model = ModelOrder.Of([new("x", 2)], [new("lstm", whole, [new("x")])], [new("lstm")]);
        var inputs = make.Inputs(model);
        var sequence = inputs["x"].Data;

        // Running the second half from the states after the first half is running the whole.
        NumericArray Steps(int first) => Step(sequence, first, 3);
        CallResult? half = null;
        ModelWalker.Run(
            model, new Dictionary<string, Value> { ["x"] = new(Steps(0)) }, Precision.Double, observe: (_, _, given) => half = given);
        var second = ModelWalker.Run(
            model,
            new Dictionary<string, Value> { ["x"] = new(Steps(3)) },
            Precision.Double,
            new Dictionary<string, IReadOnlyList<NumericArray>> { ["lstm"] = half!.FinalStates });
        var all = ModelWalker.Run(model, inputs, Precision.Double);
        Assert.Equal(units, all[0].Data.Width);
        Assert.InRange(KerasGoldenTests.Difference(second[0].Data, Step(all[0].Data, 3, 3)), 0, 1e-15);
    }

    [Fact]
    public void An_input_that_is_missing_is_said()
    {
        var model = TestModels.All["shared layer"](make);
        Assert.Contains(
            "right", Assert.Throws<UsageException>(
            () => ModelWalker.Run(model, new Dictionary<string, Value> { ["left"] = make.Inputs(model)["left"] }, Precision.Double))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_fifty_thousand_calls_is_put_in_order_and_walked()
    {
        var calls = Enumerable.Range(0, 50_000)
            .Select(k => new Call($"sum_{k}", AddLayer.Layer(), [new(k == 0 ? "x" : $"sum_{k - 1}"), new("x")])).Reverse().ToArray();
        var model = ModelOrder.Of([new("x", 1)], calls, [new("sum_49999")]);
        var sum = ModelWalker.Run(
            model, new Dictionary<string, Value> { ["x"] = new(NumericArray.From([1.0], Precision.Double, 1, 1, 1)) }, Precision.Double);
        Assert.Equal([50_001.0], sum[0].Data.ToDoubles());
    }

    private static NumericArray Step(NumericArray data, int first, int count)
    {
        var sequence = new Sequence(data.Dimensions[0], data.Dimensions[1], data.Width, data.ToDoubles());
        var part = Sequence.Zeros(sequence.Batch, count, sequence.Width);
        for (var k = 0; k < count; k++)
        {
            part.SetStep(k, sequence.Step(first + k, Precision.Double));
        }

        return NumericArray.From(part.Values, Precision.Double, sequence.Batch, count, sequence.Width);
    }

    private static void Refused(string message, Func<Model> build) =>
        Assert.Contains(message, Assert.Throws<UnsupportedModelException>(build).Message, StringComparison.Ordinal);
}
