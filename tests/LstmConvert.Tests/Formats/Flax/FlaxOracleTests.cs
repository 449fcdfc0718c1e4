using LstmConvert.Formats;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Formats.Flax;

/// <summary>Files in the form of flax.serialization (its extension type 1, made with Debian's msgpack), in every dtype and
/// nesting.</summary>
public sealed class FlaxOracleTests : IDisposable
{
    private const string Head = """
        import sys, os, msgpack, numpy as np
        out = sys.argv[1]
        def pack(x):
            if isinstance(x, np.ndarray):
                return msgpack.ExtType(1, msgpack.packb((x.shape, x.dtype.name, x.tobytes()), use_bin_type=True))
            return x
        def save(name, tree):
            with open(os.path.join(out, name), 'wb') as f:
                f.write(msgpack.packb(tree, default=pack, strict_types=True))

        """;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_dtype_and_nesting_is_read()
    {
        LibraryPython.Run(
            "msgpack",
            "python3-msgpack",
            folder,
            Head
                + """
                many = {'layer_%d' % k: {'kernel': np.full((2, 3), k, 'f4')} for k in range(40)}
                save('many.msgpack', {'params': many, 'step': 7, 'opt_state': {'0': {'mu': np.arange(6, dtype='f8').reshape(3, 2)}, '1': None}, 'half': np.arange(4, dtype='f2'), 'count': np.array(3)})
                """
        );
        using var set = SourceCatalog.Open(Path.Combine(folder, "many.msgpack"), new SourceOptions());
        Assert.Equal(43, set.Tensors.Count);
        Assert.Equal([39.0, 39, 39, 39, 39, 39], set.Find("params/layer_39/kernel")!.ToDoubles());
        Assert.Equal([0.0, 1, 2, 3, 4, 5], set.Find("opt_state/0/mu")!.ToDoubles());
        Assert.Equal([0.0, 1, 2, 3], set.Find("half")!.ToDoubles());
        Assert.Equal(DType.Int64, set.Find("count")!.DType);
        Assert.Contains(set.LeftOut, one => one.Name == "step" && one.Reason == "no array");
    }

    [Fact]
    public void A_file_without_arrays_and_a_split_array_are_refused()
    {
        LibraryPython.Run("msgpack", "python3-msgpack", folder, Head + """
            save('none.msgpack', {'step': 7, 'name': 'abcdefgh'})
            save('split.msgpack', {'params': {'w': {'__msgpack_chunked_array__': True, 'shape': [2], 'chunks': {'0': np.zeros(2, 'f4')}}}})
            """);
        Assert.Contains("without arrays of Flax", Refusal("none.msgpack"), StringComparison.Ordinal);
        Assert.Contains("params/w is an array that Flax split", Refusal("split.msgpack"), StringComparison.Ordinal);
    }

    private string Refusal(string name) =>
        Assert.Throws<UnreadableInputException>(() => SourceCatalog.Open(Path.Combine(folder, name), new SourceOptions())).Message;
}
