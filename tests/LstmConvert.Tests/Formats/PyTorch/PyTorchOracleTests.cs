using System.Globalization;
using System.Text;
using LstmConvert.Formats;
using LstmConvert.Formats.PyTorch;
using LstmConvert.Tensors;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Formats.PyTorch;

/// <summary>Archives that PyTorch itself saved, read and compared with what PyTorch says of them; and modules of it, whose outputs the
/// converted layers give.</summary>
public sealed class PyTorchOracleTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_dtype_stride_and_nesting_is_read_as_torch_reads_it()
    {
        var lines = LibraryPython.Run("torch", "python3-torch", folder, """
            import sys, os, torch, collections
            out = sys.argv[1]
            torch.manual_seed(0)
            base = torch.randn(6, 8)
            cases = {
                'plain': {'a': torch.randn(3, 4), 'b.c': torch.randn(5), 'scalar': torch.tensor(2.5), 'empty': torch.zeros(0, 3)},
                'types': {str(t).split('.')[1]: torch.arange(-3, 9).reshape(3, 4).to(t) for t in [torch.float64, torch.float32, torch.float16, torch.bfloat16]},
                'strides': {'turned': base.t(), 'slice': base[1:5, 2:7], 'step': base[::2, ::3], 'shared': base, 'expanded': torch.randn(1, 4).expand(3, 4), 'deep': torch.randn(2, 3, 4).permute(2, 0, 1)},
                'nested': {'epoch': 3, 'best': 0.5, 'name': 'x', 'flag': True, 'none': None, 'model': collections.OrderedDict(a=torch.randn(2, 2)), 'list': [torch.randn(2), (torch.randn(3),)], 7: torch.randn(1)},
                'parameters': torch.nn.ParameterDict({'w': torch.nn.Parameter(torch.randn(2, 3))}).state_dict(),
                'wrapped': torch.nn.DataParallel(torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True)).state_dict(),
            }
            module = torch.nn.GRU(3, 4)
            optimizer = torch.optim.Adam(module.parameters())
            module(torch.randn(2, 1, 3))[0].sum().backward()
            optimizer.step()
            cases['training'] = {'model': module.state_dict(), 'optimizer': optimizer.state_dict()}
            def walk(value, name):
                if isinstance(value, torch.Tensor):
                    yield name, value
                elif isinstance(value, dict):
                    for k, v in value.items():
                        yield from walk(v, (name + '.' if name else '') + str(k))
                elif isinstance(value, (list, tuple)):
                    for k, v in enumerate(value):
                        yield from walk(v, (name + '.' if name else '') + str(k))
            for case, value in cases.items():
                for protocol in [2, 3, 4]:
                    file = '%s%d.pt' % (case, protocol)
                    torch.save(value, os.path.join(out, file), pickle_protocol=protocol)
                    for name, tensor in walk(value, ''):
                        print(file, name, str(tensor.dtype).split('.')[1], ','.join(map(str, tensor.shape)), ' '.join(repr(float(v)) for v in tensor.double().flatten()), sep='|')
            """);
        foreach (var file in lines.GroupBy(line => line.Split('|')[0]))
        {
            using var set = SourceCatalog.Open(Path.Combine(folder, file.Key), new SourceOptions());
            foreach (var line in file)
            {
                var parts = line.Split('|');
                var tensor = set.Find(parts[1]);
                Assert.True(tensor is not null, $"{file.Key}: {parts[1]}");
                Assert.Equal(parts[2], tensor.DType.Name());
                Assert.Equal(parts[3], string.Join(",", tensor.Shape.Dimensions.ToArray()));
                Assert.Equal(
                    parts[4]
                        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                        .Select(text => double.Parse(text, CultureInfo.InvariantCulture)),
                    tensor.Shape.ElementCount == 0 ? [] : Doubles(tensor));
            }

            Assert.Equal(file.Count(), set.Tensors.Count);
        }
    }

    [Fact]
    public async Task Modules_of_other_sizes_and_names_compute_in_Keras_s_equations_what_torch_computes()
    {
        var lines = LibraryPython.Run("torch", "python3-torch", folder, """
            import sys, os, torch, numpy as np
            out = sys.argv[1]
            torch.manual_seed(3)
            class Net(torch.nn.Module):
                def __init__(self, rnn, name):
                    super().__init__()
                    setattr(self, name, rnn)
            def save(name, module, x, y):
                torch.save(module.state_dict(), os.path.join(out, name + '.pt'))
                np.savez(os.path.join(out, name + '.npz'), x=x.detach().numpy(), outputs=y.detach().numpy())
                print(name)
            x = torch.randn(5, 7, 6)
            for name, rnn in [('lstm', torch.nn.LSTM(6, 9, batch_first=True)), ('gru', torch.nn.GRU(6, 5, batch_first=True)), ('rnn', torch.nn.RNN(6, 4, batch_first=True)),
                              ('three', torch.nn.LSTM(6, 3, num_layers=3, batch_first=True)), ('bi', torch.nn.GRU(6, 3, num_layers=2, bidirectional=True, batch_first=True)),
                              ('projected', torch.nn.LSTM(6, 8, proj_size=3, batch_first=True)), ('bare', torch.nn.LSTM(6, 3, bias=False, batch_first=True))]:
                save(name, Net(rnn, 'encoder'), x, rnn(x)[0])
            for name, cell in [('lstmcell', torch.nn.LSTMCell(6, 5)), ('grucell', torch.nn.GRUCell(6, 5)), ('rnncell', torch.nn.RNNCell(6, 5))]:
                state, ys = None, []
                for t in range(7):
                    state = cell(x[:, t], state)
                    ys.append(state[0] if isinstance(state, tuple) else state)
                save(name, Net(cell, 'core'), x, torch.stack(ys, 1))
            """);
        Assert.Equal(10, lines.Length);
        foreach (var name in lines)
        {
            var (source, target, io) = (
                Path.Combine(folder, name + ".pt"),
                Path.Combine(folder, name + ".h5"),
                Path.Combine(folder, name + ".npz"));
            var converted = await Product.RunAsync("tf2keras", source, "-o", target);
            Assert.True(converted.Code == 0, name + converted.Error);
            var verified = await Product.RunAsync("verify", source, target, "--input", io, "--expect", io);
            Assert.True(verified.Code == 0, name + verified.Output + verified.Error);
        }
    }

    [Fact]
    public void A_pickled_module_is_refused_and_not_run()
    {
        LibraryPython.Run("torch", "python3-torch", folder, """
            import sys, os, torch
            torch.save(torch.nn.LSTM(2, 3), os.path.join(sys.argv[1], 'module.pt'))
            class Harm:
                def __reduce__(self):
                    return (os.mkdir, (os.path.join(sys.argv[1], 'ran'),))
            torch.save({'weight_ih_l0': torch.zeros(4, 2), 'harm': Harm()}, os.path.join(sys.argv[1], 'harm.pt'))
            torch.save({'a': torch.zeros(2)}, os.path.join(sys.argv[1], 'old.pt'), _use_new_zipfile_serialization=False)
            torch.jit.save(torch.jit.script(torch.nn.Linear(2, 3)), os.path.join(sys.argv[1], 'script.pt'))
            """);
        Assert.Contains("torch.nn.modules.rnn.LSTM would have to be run", Refusal("module.pt"), StringComparison.Ordinal);
        Assert.Contains("posix.mkdir would have to be run, which lstmconvert never does", Refusal("harm.pt"), StringComparison.Ordinal);
        Assert.Contains("PyTorch before 1.6", Refusal("old.pt"), StringComparison.Ordinal);
        Assert.Contains("TorchScript", Refusal("script.pt"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder, "ran")));
    }

    [Theory]
    [InlineData("\u0080\u0002(lp0\n.", "which no table of tensors needs")]
    [InlineData("\u0080\u0002cos\nsystem\nX\u0002\0\0\0ls\u0085R.", "os.system would have to be run")]
    [InlineData("\u0080\u0002}q\0h\0.", "")]
    [InlineData("\u0080\u0002]q\0h\0a.", "a part of itself")]
    [InlineData("\u0080\u0009N.", "its protocol is 9")]
    [InlineData("\u0080\u0002h\u0007.", "a value that was not stored")]
    [InlineData("\u0080\u0002X\u00ff\u00ff\u00ff\u007f", "are left")]
    [InlineData("\u0080\u0002}X\u0001\0\0\0a(NNe.", "a list or dictionary is expected")]
    public void A_pickle_is_read_as_data(string pickle, string words)
    {
        var bytes = Encoding.Latin1.GetBytes(pickle);
        if (words.Length == 0)
        {
            Assert.Empty(PickledTable.Read(bytes, "data.pkl"));
            return;
        }

        Assert.Contains(
            words,
            Assert.Throws<UnreadableInputException>(() => PickledTable.Read(bytes, "data.pkl")).Message,
            StringComparison.Ordinal);
    }

    private static double[] Doubles(Tensor tensor) => tensor.DType.IsWeight() ? tensor.ToDoubles() : [.. Integers(tensor)];

    /// <summary>Integers and truths, which are no weights.</summary>
    private static IEnumerable<double> Integers(Tensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteCount];
        tensor.Read(0, bytes);
        var size = tensor.DType.ItemSize();
        for (var at = 0; at < bytes.Length; at += size)
        {
            yield return size switch
            {
                8 => BitConverter.ToInt64(bytes, at),
                4 => BitConverter.ToInt32(bytes, at),
                2 => BitConverter.ToInt16(bytes, at),
                _ => bytes[at],
            };
        }
    }

    private string Refusal(string name) =>
        Assert.Throws<UnreadableInputException>(() => SourceCatalog.Open(Path.Combine(folder, name), new SourceOptions())).Message;
}
