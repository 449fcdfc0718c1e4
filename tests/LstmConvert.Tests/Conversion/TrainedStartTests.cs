using LstmConvert.Conversion;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Tests.Metamorphic;

namespace LstmConvert.Tests.Conversion;

/// <summary>Programs whose first states are trained, as whole models.</summary>
public sealed class TrainedStartTests
{
    private const string Scope = "GaussianLSTMPolicy/GaussianLSTMModel/dist/mean_std_network/lstm/";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void First_states_that_are_variables_are_a_part_of_a_whole_model(int rank)
    {
        using var source = ChangedProgram.Open("dialects/garage-lstm", graph =>
        {
            var shape = graph.Node(Scope + "initial_hidden").Attr["value"].Tensor.TensorShape;
            if (rank == 2)
            {
                shape.Dim.Insert(0, new LstmConvert.TensorFlow.Protos.TensorShapeProto.Types.Dim { Size = 1 });
            }
        });
        var plan = source.Plan(new ConversionOptions { IsWhole = true });
        var layer = plan.Keras.Calls.Single(call => call.Callee is KerasUse { IsRecurrent: true });
        Assert.Equal(
            ["Dense", "Dense"],
            layer.InitialStates!.Select(port => plan.Keras.Find(port.From)!.Callee.ClassName));
        var path = Path.Combine(Directory.CreateTempSubdirectory("lstmconvert").FullName, "whole.keras");
        plan.Write(path, new WriteOptions { Target = KerasTarget.ByName(path) }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_first_state_that_is_computed_is_none()
    {
        using var source = ChangedProgram.Open("dialects/garage-lstm", graph =>
        {
            var repeated = graph.Node(Scope + "BroadcastTo");
            repeated.Input[0] = graph.Add("Mul", "z", Scope + "twice", [repeated.Input[0], graph.Constant(Scope + "two", repeated.Input[0], [2])]);
        });
        Assert.Null(source.Model.Layers.Single().TrainedStarts);
    }

    [Fact]
    public void Recurrent_layers_alone_start_from_zeros()
    {
        using var source = ChangedProgram.Open("dialects/garage-lstm", _ => { });
        Assert.All(source.Plan(new ConversionOptions()).Keras.Calls, call => Assert.Null(call.InitialStates));
    }
}
