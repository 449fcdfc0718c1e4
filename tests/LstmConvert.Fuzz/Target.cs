using LstmConvert.Formats;
using LstmConvert.Graphs.Reading;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Fuzz;

/// <summary>A reader that is tried with any bytes.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="File">The file that the bytes are written to, as its format is recognised by.</param>
/// <param name="Read">Reads the file, or what it lies in.</param>
internal sealed record Target(string Name, string File, Action<string> Read)
{
    /// <summary>Numbers are read of tensors up to this many elements.</summary>
    private const int MaximumElements = 1 << 16;

    /// <summary>A file beside it that the format needs, or null.</summary>
    public string? Beside { get; private init; }

    /// <summary>All readers.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        new("npy", "kernel.npy", path => Variables(Path.GetDirectoryName(path)!)),
        new("npz", "variables.npz", Variables),
        new("index", "model.ckpt.index", Variables) { Beside = "model.ckpt.data-00000-of-00001" },
        new("v1", "model.ckpt-1", Variables),
        new("safetensors", "model.safetensors", Variables),
        new("pt", "model.pt", Variables),
        new("onnx", "model.onnx", Variables),
        new("params", "model.params", Variables),
        new("msgpack", "model.msgpack", Variables),
        new("zip", "model.zip", Variables),
        new("hdf5", "variables.h5", Variables),
        new("keras-h5", "model.h5", Keras),
        new("keras", "model.keras", Keras),
        new("saved-model", "saved_model.pb", path => Variables(Path.GetDirectoryName(path)!)),
        new("graph", "model.pb", path => RecurrentSource.CellsOf(Graph.Open(path))),
        new("meta", "model.ckpt.meta", path => RecurrentSource.CellsOf(Graph.Open(path))),
        new("pbtxt", "model.pbtxt", path => RecurrentSource.CellsOf(Graph.Open(path))),
    ];

    private static void Variables(string path)
    {
        using var source = RecurrentSource.Open(path);
        foreach (var tensor in source.Variables.Tensors)
        {
            if (tensor.Shape.ElementCount <= MaximumElements && tensor.DType.IsWeight())
            {
                tensor.ToDoubles();
            }
        }
    }

    private static void Keras(string path)
    {
        using var file = KerasInspection.Open(path);
        GC.KeepAlive(file.Layers.Count);
    }
}
