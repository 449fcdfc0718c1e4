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

    [Fact]
    public void A_dense_layer_for_each_step_is_the_layer_that_Keras_has_since()
    {
        var use = Read(
            "TimeDistributedDense",
            """{"output_dim":3,"init":"glorot_uniform","activation":"softmax","bias":true,"input_dim":5,"input_length":null}""",
            "");
        Assert.Equal("TimeDistributed", use.ClassName);
        Assert.Equal("Dense", use.Inner[0].ClassName);
        var (kernel, bias, x) = (Array(5, 3), Array(3), Array(2, 4, 5));
        Tensor[] weights = [StoredWeights.InMemory("W", kernel, DType.Float64), StoredWeights.InMemory("b", bias, DType.Float64)];
        var attached = StoredWeights.Loaded(StoredWeights.Attach(use, "c", weights, "file"), "file");
        var expected = Activations.Softmax.Keras((x.Reshape([8, 5]).Dot(kernel) + bias).Reshape([2, 4, 3]));
        var actual = attached.Run(new CallInputs([new Value(x)], null, Precision.Double)).Output.Data;
        Assert.All(expected.ToDoubles().Zip(actual.ToDoubles()), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "mode=1")]
    [InlineData(2, "mode=2")]
    public void A_normalisation_by_the_samples_that_are_predicted_is_refused(int mode, string? sentence)
    {
        var use = Read("BatchNormalization", $$"""{"mode":{{mode}},"axis":-1,"epsilon":0.001,"momentum":0.99}""", "");
        Assert.Equal(sentence is null, TodaysKeras.Obstacle(["c"], use) is null);
        Assert.Contains(sentence ?? "", TodaysKeras.Obstacle(["c"], use) ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Convolution2D", """{"nb_filter":3,"nb_row":3,"nb_col":3,"activation":"linear","border_mode":"valid","subsample":[1,1],"dim_ordering":"th","bias":false}""", 3, 3, 3, 3)]
    [InlineData("ConvLSTM2D", """{"nb_filter":3,"nb_row":3,"nb_col":3,"activation":"tanh","inner_activation":"sigmoid","border_mode":"same","subsample":[1,1],"dim_ordering":"th","bias":false}""", 3, 3, 3, 12)]
    public void A_kernel_in_Theanos_order_is_refused_by_name_even_where_its_shape_would_fit(
        string className,
        string config,
        params int[] shape)
    {
        var refused = Assert.Throws<UnsupportedModelException>(() =>
            StoredWeights.Attach(Read(className, config, ""), "c", [StoredWeights.InMemory("W", Array(shape), DType.Float32)], "file"));
        Assert.Contains("dim_ordering=th", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A kernel that was trained on Theano is multiplied turned around; biases and kernels of other layers are not
    /// touched.</summary>
    [Fact]
    public void Kernels_of_Theano_are_turned_along_all_axes_but_those_of_channels()
    {
        var (kernel, bias, dense) = (Array(3, 2, 2, 4), Array(4), Array(4, 2));
        var json =
            """{"class_name":"Sequential","config":{"name":"s","layers":[{"class_name":"TimeDistributed","config":{"name":"c","batch_input_shape":[null,null,6,6,2],"layer":{"class_name":"Conv2D","config":{"name":"i","filters":4,"kernel_size":[3,2]}}}},{"class_name":"Dense","config":{"name":"d","units":2,"use_bias":false}}]}}""";
        Tensor[][] weights =
        [
            .. new NumericArray[][] { [kernel, bias], [dense] }.Select(arrays =>
                arrays.Select(one => StoredWeights.InMemory("w", one, DType.Float64)).ToArray()),
        ];
        var place = 0;
        var model = ModelConfiguration.Read(json, KerasGeneration.Of("2.2.4")).With(layer =>
            StoredWeights.Attach(layer.Callee, layer.Name, weights[place++], "file"));
        var turned = StoredWeights
            .Leaves(TheanoKernels.Turned(model, "file"))
            .SelectMany(leaf => leaf.Use.Stored)
            .Select(one => one.ToDoubles())
            .ToArray();
        var (there, here) = (kernel.ToDoubles(), turned[0]);
        for (var row = 0; row < 3; row++)
        {
            for (var column = 0; column < 2; column++)
            {
                for (var k = 0; k < 8; k++)
                {
                    Assert.Equal(there[(((row * 2) + column) * 8) + k], here[((((2 - row) * 2) + 1 - column) * 8) + k]);
                }
            }
        }

        Assert.Equal(bias.ToDoubles(), turned[1]);
        Assert.Equal(dense.ToDoubles(), turned[2]);
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
