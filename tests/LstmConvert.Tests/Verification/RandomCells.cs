using System.Globalization;
using System.Text;

namespace LstmConvert.Tests.Verification;

/// <summary>Variables of random cells as TensorFlow 1 names them, one <c>.npy</c> each.</summary>
internal static class RandomCells
{
    private const string Lstm = "lstm_cell";

    /// <summary>Writes one of a few kinds, 1 to 64 units, most of them small, and gives the folder.</summary>
    public static string Write(string folder, Random random)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        var units = random.Next(4) == 0 ? random.Next(1, 65) : random.Next(1, 13);
        var inputs = random.Next(1, 9);
        switch (random.Next(6))
        {
            case 0:
                OfLstm(folder, "rnn/" + Lstm, inputs, units, random);
                break;
            case 1:
                Npy(folder, "rnn/gru_cell/gates/kernel", random, inputs + units, 2 * units);
                Npy(folder, "rnn/gru_cell/gates/bias", random, 2 * units);
                Npy(folder, "rnn/gru_cell/candidate/kernel", random, inputs + units, units);
                Npy(folder, "rnn/gru_cell/candidate/bias", random, units);
                break;
            case 2:
                Npy(folder, "rnn/basic_rnn_cell/kernel", random, inputs + units, units);
                Npy(folder, "rnn/basic_rnn_cell/bias", random, units);
                break;
            case 3:
                OfLstm(folder, "bidirectional_rnn/fw/" + Lstm, inputs, units, random);
                OfLstm(folder, "bidirectional_rnn/bw/" + Lstm, inputs, units, random);
                break;
            case 4:
                OfLstm(folder, "rnn/multi_rnn_cell/cell_0/" + Lstm, inputs, units, random);
                OfLstm(folder, "rnn/multi_rnn_cell/cell_1/" + Lstm, units, units, random);
                break;
            default:
                Npy(folder, "rnn/cudnn_compatible_gru_cell/gates/kernel", random, inputs + units, 2 * units);
                Npy(folder, "rnn/cudnn_compatible_gru_cell/gates/bias", random, 2 * units);
                Npy(folder, "rnn/cudnn_compatible_gru_cell/candidate/input_projection/kernel", random, inputs, units);
                Npy(folder, "rnn/cudnn_compatible_gru_cell/candidate/input_projection/bias", random, units);
                Npy(folder, "rnn/cudnn_compatible_gru_cell/candidate/hidden_projection/kernel", random, units, units);
                Npy(folder, "rnn/cudnn_compatible_gru_cell/candidate/hidden_projection/bias", random, units);
                break;
        }

        return folder;
    }

    private static void OfLstm(string folder, string scope, int inputs, int units, Random random)
    {
        Npy(folder, $"{scope}/kernel", random, inputs + units, 4 * units);
        Npy(folder, $"{scope}/bias", random, 4 * units);
    }

    /// <summary>A variable of scale 1 over the root of its rows, a little more for small ones, so that a wrong block shows and nothing is
    /// chaotic.</summary>
    private static void Npy(string folder, string name, Random random, params int[] shape)
    {
        var scale = shape.Length == 1 ? 0.5 : 1.5 / Math.Sqrt(shape[0]);
        var count = shape.Aggregate(1, (product, length) => product * length);
        Npy(
            folder,
            name,
            [.. Enumerable.Range(0, count).Select(_ => (float)(scale * ((2 * random.NextDouble()) - 1) * 1.7))],
            shape);
    }

    private static void Npy(string folder, string name, float[] values, params int[] shape)
    {
        var path = Path.Combine(folder, name + ".npy");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var header =
            $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(", ", shape.Select(length => length.ToString(CultureInfo.InvariantCulture)))}{(shape.Length == 1 ? "," : "")}), }}";
        header = header.PadRight(((header.Length + 11 + 63) / 64 * 64) - 11) + "\n";
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0]);
        writer.Write((ushort)header.Length);
        writer.Write(Encoding.ASCII.GetBytes(header));
        foreach (var value in values)
        {
            writer.Write(value);
        }
    }

    /// <summary>Writes a relu RNN whose unit 1 never fires, and an LSTM above it; <paramref name="off"/> is added to one number of the row
    /// of the LSTM's kernel that the unit meets.</summary>
    public static string WriteWithDeadUnit(string folder, float off)
    {
        const string Scope = "rnn/multi_rnn_cell/";
        var random = new Random(5);
        Npy(folder, Scope + "cell_0/basic_rnn_cell/kernel", random, 3 + 4, 4);
        Npy(folder, Scope + "cell_0/basic_rnn_cell/bias", [0.4f, -100, 0.4f, 0.4f], 4);
        var kernel = Enumerable.Range(0, (4 + 3) * 12).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
        kernel[12 + 5] += off;
        Npy(folder, $"{Scope}cell_1/{Lstm}/kernel", kernel, 4 + 3, 12);
        Npy(folder, $"{Scope}cell_1/{Lstm}/bias", random, 12);
        return folder;
    }
}
