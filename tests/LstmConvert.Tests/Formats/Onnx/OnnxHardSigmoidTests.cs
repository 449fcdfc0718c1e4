using System.Text.Json.Nodes;
using LstmConvert.Tests.Models;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Formats.Onnx;

/// <summary>Gates of an ONNX LSTM by <c>clip(alpha*x + beta, 0, 1)</c>, with what only a layer of ours has, in real Keras 3: its outputs
/// against the operator's equations in NumPy.</summary>
public sealed class OnnxHardSigmoidTests(KerasFixture fixture) : IClassFixture<KerasFixture>, IDisposable
{
    private const string Program = """
        import sys, os, numpy as np, onnx
        from onnx import helper, numpy_helper, TensorProto as T
        out = sys.argv[1]
        r = np.random.RandomState(3)
        u, x, t, b = 3, 5, 6, 2
        def numbers(*shape): return (1.5 * r.uniform(-1, 1, shape)).astype('f4')
        W, R, B, P = numbers(1, 4*u, x), numbers(1, 4*u, u), numbers(1, 8*u), numbers(1, 3*u)
        X = numbers(t, b, x)

        def run(alpha, act, peep, clip, coupled):
            w, v, bias, p, h, c, ys = [a.astype('f8') for a in (W[0], R[0], B[0], P[0])] + [np.zeros((b, u)), np.zeros((b, u)), []]
            p = p if peep else 0 * p
            limited = lambda a: a if clip is None else np.clip(a, -clip, clip)
            gate = lambda a: np.clip(alpha * limited(a) + 0.5, 0, 1)
            for step in X.astype('f8'):
                zi, zo, zf, zc = np.split(step @ w.T + h @ v.T + bias[:4*u] + bias[4*u:], 4, axis=1)
                i = gate(zi + p[:u] * c)
                f = 1 - i if coupled else gate(zf + p[2*u:] * c)
                c = f * c + i * np.tanh(limited(zc))
                h = gate(zo + p[u:2*u] * c) * (np.tanh(c) if act == 'Tanh' else c / (1 + abs(c)))
                ys.append(h)
            return np.stack(ys, 1)

        def save(name, alpha=None, act='Tanh', peep=False, clip=None, coupled=False, **attributes):
            extra = dict(activations=['HardSigmoid', 'Tanh', act], **attributes)
            if alpha is not None: extra.update(activation_alpha=[alpha])
            if clip: extra.update(clip=clip)
            if coupled: extra.update(input_forget=1)
            inputs = ['X', 'W', 'R', 'B'] + (['', '', '', 'P'] if peep else [])
            node = helper.make_node('LSTM', inputs, ['Y'], hidden_size=u, name='cell', **extra)
            weights = [numpy_helper.from_array(a, n) for n, a in (('W', W), ('R', R), ('B', B)) + ((('P', P),) if peep else ())]
            value = lambda n, s: helper.make_tensor_value_info(n, T.FLOAT, s)
            model = helper.make_model(helper.make_graph([node], 'g', [value('X', [t, b, x])], [value('Y', list('abcd'))], weights))
            onnx.checker.check_model(model)
            onnx.save(model, os.path.join(out, name + '.onnx'))
            np.savez(os.path.join(out, name + '.npz'), x=X.transpose(1, 0, 2), outputs=run(0.2 if alpha is None else alpha, act, peep, clip, coupled).astype('f4'))

        save('plain')
        save('peepholes', peep=True)
        save('other_output', act='Softsign')
        save('wide_clip', clip=3.5, peep=True)
        save('coupled', coupled=True)
        save('keras3', alpha=1/6, peep=True, clip=0.7)
        save('seven_digits', alpha=0.1666667)
        save('narrow_clip', clip=1.5)
        save('steeper', alpha=0.3)
        save('shifted', alpha=0.2, activation_beta=[0.25])
        print('saved')
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("plain")]
    [InlineData("peepholes")]
    [InlineData("other_output")]
    [InlineData("wide_clip")]
    [InlineData("coupled")]
    [InlineData("keras3")]
    [InlineData("seven_digits")]
    public async Task Keras_3_gives_what_the_operator_computes(string name)
    {
        LibraryPython.Run("onnx", "python3-onnx", folder, Program);
        var (model, io) = (Path.Combine(folder, name + ".onnx"), Path.Combine(folder, name + ".npz"));
        var path = Path.Combine(folder, name + ".keras");
        var made = await Product.RunAsync("tf2keras", model, "--strict", "-o", path, "--json");
        Assert.True(made.Code == 0, made.Error);
        var sample = NumberArray.ReadNpz(io);
        var answer = await fixture.Keras.AskAsync(new JsonObject
        {
            ["code"] = made.Json!["keras_code"]!.ToString().Replace(path, name + ".keras", StringComparison.Ordinal),
            ["folder"] = folder,
            ["samples"] = new JsonArray(new JsonObject { ["x"] = new JsonArray(sample["x"].ToJson()) }),
        });
        Assert.True(answer["ok"]!.GetValue<bool>(), answer.ToJsonString());
        var theirs = NumberArray.FromJson(answer["samples"]![0]!["outputs"]!.AsArray()[0]!);
        Assert.InRange(sample["outputs"].DistanceTo(theirs, null), 0, 2e-6);
        var verified = await Product.RunAsync("verify", model, path, "--expect", io);
        Assert.True(verified.Code == 0, verified.Output + verified.Error);
    }

    [Theory]
    [InlineData("narrow_clip", "one limit for gates and candidate cannot be")]
    [InlineData("steeper", "HardSigmoid(alpha 0.3) is none that Keras has")]
    [InlineData("shifted", "HardSigmoid(alpha 0.2, beta 0.25) is none that Keras has")]
    public async Task What_no_weights_can_make_Keras_compute_is_refused_by_name(string name, string words)
    {
        LibraryPython.Run("onnx", "python3-onnx", folder, Program);
        var answer = await Product.RunAsync("tf2keras", Path.Combine(folder, name + ".onnx"), "-o", Path.Combine(folder, "m.keras"));
        Assert.True(answer.Code == 4, answer.Error);
        Assert.Contains(words, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_way_back_names_a_cell_that_holds_such_a_layer()
    {
        LibraryPython.Run("onnx", "python3-onnx", folder, Program);
        var path = Path.Combine(folder, "m.keras");
        Assert.Equal(0, (await Product.RunAsync("tf2keras", Path.Combine(folder, "peepholes.onnx"), "-o", path)).Code);
        var (code, _, error) = await Product.RunAsync("keras2tf", path, "-o", Path.Combine(folder, "back.npz"));
        Assert.Equal(4, code);
        Assert.Contains("does not go back to a onnx.LSTM", error, StringComparison.Ordinal);
        var back = await Product.RunAsync("keras2tf", path, "--cell", "LSTMCell", "-o", Path.Combine(folder, "back.npz"));
        Assert.True(back.Code == 0, back.Error);
        Assert.Contains("recurrent_activation = hard_sigmoid", back.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hard_sigmoid3", back.Output, StringComparison.Ordinal);
    }
}
