using System.Text;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tests.Models;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>Keras's JSON of a model: every spelling is read, ours comes back as it was, and nothing else is believed.</summary>
public sealed class ModelConfigurationTests
{
    public static TheoryData<string> Names => [.. TestModels.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_comes_back_from_its_configuration(string name)
    {
        var model = TestModels.All[name](new TestModels(2));
        var json = ModelConfigurationWriter.Write(model);
        var back = ModelConfiguration.Read(json, KerasGeneration.Ours);
        Assert.Equal(json, ModelConfigurationWriter.Write(back));
        Assert.Equal(model.Inputs, back.Inputs);
        Assert.Equal(model.Outputs, back.Outputs);
        Assert.Equal(
            model.Calls.Select(call => (call.Name, call.Callee.ClassName)), back.Calls.Select(call => (call.Name, call.Callee.ClassName)));
        Assert.All(model.Calls.Zip(back.Calls), pair => Assert.Equal(pair.First.Reads, pair.Second.Reads));
        Assert.Equal(KerasCode.Write(model, "o.h5"), KerasCode.Write(back, "o.h5"));
    }

    [Theory]
    [InlineData("keras-1.2.2")]
    [InlineData("keras-2.2.4")]
    [InlineData("keras-2.15.0")]
    [InlineData("keras-3.15.1")]
    public void What_Kerases_write_is_the_same_model_after_it_was_written_by_us(string version)
    {
        var compared = 0;
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Shared.Goldens, version), "model.h5", SearchOption.AllDirectories)
            .Where(path => !path.Contains("bfloat16", StringComparison.Ordinal)))
        {
            using var file = LegacyWeightsFile.Open(path);
            var json = ModelConfigurationWriter.Write(file.ReadWithValues()!);
            Assert.Equal(json, ModelConfigurationWriter.Write(ModelConfiguration.Read(json, KerasGeneration.Ours)));
            compared++;
        }

        Assert.True(compared > 20);
    }

    [Fact]
    public void An_activation_means_what_it_means_in_the_Keras_that_wrote_it()
    {
        const string json =
            """{"class_name":"Sequential","config":[{"class_name":"LSTM","config":{"name":"l","units":2,"recurrent_activation":"hard_sigmoid","batch_input_shape":[null,null,3]}}]}""";
        Assert.Equal("hard_sigmoid", Recurrent(json, KerasGeneration.Of("2.2.4")));
        Assert.Equal("hard_sigmoid3", Recurrent(json, KerasGeneration.Of("3.6.0")));
        Assert.Equal(
            "hard_sigmoid",
            Recurrent(json.Replace("\"recurrent_activation\":\"hard_sigmoid\",", "", StringComparison.Ordinal),
            KerasGeneration.Of("2.2.4")));

        static string Recurrent(string json, KerasGeneration generation) =>
            ((KerasUse)ModelConfiguration.Read(json, generation).Calls[0].Callee).ActivationName("recurrent_activation");
    }

    [Theory]
    [InlineData("1.2.2", 1, true)]
    [InlineData("2.2.4", 2, true)]
    [InlineData("2.3.1", 2, true)]
    [InlineData("2.2.4-tf", 2, false)]
    [InlineData("2.4.0", 2, false)]
    [InlineData("2.15.0", 2, false)]
    [InlineData("3.15.1", 3, false)]
    [InlineData(null, 1, true)]
    public void A_version_says_the_generation(string? version, int major, bool repeats) =>
        Assert.Equal(new KerasGeneration(major, repeats), KerasGeneration.Of(version));

    [Theory]
    [InlineData("""{"class_name":"LSTM","module":"my.layers","config":{"name":"l","units":2}}""", "my.layers.LSTM")]
    [InlineData("""{"class_name":"LSTM","registered_name":"Mine>LSTM","config":{"name":"l","units":2}}""", "Mine>LSTM")]
    [InlineData("""{"class_name":"Attention","config":{"name":"l"}}""", "Attention")]
    public void A_layer_of_the_users_own_keeps_its_place_and_is_refused_by_name_when_it_must_compute(string layer, string name)
    {
        var model = ModelConfiguration.Read(
            $$$"""{"class_name":"Sequential","config":{"name":"s","layers":[{"class_name":"InputLayer","config":{"name":"x","batch_shape":[null,null,3]}},{{{layer}}}]}}""",
            KerasGeneration.Of("3.0.0"));
        Assert.Equal("l", model.Calls[0].Name);
        var refusal =
            Assert.Throws<UnsupportedModelException>(() => ModelWalker.Run(model, new TestModels(1).Inputs(model), Precision.Double));
        Assert.StartsWith(name, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(
            ModelConfigurationWriter.Write(model),
            ModelConfigurationWriter.Write(ModelConfiguration.Read(ModelConfigurationWriter.Write(model), KerasGeneration.Ours)));
    }

    [Fact]
    public void Any_prefix_and_any_changed_letter_is_refused_with_our_exception_or_is_a_model()
    {
        var json = ModelConfigurationWriter.Write(TestModels.All["states handed on"](new TestModels(2)));
        for (var length = 0; length < json.Length; length++)
        {
            var prefix = json[..length];
            Assert.IsType<UnreadableInputException>(Record.Exception(() => ModelConfiguration.Read(prefix, KerasGeneration.Ours)));
        }

        var random = new Random(5);
        for (var k = 0; k < 3000; k++)
        {
            var changed = new StringBuilder(json) { [random.Next(json.Length)] = "{}[]\",:0a-"[random.Next(10)] }.ToString();
            var refusal = Record.Exception(() => KerasCode.Write(ModelConfiguration.Read(changed, KerasGeneration.Ours), "o.h5"));
            Assert.True(refusal is null or LstmConvertException, $"{refusal?.GetType().Name} for {changed}");
        }
    }

    [Fact]
    public void Models_nested_deeper_than_the_bound_are_refused()
    {
        var json = new StringBuilder("""{"class_name":"LSTM","config":{"name":"l","units":2}}""");
        for (var k = 0; k < ModelConfiguration.MaximumDepth; k++)
        {
            json.Insert(0, "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[").Append("]}}");
        }

        Assert.Throws<UnreadableInputException>(() => ModelConfiguration.Read(json.ToString(), KerasGeneration.Ours));
    }

    [Theory]
    [InlineData("", "", "circle")]
    [InlineData("""[["x",0,0,{}]]""", """[["z",0,0,{}]]""", "reads z")]
    [InlineData("""[["x",0,0,{}]]""", """[["a",3,0,{}]]""", "call 3 of a")]
    [InlineData("""[["x",0,0,{}]]""", """[["a",0,9,{}]]""", "does not have it")]
    public void A_broken_graph_is_refused(string first, string second, string message)
    {
        var (one, two) = message == "circle" ? ("""[["b",0,0,{}]]""", """[["a",0,0,{}]]""") : (first, second);
        var json = $$$"""
            {"class_name":"Model","config":{"name":"m","layers":[
            {"class_name":"InputLayer","name":"x","config":{"name":"x","batch_input_shape":[null,null,2]},"inbound_nodes":[]},
            {"class_name":"LSTM","name":"a","config":{"name":"a","units":2},"inbound_nodes":[{{{one}}}]},
            {"class_name":"LSTM","name":"b","config":{"name":"b","units":2},"inbound_nodes":[{{{two}}}]}],
            "input_layers":[["x",0,0]],"output_layers":[["b",0,0]]}}
            """;
        Assert.Contains(
            message, Assert.Throws<UnsupportedModelException>(() => ModelConfiguration.Read(json, KerasGeneration.Ours)).Message,
            StringComparison.Ordinal);
    }
}
