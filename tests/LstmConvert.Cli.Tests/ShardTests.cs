using System.Globalization;

namespace LstmConvert.Cli.Tests;

/// <summary>Releases 0.5 and 0.6 split an LSTM's matrix by columns, later ones by rows; joined again it is the same matrix.</summary>
public sealed class ShardTests : IDisposable
{
    private const int Rows = 7;
    private const int Columns = 16;
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;
    private readonly float[] kernel = Numbers(1, Rows * Columns);
    private readonly float[] bias = Numbers(2, Columns);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Shards_of_columns_and_shards_of_rows_convert_as_the_whole_matrix()
    {
        Write("whole", "W", Rows, Columns, (row, column) => kernel[(row * Columns) + column]);
        Write("columns", "W_0", Rows, 8, (row, column) => kernel[(row * Columns) + column]);
        Write("columns", "W_1", Rows, 8, (row, column) => kernel[(row * Columns) + 8 + column]);
        Write("rows", "W_0", 4, Columns, (row, column) => kernel[(row * Columns) + column]);
        Write("rows", "W_1", 3, Columns, (row, column) => kernel[((row + 4) * Columns) + column]);
        foreach (var source in new[] { "whole", "columns", "rows" })
        {
            CommandTests.WriteNpy(At($"{source}/RNN/LSTMCell/B.npy"), string.Create(CultureInfo.InvariantCulture, $"({Columns},)"), bias);
        }

        Assert.Equal(0, (await CommandTests.Run("tf2keras", At("whole"), "-o", At("whole.h5"))).Code);
        foreach (var source in new[] { "columns", "rows" })
        {
            Assert.Equal(0, (await CommandTests.Run("tf2keras", At(source), "-o", At(source + ".h5"))).Code);
            Assert.Equal(0, (await CommandTests.Run("verify", At("whole"), At(source + ".h5"))).Code);
        }
    }

    private static float[] Numbers(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }

    private void Write(string source, string name, int rows, int columns, Func<int, int, float> value)
    {
        Directory.CreateDirectory(At($"{source}/RNN/LSTMCell"));
        CommandTests.WriteNpy(
            At($"{source}/RNN/LSTMCell/{name}.npy"),
            string.Create(CultureInfo.InvariantCulture, $"({rows}, {columns})"),
            [.. Enumerable.Range(0, rows).SelectMany(row => Enumerable.Range(0, columns).Select(column => value(row, column)))]);
    }

    private string At(string name) => Path.Combine(folder, name);
}
