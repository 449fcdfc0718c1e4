using System.Text.Json;
using LstmConvert.Arrays;
using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Tests.Arrays;

namespace LstmConvert.Tests.Cells;

/// <summary>Canonical variables, and the same numbers as cuDNN packs them.</summary>
internal sealed record CudnnPacking(
    NumericArray Buffer,
    IReadOnlyList<(string Name, NumericArray Array)> Canonical,
    int Layers,
    int Units,
    int InputSize,
    int Directions)
{
    /// <summary>Packs the cells of a scope, whose place and direction stand in the pattern.</summary>
    public static CudnnPacking Pack(Recorded variables, string scope, string pattern)
    {
        var directions = pattern.Contains("{1}", StringComparison.Ordinal) ? 2 : 1;
        var (weights, biases, canonical, units, inputSize, layers) = (
            new List<NumericArray>(),
            new List<NumericArray>(),
            new List<(string, NumericArray)>(),
            0,
            0,
            0);
        while (layers == 0 || pattern.Contains('{', StringComparison.Ordinal))
        {
            for (var direction = 0; direction < directions; direction++)
            {
                var path = string.Format(null, pattern, layers, direction == 0 ? "fw" : "bw");
                var roles = variables
                    .Names.Where(name => name.Contains(path + "/", StringComparison.Ordinal))
                    .ToDictionary(
                        name => name[(name.IndexOf(path, StringComparison.Ordinal) + path.Length + 1)..],
                        name => variables[name]);
                if (roles.Count == 0)
                {
                    return new CudnnPacking(
                        NumericArray.Concatenate([.. weights.Concat(biases).Select(part => part.Reshape(part.Count))]),
                        canonical,
                        layers,
                        units,
                        inputSize,
                        directions);
                }

                canonical.AddRange(roles.Select(role => ($"{scope}/{path}/{role.Key}", role.Value)));
                var (input, recurrent, inputBias, recurrentBias) = Pieces(roles, pattern.EndsWith("lstm_cell", StringComparison.Ordinal));
                (units, inputSize) = (recurrent[0].RowCount, layers == 0 ? input[0].Width : inputSize);
                weights.AddRange([.. input, .. recurrent]);
                biases.AddRange([.. inputBias, .. recurrentBias]);
            }

            layers++;
        }

        return new CudnnPacking(
            NumericArray.Concatenate([.. weights.Concat(biases).Select(part => part.Reshape(part.Count))]),
            canonical,
            layers,
            units,
            inputSize,
            directions);
    }

    /// <summary>A buffer of random numbers.</summary>
    public static NumericArray Random(CudnnMode mode, int layers, int units, int inputSize, bool isBidirectional) =>
        Numbers(new Random(11), (int)CudnnBuffer.Length(mode, layers, units, inputSize, isBidirectional));

    /// <summary>Random numbers between -0.8 and 0.8.</summary>
    public static NumericArray Numbers(Random random, params int[] shape) =>
        NumericArray.From(
            [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => (1.6 * random.NextDouble()) - 0.8)],
            Precision.Single,
            shape);

    /// <summary>What a recorded program says of its layer.</summary>
    public static (int Layers, int Units, int InputSize, bool IsBidirectional) Case(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
        var layer = document.RootElement.GetProperty("layers")[0];
        return (
            layer.GetProperty("num_layers").GetInt32(),
            layer.GetProperty("units").GetInt32(),
            layer.GetProperty("input_size").GetInt32(),
            layer.GetProperty("bidirectional").GetBoolean());
    }

    /// <summary>W <c>(u, width)</c> and R <c>(u, u)</c> of each gate in cuDNN's order, and both biases; where the canonical variables have
    /// one, it is the first.</summary>
    private static (NumericArray[] Input, NumericArray[] Recurrent, NumericArray[] InputBias, NumericArray[] RecurrentBias) Pieces(
        Dictionary<string, NumericArray> roles,
        bool isLstm)
    {
        if (!roles.TryGetValue("gates/kernel", out var gates))
        {
            return Split(roles["kernel"], roles["bias"], isLstm ? [0, 2, 1, 3] : [0]);
        }

        var (input, recurrent, inputBias, recurrentBias) = Split(gates, roles["gates/bias"], [0, 1]);
        return (
            [.. input, roles["candidate/input_projection/kernel"].Transpose()],
            [.. recurrent, roles["candidate/hidden_projection/kernel"].Transpose()],
            [.. inputBias, roles["candidate/input_projection/bias"]],
            [.. recurrentBias, roles["candidate/hidden_projection/bias"]]);
    }

    private static (NumericArray[] Input, NumericArray[] Recurrent, NumericArray[] InputBias, NumericArray[] RecurrentBias) Split(
        NumericArray kernel,
        NumericArray bias,
        int[] order)
    {
        var units = bias.Count / order.Length;
        var width = kernel.RowCount - units;
        NumericArray[] Parts(int start, int count) =>
            [.. order.Select(gate => kernel.Rows(start, count).Columns(gate * units, units).Transpose())];
        NumericArray[] biases = [.. order.Select(gate => bias.Columns(gate * units, units))];
        return (Parts(0, width), Parts(width, units), biases, [.. biases.Select(part => part * 0)]);
    }
}
