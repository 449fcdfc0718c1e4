using System.Globalization;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Verification;

/// <summary>Random weights and a convention under which they were run, number by number: nothing of the product is used here.</summary>
internal sealed class PlantedConvention
{
    private readonly int inputs;
    private readonly int units;
    private readonly int steps;
    private readonly string order;
    private readonly double forgetBias;
    private readonly double clip;
    private readonly bool isBackward;
    private readonly bool isResidual;
    private readonly bool resetsAfter;
    private readonly bool updatesWithCandidate;
    private readonly (string Name, Func<double, double> Of) function;
    private readonly (string Name, Func<double, double> Of) gate;
    private readonly double[,] kernel;
    private readonly double[] bias;
    private readonly double[][]? peepholes;

    /// <summary>True if a state reached the limit: one that none reaches changes nothing.</summary>
    private bool isClipped;

    public PlantedConvention(Random random, (string Name, Func<double, double> Of)[] functions, (string Name, Func<double, double> Of)[] gates)
    {
        units = random.Next(4) == 0 ? random.Next(1, 65) : random.Next(1, 13);
        inputs = random.Next(3) == 0 ? units : random.Next(1, 9);
        steps = random.Next(2, 51);
        var letters = random.Next(5) switch
        {
            0 => "",
            1 or 2 => "zrh",
            _ => "ijfo",
        };
        char[] shuffled = [.. letters];
        random.Shuffle(shuffled);
        order = new string(shuffled);
        function = functions[random.Next(functions.Length)];
        gate = gates[random.Next(gates.Length)];
        (isBackward, isResidual) = (random.Next(2) == 0, inputs == units && random.Next(2) == 0);
        (resetsAfter, updatesWithCandidate) = (letters.Length == 3 && random.Next(2) == 0, letters.Length == 3 && random.Next(2) == 0);
        forgetBias = letters.Length == 4 ? random.Next(3) switch { 0 => 0, 1 => 1, _ => Math.Round((4 * random.NextDouble()) - 2, 2) + 0.0 } : 0;
        clip = letters.Length == 4 && forgetBias is 0 or 1 && random.Next(5) == 0 ? Math.Round(0.2 + (0.3 * random.NextDouble()), 2) : 0;
        var blocks = Math.Max(1, letters.Length);
        double Draw(double scale) => (float)(scale * ((2 * random.NextDouble()) - 1));
        kernel = new double[inputs + units, blocks * units];
        for (var row = 0; row < inputs + units; row++)
        {
            for (var column = 0; column < blocks * units; column++)
            {
                kernel[row, column] = Draw(2.5 / Math.Sqrt(inputs + units));
            }
        }

        bias = [.. Enumerable.Range(0, blocks * units).Select(_ => Draw(0.8))];
        peepholes =
            letters.Length == 4 && clip == 0 && random.Next(4) == 0
                ? [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, units).Select(_ => Draw(1)).ToArray())]
                : null;
        var (isTransposed, isStateFirst) = (random.Next(4) == 0, random.Next(4) == 0);
        Variables =
        [
            Stored(isStateFirst, isTransposed),
            Of("a/q", bias, bias.Length),
            .. (peepholes ?? []).Select((one, k) => Of($"a/{"rst"[k]}", one, units)),
        ];
        const int Batch = 3;
        var x = Enumerable.Range(0, Batch * steps * inputs).Select(_ => Draw(1.5)).ToArray();
        Recorded = [Of("x", x, Batch, steps, inputs), Of("outputs", Run(x, Batch), Batch, steps, units)];
    }

    public IReadOnlyList<Tensor> Variables { get; }

    public IReadOnlyList<Tensor> Recorded { get; }

    /// <summary>What kind of convention it is.</summary>
    public string Kind =>
        order.Length == 0 ? "no gates"
        : order.Length == 3 ? $"GRU, reset {(resetsAfter ? "after" : "before")} the product{(updatesWithCandidate ? ", update sign" : "")}"
        : peepholes is not null ? "LSTM with peepholes"
        : clip > 0 ? "LSTM with clipped states"
        : forgetBias is 0 or 1 ? $"LSTM, forget bias {forgetBias}"
        : "LSTM, any forget bias";

    /// <summary>What must be named; input gate and candidate of one function are one.</summary>
    public IEnumerable<string> Words
    {
        get
        {
            if (order.Length == 4)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"forget_bias = {forgetBias:g6}");
            }

            if (order.Length == 3)
            {
                yield return $"reset_after = {(resetsAfter ? "yes" : "no")}";
            }

            if (order.Length > 0)
            {
                yield return $"gates {string.Join(' ', order.ToCharArray())}";
                yield return $"recurrent_activation = {gate.Name}";
            }

            if (isClipped)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"cell_clip = {clip:g6}");
            }

            if (peepholes is not null)
            {
                yield return "peepholes i f o = a/r, a/s, a/t";
            }

            yield return $"activation = {function.Name}";
            yield return $"direction = {(isBackward ? "backward" : "forward")}";
            if (isResidual)
            {
                yield return "the input is added to the output";
            }
        }
    }

    public override string ToString() => $"({inputs}, {units}) {steps} steps, {string.Join(", ", Words)}";

    private MemoryTensor Stored(bool isStateFirst, bool isTransposed)
    {
        var (rows, columns) = (kernel.GetLength(0), kernel.GetLength(1));
        var values = new double[rows * columns];
        for (var row = 0; row < rows; row++)
        {
            var at = !isStateFirst ? row : row < inputs ? row + units : row - inputs;
            for (var column = 0; column < columns; column++)
            {
                values[isTransposed ? (column * rows) + at : (at * columns) + column] = kernel[row, column];
            }
        }

        return isTransposed ? Of("a/p", values, columns, rows) : Of("a/p", values, rows, columns);
    }

    private double[] Run(double[] x, int batch)
    {
        var result = new double[batch * steps * units];
        for (var b = 0; b < batch; b++)
        {
            var (h, c) = (new double[units], new double[units]);
            for (var k = 0; k < steps; k++)
            {
                var t = isBackward ? steps - 1 - k : k;
                var given = x.AsSpan(((b * steps) + t) * inputs, inputs).ToArray();
                (h, c) = order.Length switch
                {
                    4 => Lstm(given, h, c),
                    3 => (Gru(given, h), c),
                    _ => ([.. Enumerable.Range(0, units).Select(u => function.Of(Sum(0, u, given, h)))], c),
                };
                for (var u = 0; u < units; u++)
                {
                    result[(((b * steps) + t) * units) + u] = h[u] + (isResidual ? given[u] : 0);
                }
            }
        }

        return result;
    }

    private double Sum(int block, int unit, double[] x, double[] h) =>
        bias[(block * units) + unit] + Input(block, unit, x) + State(block, unit, h);

    private double Input(int block, int unit, double[] x) => x.Select((value, row) => value * kernel[row, (block * units) + unit]).Sum();

    private double State(int block, int unit, double[] h) =>
        h.Select((value, row) => value * kernel[inputs + row, (block * units) + unit]).Sum();

    private (double[] H, double[] C) Lstm(double[] x, double[] h, double[] c)
    {
        var (nextH, nextC) = (new double[units], new double[units]);
        for (var u = 0; u < units; u++)
        {
            double At(char letter) => Sum(order.IndexOf(letter, StringComparison.Ordinal), u, x, h);
            double Look(int which, double state) => peepholes is null ? 0 : peepholes[which][u] * state;
            var i = gate.Of(At('i') + Look(0, c[u]));
            var f = gate.Of(At('f') + forgetBias + Look(1, c[u]));
            nextC[u] = (f * c[u]) + (i * function.Of(At('j')));
            isClipped |= clip > 0 && Math.Abs(nextC[u]) > clip;
            nextC[u] = clip > 0 ? Math.Clamp(nextC[u], -clip, clip) : nextC[u];
            nextH[u] = gate.Of(At('o') + Look(2, nextC[u])) * function.Of(nextC[u]);
        }

        return (nextH, nextC);
    }

    private double[] Gru(double[] x, double[] h)
    {
        double At(char letter, int u) => gate.Of(Sum(order.IndexOf(letter, StringComparison.Ordinal), u, x, h));
        var candidate = order.IndexOf('h', StringComparison.Ordinal);
        double[] reset = [.. Enumerable.Range(0, units).Select(u => At('r', u))];
        double[] kept = [.. h.Zip(reset, (value, r) => value * r)];
        return
        [
            .. Enumerable.Range(0, units).Select(u =>
            {
                var state = resetsAfter ? reset[u] * State(candidate, u, h) : State(candidate, u, kept);
                var fresh = function.Of(bias[(candidate * units) + u] + Input(candidate, u, x) + state);
                var z = At('z', u);
                return updatesWithCandidate ? (z * fresh) + ((1 - z) * h[u]) : (z * h[u]) + ((1 - z) * fresh);
            }),
        ];
    }

    private static MemoryTensor Of(string name, double[] values, params long[] shape) =>
        new(
            new TensorInfo(name, DType.Float32, new Shape(shape)),
            values.SelectMany(value => BitConverter.GetBytes((float)value)).ToArray());
}
