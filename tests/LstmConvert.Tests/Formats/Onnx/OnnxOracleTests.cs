using LstmConvert.Formats;
using LstmConvert.Recognition;
using LstmConvert.Tensors;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Formats.Onnx;

/// <summary>Models that the library of ONNX itself built and checked, in every form in which it stores numbers.</summary>
public sealed class OnnxOracleTests : IDisposable
{
    private const string Head = """
        import sys, os, numpy as np, onnx
        from onnx import helper, numpy_helper, TensorProto as T
        out = sys.argv[1]
        r = np.random.RandomState(1)
        u, x = 3, 5
        def value(name, shape): return helper.make_tensor_value_info(name, T.FLOAT, shape)
        def save(name, nodes, initializers, outputs=('Y',)):
            graph = helper.make_graph(nodes, 'g', [value('X', [7, 2, x])], [value(o, list("abcd")) for o in outputs], initializers)
            model = helper.make_model(graph, producer_name='test')
            onnx.checker.check_model(model)
            onnx.save(model, os.path.join(out, name + '.onnx'))
            print(name)
        def raw(name, *shape): return numpy_helper.from_array(r.uniform(-1, 1, shape).astype('f4'), name)

        """;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Numbers_in_bytes_fields_and_constants_are_the_same()
    {
        LibraryPython.Run(
            "onnx",
            "python3-onnx",
            folder,
            Head
                + """
                w, v = [r.uniform(-1, 1, (1, 4*u, k)).astype('f4') for k in (x, u)]
                def field(name, a): return helper.make_tensor(name, T.FLOAT, a.shape, a.flatten().tolist())
                node = helper.make_node('LSTM', ['X', 'W', 'R'], ['Y'], hidden_size=u)
                save('raw', [node], [numpy_helper.from_array(w, 'W'), numpy_helper.from_array(v, 'R')])
                save('fields', [node], [field('W', w), field('R', v)])
                save('constants', [helper.make_node('Constant', [], ['W'], value=numpy_helper.from_array(w)), helper.make_node('Constant', [], ['R'], value=numpy_helper.from_array(v)), node], [])
                """
        );
        var numbers = new[] { "raw", "fields", "constants" }
            .Select(name =>
            {
                using var set = SourceCatalog.Open(Path.Combine(folder, name + ".onnx"), new SourceOptions());
                return set.Tensors.SelectMany(tensor => tensor.ToDoubles()).ToArray();
            })
            .ToArray();
        Assert.Equal(4 * 3 * (5 + 3), numbers[0].Length);
        Assert.Equal(numbers[0], numbers[1]);
        Assert.Equal(numbers[0], numbers[2]);
    }

    [Fact]
    public void Cells_behind_each_other_and_their_attributes_are_wiring_and_facts()
    {
        LibraryPython.Run(
            "onnx",
            "python3-onnx",
            folder,
            Head
                + """
                save('chain', [
                    helper.make_node('LSTM', ['X', 'W0', 'R0', 'B0'], ['Y0'], hidden_size=u, direction='bidirectional', name='first'),
                    helper.make_node('Transpose', ['Y0'], ['T0'], perm=[0, 2, 1, 3]),
                    helper.make_node('Reshape', ['T0', 'shape'], ['Y1']),
                    helper.make_node('GRU', ['Y1', 'W1', 'R1', 'B1'], ['Y'], hidden_size=u, linear_before_reset=1, direction='reverse', activations=['Sigmoid', 'Relu'], name='second'),
                ], [raw('W0', 2, 4*u, x), raw('R0', 2, 4*u, u), raw('B0', 2, 8*u), numpy_helper.from_array(np.array([0, 0, -1]), 'shape'), raw('W1', 1, 3*u, 2*u), raw('R1', 1, 3*u, u), raw('B1', 1, 6*u)])
                """
        );
        using var source = RecurrentSource.Open(
            [Path.Combine(folder, "chain.onnx")],
            new SourceOptions(),
            new RecognitionOptions { IsStrict = true });
        Assert.Empty(source.Model.Questions);
        var layers = source.Model.Layers.ToDictionary(layer => layer.Scope);
        Assert.Equal(["first/bw", "first/fw", "second"], layers.Keys.Order(StringComparer.Ordinal));
        Assert.True(layers["first/bw"].IsBackward);
        Assert.True(layers["second"].IsBackward);
        Assert.Equal(["first/fw", "first/bw"], layers["second"].Feed.Layers.Select(layer => layer.Scope));
        Assert.Contains(layers["second"].Facts, fact => fact.Name == "activation" && fact.Value.Text == "relu");
        Assert.Contains(layers["second"].Facts, fact => fact.Name == "reset_after" && fact.Value.Truth == true);
    }

    [Fact]
    public async Task What_the_weights_of_a_layer_cannot_hold_is_refused_with_the_reason()
    {
        LibraryPython.Run(
            "onnx",
            "python3-onnx",
            folder,
            Head
                + """
                w = [raw('W', 1, 4*u, x), raw('R', 1, 4*u, u)]
                def lstm(inputs=('X', 'W', 'R'), **attributes): return helper.make_node('LSTM', list(inputs), ['Y'], hidden_size=u, name='cell', **attributes)
                save('clip', [helper.make_node('GRU', ['X', 'W', 'R'], ['Y'], hidden_size=u, name='cell', clip=0.5)], [raw('W', 1, 3*u, x), raw('R', 1, 3*u, u)])
                save('affine', [lstm(activations=['Affine', 'Tanh', 'Tanh'], activation_alpha=[0.5], activation_beta=[0.1])], w)
                save('starts', [lstm(('X', 'W', 'R', '', '', 'h0'))], w + [raw('h0', 1, 2, u)])
                save('computed', [helper.make_node('Mul', ['W0', 'two'], ['W']), lstm()], [raw('W0', 1, 4*u, x), raw('two', 1), w[1]])
                """
        );
        foreach (
            var (name, words) in new[]
            {
                ("clip", "gate_clip = 0.5"),
                ("affine", "its activation Affine"),
                ("starts", "its state h starts from h0"),
                ("computed", "weights are computed in the graph"),
            })
        {
            var answer = await Product.RunAsync("tf2keras", Path.Combine(folder, name + ".onnx"), "-o", Path.Combine(folder, name + ".h5"));
            Assert.True(answer.Code == 4, $"{name}: {answer.Code} {answer.Error}");
            Assert.Contains(words, answer.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Numbers_in_another_file_are_refused_and_it_is_not_opened()
    {
        LibraryPython.Run(
            "onnx",
            "python3-onnx",
            folder,
            Head
                + """
                big = [raw('W', 1, 4*u, x), raw('R', 1, 4*u, u)]
                graph = helper.make_graph([helper.make_node('LSTM', ['X', 'W', 'R'], ['Y'], hidden_size=u)], 'g', [value('X', [7, 2, x])], [value('Y', list("abcd"))], big)
                onnx.save_model(helper.make_model(graph), os.path.join(out, 'outside.onnx'), save_as_external_data=True, location='weights.bin', size_threshold=0)
                print('saved')
                """
        );
        var refusal = Assert.Throws<UnreadableInputException>(() =>
            SourceCatalog.Open(Path.Combine(folder, "outside.onnx"), new SourceOptions()));
        Assert.Contains("lie in another file, which is not opened", refusal.Message, StringComparison.Ordinal);
    }
}
