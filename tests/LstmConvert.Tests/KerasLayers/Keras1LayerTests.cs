using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.KerasLayers;

/// <summary>Convolutions and pools as Keras 1.2.2 writes them (keras/layers/convolutional.py and pooling.py, get_config): other names of
/// the classes and of their arguments.</summary>
public sealed class Keras1LayerTests
{
    private static readonly KerasGeneration Keras1 = KerasGeneration.Of("1.2.2");

    [Theory]
    [InlineData(
        "Convolution1D",
        """{"nb_filter":4,"filter_length":3,"init":"glorot_uniform","activation":"relu","border_mode":"same","subsample_length":2,"W_regularizer":null,"bias":true,"input_dim":5,"input_length":null}""",
        "Conv1D",
        "filters=4 kernel_size=[3] strides=[2] padding=same data_format=channels_last dilation_rate=[1] activation=relu use_bias=yes")]
    [InlineData(
        "Convolution2D",
        """{"nb_filter":4,"nb_row":3,"nb_col":2,"activation":"linear","border_mode":"valid","subsample":[2,1],"dim_ordering":"tf","bias":false}""",
        "Conv2D",
        "filters=4 kernel_size=[3,2] strides=[2,1] padding=valid data_format=channels_last dilation_rate=[1,1] activation=linear use_bias=no"
    )]
    [InlineData(
        "Convolution3D",
        """{"nb_filter":2,"kernel_dim1":3,"kernel_dim2":2,"kernel_dim3":1,"activation":"tanh","border_mode":"valid","subsample":[1,1,1],"dim_ordering":"tf","bias":true}""",
        "Conv3D",
        "filters=2 kernel_size=[3,2,1] strides=[1,1,1] padding=valid data_format=channels_last dilation_rate=[1,1,1] activation=tanh use_bias=yes"
    )]
    [InlineData(
        "ConvLSTM2D",
        """{"nb_filter":3,"nb_row":3,"nb_col":2,"activation":"tanh","inner_activation":"hard_sigmoid","border_mode":"same","dim_ordering":"tf","return_sequences":true}""",
        "ConvLSTM2D",
        "filters=3 kernel_size=[3,2] strides=[1,1] padding=same data_format=channels_last dilation_rate=[1,1] activation=tanh recurrent_activation=hard_sigmoid use_bias=yes"
    )]
    [InlineData(
        "MaxPooling1D",
        """{"pool_length":4,"stride":2,"border_mode":"same"}""",
        "MaxPooling1D",
        "pool_size=[4] strides=[2] padding=same data_format=channels_last")]
    [InlineData(
        "AveragePooling2D",
        """{"pool_size":[2,3],"strides":[2,2],"border_mode":"valid","dim_ordering":"tf"}""",
        "AveragePooling2D",
        "pool_size=[2,3] strides=[2,2] padding=valid data_format=channels_last")]
    [InlineData("GlobalMaxPooling2D", """{"dim_ordering":"tf"}""", "GlobalMaxPooling2D", "data_format=channels_last")]
    public void A_layer_is_read_with_the_names_of_today(string className, string config, string expectedClass, string expected)
    {
        var use = Read(className, config, "");
        Assert.Equal(expectedClass, use.ClassName);
        var rank = className[^2] - '0';
        foreach (var (name, value) in expected.Split(' ').Select(pair => (pair.Split('=')[0], pair.Split('=')[1])))
        {
            Assert.Equal(value, value.StartsWith('[') ? $"[{string.Join(',', Numbers.Of(use, name, rank))}]" : use[name].ToString());
        }
    }

    [Fact]
    public void Channels_that_come_first_are_refused()
    {
        var use = Read(
            "Convolution2D",
            """{"nb_filter":4,"nb_row":3,"nb_col":2,"activation":"linear","border_mode":"valid","subsample":[1,1],"dim_ordering":"th","bias":false}""",
            "");
        Assert.Contains(
            "channels_first",
            Assert
                .Throws<UnsupportedModelException>(() => use.Run(new CallInputs([new Value(Array(2, 4, 4, 3))], null, Precision.Double)))
                .Message,
            StringComparison.Ordinal);
    }

    /// <summary>The kernel of one axis is (k, 1, x, f) in Keras 1.2 and (f, x, k, 1) before.</summary>
    [Fact]
    public void The_kernel_of_one_axis_loses_the_column_that_Keras_1_gives_it()
    {
        var use = Read(
            "Convolution1D",
            """{"nb_filter":4,"filter_length":3,"activation":"linear","border_mode":"valid","subsample_length":1,"bias":true}""",
            """,{"class_name":"LSTM","config":{"name":"l","output_dim":2,"activation":"tanh","inner_activation":"sigmoid"}}"""
        );
        double[] kernel = [.. Enumerable.Range(0, 3 * 5 * 4).Select(k => Math.Sin(k))];
        var bias = StoredWeights.InMemory("b", Array(4), DType.Float64);
        var newer = StoredWeights.Attach(
            use,
            "c",
            [StoredWeights.InMemory("W", NumericArray.From(kernel, Precision.Double, 3, 1, 5, 4), DType.Float64), bias],
            "file");
        Assert.Equal("(3, 5, 4)", newer.Stored[0].Shape.ToString());
        Assert.Equal(kernel, newer.Stored[0].ToDoubles());
        double[] turned =
        [
            .. from f in Enumerable.Range(0, 4)
            from x in Enumerable.Range(0, 5)
            from k in Enumerable.Range(0, 3)
            select kernel[(((k * 5) + x) * 4) + f],
        ];
        var older = StoredWeights.Attach(
            use,
            "c",
            [StoredWeights.InMemory("W", NumericArray.From(turned, Precision.Double, 4, 5, 3, 1), DType.Float64), bias],
            "file");
        Assert.Equal("(3, 5, 4)", older.Stored[0].Shape.ToString());
        Assert.Equal(kernel, older.Stored[0].ToDoubles());
    }

    private static KerasUse Read(string className, string config, string further)
    {
        var json =
            $$"""{"class_name":"Sequential","config":[{"class_name":"{{className}}","config":{"name":"c","batch_input_shape":[null,null,5],{{config[1..]}}}{{further}}]}""";
        return Assert.IsType<KerasUse>(ModelConfiguration.Read(json, Keras1).Calls[0].Callee);
    }

    private static NumericArray Array(params int[] shape) =>
        NumericArray.From(
            [.. Enumerable.Range(0, shape.Aggregate(1, (product, length) => product * length)).Select(k => Math.Cos(k))],
            Precision.Double,
            shape);
}
