using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Recognition;

namespace LstmConvert.Tests.Recognition;

/// <summary>What feeds what, in programs put together in the ways that people do, with names of every kind.</summary>
public sealed class GraphWiringTests
{
    /// <summary>Time-major or not, names that speak or numbers.</summary>
    public static TheoryData<bool, bool> Styles { get; } = new() { { true, false }, { false, false }, { true, true }, { false, true } };

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_dropout_between_two_cells_is_a_chain(bool isTimeMajor, bool renamed)
    {
        var program = new ProgramGraph(isTimeMajor);
        program.Loop("net/loop", program.Input("chars"), [("net/below", 3, 4), ("net/above", 4, 5)], (x, cells) =>
            cells[1](program.Dropout("net/drop", cells[0](x))));
        Holds(program, renamed, "0 < x; 1 < 0 | 1");
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_cell_that_reads_the_input_beside_the_cell_below_has_both_in_their_order(bool isTimeMajor, bool renamed)
    {
        var program = new ProgramGraph(isTimeMajor);
        program.Loop("net/loop", program.Input("chars"), [("net/below", 3, 4), ("net/above", 7, 5)], (x, cells) =>
            cells[1](program.Joined("net/both", x, cells[0](x))));
        Holds(program, renamed, "0 < x; 1 < [x 0] | 1");
        var turned = new ProgramGraph(isTimeMajor);
        turned.Loop("net/loop", turned.Input("chars"), [("net/below", 3, 4), ("net/above", 7, 5)], (x, cells) =>
            cells[0](x) is var y ? turned.Joined("net/all", y, cells[1](turned.Joined("net/both", y, x))) : "");
        Holds(turned, renamed, "0 < x; 1 < [0 x] | [0 1]");
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void Residual_additions_stand_in_both_directions_of_a_bidirectional_group(bool isTimeMajor, bool renamed)
    {
        var program = new ProgramGraph(isTimeMajor);
        var x = program.Input("chars");
        string Direction(string name, string sequence) =>
            program
                .Loop($"{name}/loop", sequence, [($"{name}/first", 3, 3), ($"{name}/second", 3, 3)], (step, cells) =>
                {
                    var y = program.Sum($"{name}/plus", cells[0](step), step);
                    return program.Sum($"{name}/plus_1", cells[1](y), y);
                })
                .Outputs;
        var (forward, backward) = (Direction("ahead", x), Direction("behind", program.Reversed(x, "turn")));
        program.Joined("together", forward, program.Reversed(backward, "turn_1"));
        Holds(program, renamed, "0+ < x; 1+ bw < x; 2+ < 0; 3+ bw < 1 | [2 3]");
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_pair_of_directions_that_feeds_one_more_layer_stays_with_it(bool isTimeMajor, bool renamed)
    {
        var program = new ProgramGraph(isTimeMajor);
        var x = program.Input("chars");
        var forward = program.Loop("a/loop", x, [("a/cell", 3, 4)], (step, cells) => cells[0](step)).Outputs;
        var backward = program.Reversed(
            program.Loop("b/loop", program.Reversed(x, "turn"), [("b/cell", 3, 4)], (step, cells) => cells[0](step)).Outputs,
            "turn_1");
        program.Loop("c/loop", program.Joined("both", forward, backward), [("c/cell", 8, 5)], (step, cells) => cells[0](step));
        Holds(program, renamed, "0 < x; 1 bw < x; 2 < [0 1] | 2");
        Assert.Contains("Bidirectional(SimpleRNN(4", Code(program, renamed), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void Two_directions_that_are_added_are_one_layer_that_adds(bool isTimeMajor, bool renamed)
    {
        var program = new ProgramGraph(isTimeMajor);
        var x = program.Input("chars");
        var forward = program.Loop("a/loop", x, [("a/cell", 3, 4)], (step, cells) => cells[0](step)).Outputs;
        var backward = program.Reversed(
            program.Loop("b/loop", program.Reversed(x, "turn"), [("b/cell", 3, 4)], (step, cells) => cells[0](step)).Outputs,
            "turn_1");
        program.Sum("both", forward, backward);
        Holds(program, renamed, "0 < x; 1 bw < x | (0 1)");
        Assert.Contains("merge_mode=\"sum\"", Code(program, renamed), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_lone_backward_layer_puts_out_what_the_program_reads(bool isTimeMajor, bool renamed)
    {
        var program = new ProgramGraph(isTimeMajor);
        var x = program.Reversed(program.Input("chars"), "turn");
        program.Reversed(program.Loop("a/loop", x, [("a/cell", 3, 4)], (step, cells) => cells[0](step)).Outputs, "turn_1");
        Holds(program, renamed, "0 bw < x | 0");
        Assert.Contains("t[:, ::-1]", Code(program, renamed), StringComparison.Ordinal);

        var unturned = new ProgramGraph(isTimeMajor);
        unturned.Loop("a/loop", unturned.Reversed(unturned.Input("chars"), "turn"), [("a/cell", 3, 4)], (step, cells) => cells[0](step));
        Holds(unturned, renamed, "0 bw < x | reversed 0");
        Assert.DoesNotContain("t[:, ::-1]", Code(unturned, renamed), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_decoder_starts_from_the_last_state_of_its_encoder(bool isTimeMajor, bool renamed)
    {
        var program = new ProgramGraph(isTimeMajor);
        var states = program.Loop("e/loop", program.Input("question"), [("e/cell", 3, 4)], (step, cells) => cells[0](step)).States;
        program.Loop("d/loop", program.Input("answer"), [("d/cell", 2, 4)], (step, cells) => cells[0](step), states);
        Holds(program, renamed, "0 < x; 1 < x2 from 0 | 1");
        Assert.Contains("initial_state=[h]", Code(program, renamed), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_dense_layer_between_two_layers_is_said_and_refused_where_nothing_may_be_assumed(bool isTimeMajor, bool renamed)
    {
        var program = new ProgramGraph(isTimeMajor);
        var below = program.Loop("a/loop", program.Input("chars"), [("a/cell", 3, 4)], (step, cells) => cells[0](step)).Outputs;
        program.Loop("b/loop", program.Dense("between", below, 4, 6), [("b/cell", 6, 5)], (step, cells) => cells[0](step));
        var path = program.Write(renamed);
        using var source = RecurrentSource.Open(path);
        Assert.Contains(source.Model.Warnings, warning =>
            warning.Contains("reads", StringComparison.Ordinal)
            && warning.Contains("in a way that is not known: it gets an input of its own", StringComparison.Ordinal));
        Assert.Contains(source.Model.Layers.First().Surroundings, one => one.Contains("its outputs go into", StringComparison.Ordinal));
        Assert.Contains(source.Model.Layers.Last().Surroundings, one => one.Contains("reads what", StringComparison.Ordinal));
        using var strict = RecurrentSource.Open([path], new SourceOptions(), new RecognitionOptions { IsStrict = true });
        Assert.Contains(
            "in a way that is not known",
            Assert.Throws<UndecidedException>(() => strict.Plan(new ConversionOptions())).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_cell_that_one_step_runs_twice_is_said(bool isTimeMajor, bool renamed)
    {
        var program = new ProgramGraph(isTimeMajor);
        program.Loop("a/loop", program.Input("chars"), [("a/cell", 4, 4)], (step, cells) => cells[0](cells[0](step)));
        using var source = RecurrentSource.Open(program.Write(renamed));
        Assert.Contains(Assert.Single(source.Model.Layers).Obstacles, obstacle =>
            obstacle.Contains("one step of the loop runs this one cell more than once", StringComparison.Ordinal));
    }

    private static void Holds(ProgramGraph program, bool renamed, string expected)
    {
        using var source = RecurrentSource.Open(program.Write(renamed));
        Assert.Empty(source.Model.Warnings);
        Assert.Equal(expected, Wires.Of(source.Model));
    }

    private static string Code(ProgramGraph program, bool renamed)
    {
        using var source = RecurrentSource.Open(program.Write(renamed));
        return source.Plan(new ConversionOptions()).KerasCode("weights.h5");
    }
}
