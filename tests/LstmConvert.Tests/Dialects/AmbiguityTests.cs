using LstmConvert.Tests.Cells;

namespace LstmConvert.Tests.Dialects;

/// <summary>Names and shapes that more than one library has: what a person is told, what is assumed and refused under strictness, and what
/// is typed to decide it.</summary>
public sealed class AmbiguityTests
{
    [Fact]
    public async Task Arrays_without_names_in_Lasagne_s_order_are_a_guess_until_it_is_said()
    {
        using var source = new StoredVariables();
        long[][] shapes =
        [
            [4, 3],
            [3, 3],
            [3],
            [4, 3],
            [3, 3],
            [3],
            [4, 3],
            [3, 3],
            [3],
            [4, 3],
            [3, 3],
            [3],
            [3],
            [3],
            [3],
            [1, 3],
            [1, 3],
        ];
        Add(source, [.. shapes.Select((shape, k) => ($"arr_{k}", shape))]);
        await Refused(
            source,
            5,
            "by shapes alone: arrays without names in the order and with the shapes of a recurrent layer's parameters. If they are, say so with --dialect lasagne."
        );
        await Refused(source, 4, "output_peephole = behind (assumed", "--dialect", "lasagne");
        await Refused(source, 4, "it starts from numbers of its own", "--dialect", "lasagne", "--fact", "output_peephole=inside");
        var answer = await source.ConvertAsync("a.h5", "--dialect", "lasagne", "--fact", "output_peephole=inside", "--exclude", "*_init");
        Assert.True(answer.Code == 0, answer.Error);
        var verified = await source.VerifyAsync("a.h5", "--dialect", "lasagne", "--fact", "output_peephole=inside", "--exclude", "*_init");
        Assert.True(verified.Code == 0, verified.Output + verified.Error);
    }

    [Fact]
    public async Task Weights_of_an_ONNX_node_without_its_attributes_are_refused_and_the_model_is_asked_for()
    {
        using var source = new StoredVariables();
        Add(source, ("W", [1, 16, 3]), ("R", [1, 16, 4]), ("B", [1, 32]));
        await Refused(
            source,
            5,
            "What the node computes stands in its attributes (direction, activations, clip, linear_before_reset), not in its weights: name the .onnx"
        );
    }

    [Fact]
    public async Task DL4J_s_names_are_other_programs_too_and_have_to_be_said()
    {
        using var source = new StoredVariables();
        Add(source, ("0/W", [3, 16]), ("0/RW", [4, 16]), ("0/b", [1, 16]));
        await Refused(source, 5, "If they are, say so with --dialect dl4j.");
        var answer = await source.ConvertAsync("a.h5", "--dialect", "dl4j");
        Assert.True(answer.Code == 0, answer.Error);
        await Refused(source, 5, "activation", "--dialect", "dl4j", "--strict");
    }

    [Fact]
    public async Task Chainer_s_zoneout_has_the_variables_of_its_LSTM()
    {
        using var source = new StoredVariables();
        Add(source, ("rnn/upward/W", [16, 3]), ("rnn/upward/b", [16]), ("rnn/lateral/W", [16, 4]));
        var answer = await source.ConvertAsync("a.h5");
        Assert.True(answer.Code == 0, answer.Error);
        Assert.Contains("zoneout", answer.Output, StringComparison.Ordinal);
        await Refused(source, 5, "zoneout", "--strict");
        await Refused(source, 4, "it mixes its old states into the new ones", "--fact", "zoneout=yes");
    }

    [Theory]
    [InlineData("rnn0_l0_i2h_weight", "rnn0_l0_h2h_weight", "rnn0_l0_i2h_bias", "rnn0_l0_h2h_bias", "relu")]
    [InlineData("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "tanh")]
    public async Task The_activation_of_a_plain_layer_is_the_default_of_the_library_that_the_names_speak_of(
        string input,
        string hidden,
        string inputBias,
        string hiddenBias,
        string activation)
    {
        using var source = new StoredVariables();
        Add(source, (input, [4, 3]), (hidden, [4, 4]), (inputBias, [4]), (hiddenBias, [4]));
        var answer = await source.ConvertAsync("a.h5");
        Assert.True(answer.Code == 0, answer.Error);
        Assert.Contains(
            $"activation=\\\"{activation}\\\"",
            answer.Output.Replace("\\u0022", "\\\"", StringComparison.Ordinal),
            StringComparison.Ordinal);
        await Refused(source, 5, "activation", "--strict");
    }

    [Fact]
    public async Task A_layer_of_Chainer_may_be_named_as_its_file_numbers_it()
    {
        using var source = new StoredVariables();
        for (var number = 0; number < 2; number++)
        {
            Add(source, ($"{number}/w0", [4, number == 0 ? 3 : 4]), ($"{number}/w1", [4, 4]), ($"{number}/b0", [4]), ($"{number}/b1", [4]));
        }

        var answer = await source.ConvertAsync("a.h5", "--activation", "0=relu", "--activation", "1=tanh");
        Assert.True(answer.Code == 0, answer.Error);
        var code = answer.Output;
        Assert.True(
            code.IndexOf("relu", StringComparison.Ordinal) is > 0 and var first && first < code.IndexOf("tanh", StringComparison.Ordinal),
            code);
        await Refused(source, 2, "no cell has it. The cells are l0, l1.", "--activation", "2=relu");
    }

    private static void Add(StoredVariables source, params (string Name, long[] Shape)[] variables)
    {
        var random = new Random(5);
        foreach (var (name, shape) in variables)
        {
            source.Add(name, CudnnPacking.Numbers(random, [.. shape.Select(length => (int)length)]));
        }
    }

    private static async Task Refused(StoredVariables source, int code, string words, params string[] options)
    {
        var answer = await source.ConvertAsync("refused.h5", options);
        Assert.True(answer.Code == code, $"{answer.Code}: {answer.Error}");
        Assert.Contains(words, StoredVariables.Sentence(answer), StringComparison.Ordinal);
    }
}
