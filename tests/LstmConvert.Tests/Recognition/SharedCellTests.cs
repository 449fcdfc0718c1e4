using LstmConvert.Conversion;
using LstmConvert.Tests.Metamorphic;

namespace LstmConvert.Tests.Recognition;

/// <summary>One cell that several loops run, or one loop at several levels.</summary>
public sealed class SharedCellTests
{
    [Theory]
    [InlineData("tf1/bidirectional-shared-cell", "bidirectional", "bidirectional_rnn/fw/lstm_cell", "bidirectional_rnn/bw/lstm_cell")]
    [InlineData(
        "tf1/shared-cell-reused",
        "chain",
        "rnn/multi_rnn_cell/cell_0/lstm_cell",
        "rnn/multi_rnn_cell/cell_0/lstm_cell_run_2")]
    public void Each_run_is_a_layer_with_the_same_weights(string program, string wiring, params string[] scopes)
    {
        using var source = ChangedProgram.Open(program, _ => { });
        var group = Assert.Single(source.Model.Groups);
        Assert.Equal(wiring, group.Wiring);
        Assert.Equal(scopes, group.Layers.Select(layer => layer.Scope));
        Assert.Equal(group.Layers[0].Variables["kernel"].Name, group.Layers[1].Variables["kernel"].Name);
        Assert.All(group.Layers, layer => Assert.Empty(layer.Obstacles));
        Assert.Contains(source.Plan(new ConversionOptions()).Notes, note =>
            note.Contains("is run 2 times with the same weights: written as 2 layers", StringComparison.Ordinal));
    }

    [Fact]
    public void Copies_that_read_other_inputs_stay_one_layer_and_are_told()
    {
        using var source = ChangedProgram.Open("tf1/program-ptb", _ => { });
        Assert.Equal(2, source.Model.Layers.Count());
    }
}
