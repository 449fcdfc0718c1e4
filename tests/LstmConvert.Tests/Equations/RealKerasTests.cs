using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.Keras;
using LstmConvert.Tests.Arrays;

namespace LstmConvert.Tests.Equations;

/// <summary>Keras's equations, loop and Bidirectional against real Keras in float64: masks, directions, states, merges.</summary>
public sealed class RealKerasTests
{
    private const double Limit = 1e-13;

    /// <summary>One line a layer: name, class, and what it is called with; the script and the test read the same lines.</summary>
    private const string Layers = """
        lstm LSTM tanh sigmoid sequences bias
        lstm_last LSTM softsign hard_sigmoid last bias
        lstm_no_bias LSTM elu sigmoid sequences plain
        lstm_mask LSTM tanh sigmoid sequences bias mask
        lstm_mask_last LSTM tanh sigmoid last bias mask
        lstm_mask_zero LSTM tanh sigmoid sequences bias mask zero
        lstm_back LSTM tanh sigmoid sequences bias back
        lstm_back_last LSTM relu sigmoid last bias back
        lstm_back_mask LSTM tanh sigmoid sequences bias back mask
        lstm_back_mask_last LSTM tanh sigmoid last bias back mask
        lstm_states LSTM tanh sigmoid sequences bias states
        lstm_states_back_mask LSTM tanh sigmoid sequences bias states back mask zero
        gru_after GRU tanh sigmoid sequences bias after
        gru_before GRU tanh sigmoid sequences bias
        gru_after_no_bias GRU selu sigmoid sequences plain after
        gru_before_no_bias GRU gelu sigmoid sequences plain
        gru_after_mask_back GRU tanh softsign sequences bias after mask back
        gru_before_states GRU mish sigmoid last bias states mask
        rnn SimpleRNN tanh sigmoid sequences bias
        rnn_no_bias SimpleRNN softplus sigmoid last plain mask back states
        bi_concat LSTM tanh sigmoid sequences bias concat
        bi_sum GRU tanh sigmoid sequences bias sum after
        bi_mul SimpleRNN tanh sigmoid sequences bias mul
        bi_ave LSTM tanh sigmoid last bias ave
        bi_none GRU tanh sigmoid sequences bias none
        bi_none_last GRU tanh sigmoid last bias none after
        bi_concat_mask LSTM tanh sigmoid sequences bias concat mask
        bi_sum_mask_last LSTM tanh sigmoid last bias sum mask
        bi_states GRU tanh sigmoid sequences bias concat states mask after
        """;

    private const string Script = """
        keras.config.set_floatx('float64'); keras.config.set_dtype_policy('float64')
        r, d = np.random.RandomState(1), {}
        for line in LINES.splitlines():
            name, kind, activation, gate, returns, bias, *flags = line.split()
            B, T, X, U = 3, 6, 4, 5
            arguments = dict(activation=activation, use_bias=bias == 'bias', return_sequences=returns == 'sequences', return_state=True, go_backwards='back' in flags, zero_output_for_mask='zero' in flags)
            if kind != 'SimpleRNN': arguments['recurrent_activation'] = gate
            if kind == 'GRU': arguments['reset_after'] = 'after' in flags
            layer = getattr(keras.layers, kind)(U, **arguments)
            merge = [f for f in flags if f in ('concat', 'sum', 'mul', 'ave', 'none')]
            if merge: layer = keras.layers.Bidirectional(layer, merge_mode=None if merge[0] == 'none' else merge[0])
            x = r.randn(B, T, X)
            layer.build(x.shape)
            layer.set_weights([0.7 * r.randn(*w.shape) for w in layer.get_weights()])
            mask = r.rand(B, T) > 0.35
            mask[0] = [True] * 4 + [False] * 2
            mask[:, 0 if 'back' not in flags else -1] |= 'states' in flags       # before the first step that counts, backends differ with a given state
            states = [r.randn(B, U) for _ in range((2 if kind == 'LSTM' else 1) * (2 if merge else 1))] if 'states' in flags else None
            y = layer(x, mask=mask if 'mask' in flags else None, initial_state=states)
            for n, w in enumerate(layer.get_weights()): d[f'{name}/w{n}'] = w
            for n, v in enumerate(y): d[f'{name}/y{n}'] = np.asarray(v)
            for n, v in enumerate(states or []): d[f'{name}/s{n}'] = v
            d.update({f'{name}/x': x, f'{name}/mask': mask.astype('f8')})
        np.savez(out, **d)
        """;

    [Fact]
    public void Layers_compute_what_real_Keras_does()
    {
        var recorded = Oracle.Keras($"LINES = '''{Layers}'''\n{Script}");
        foreach (var line in Layers.Split('\n', StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ');
            var (expected, actual) = (Outputs(recorded, words[0]), Run(recorded, words));
            Assert.Equal(expected.Length, actual.Length);
            foreach (var (theirs, ours) in expected.Zip(actual))
            {
                var worst = theirs.Zip(ours, (a, b) => Math.Abs(a - b)).Max();
                Assert.True(
                    theirs.Length == ours.Length && worst <= Limit,
                    string.Create(CultureInfo.InvariantCulture, $"{line}: {worst:g3}"));
            }
        }
    }

    [Fact]
    public void Dense_takes_inputs_of_any_rank()
    {
        var recorded = Oracle.Keras("""
            keras.config.set_floatx('float64'); keras.config.set_dtype_policy('float64')
            r, d = np.random.RandomState(1), {}
            for n, shape in enumerate([(2, 4), (2, 3, 4), (2, 3, 5, 4), (40, 4)]):
                x, layer = r.randn(*shape), keras.layers.Dense(6, activation='softmax')
                layer.build(shape)
                layer.set_weights([r.randn(*w.shape) for w in layer.get_weights()])
                d.update({f'{n}/x': x, f'{n}/y': np.asarray(layer(x)), f'{n}/k': layer.get_weights()[0], f'{n}/b': layer.get_weights()[1]})
            np.savez(out, **d)
            """);
        for (var n = 0; n < 4; n++)
        {
            var result = new Dense(recorded[$"{n}/k"], recorded[$"{n}/b"], Activations.Softmax).Call(recorded[$"{n}/x"]);
            Assert.Equal(recorded[$"{n}/y"].Dimensions, result.Dimensions);
            Assert.All(recorded.Values($"{n}/y").Zip(result.ToDoubles()), pair => Assert.InRange(pair.First - pair.Second, -Limit, Limit));
        }
    }

    private static double[][] Outputs(Recorded recorded, string name) =>
        [.. Enumerable.Range(0, 9).Select(k => $"{name}/y{k}").Where(recorded.Has).Select(recorded.Values)];

    private static double[][] Run(Recorded recorded, string[] words)
    {
        var (name, flags, isSequence) = (words[0], words[6..], words[4] == "sequences");
        var weights = Enumerable.Range(0, 9).Select(k => $"{name}/w{k}").Where(recorded.Has).Select(key => recorded[key]).ToArray();
        var x = recorded.Sequence($"{name}/x");
        var mask = flags.Contains("mask") ? Mask.Of(recorded.Mask($"{name}/mask")) : null;
        var perLayer = words[1] == "LSTM" ? 2 : 1;
        NumericArray[] States(int direction) =>
            [
                .. Enumerable
                    .Range(direction * perLayer, perLayer)
                    .Select(k =>
                        recorded.Has($"{name}/s{k}") ? recorded[$"{name}/s{k}"] : NumericArray.Zeros(Precision.Double, x.Batch, 5)),
            ];
        if (
            Array.Find(Enum.GetValues<MergeMode>(), mode => flags.Contains(mode.ToString().ToLowerInvariant())) is var merge
            && !flags.Contains(merge.ToString().ToLowerInvariant()))
        {
            var run = Loop.Run(Cell(words, weights), x, mask, States(0), flags.Contains("back"), flags.Contains("zero"));
            return [isSequence ? run.Output.Values : run.LastOutput!.ToDoubles(), .. run.FinalStates.Select(state => state.ToDoubles())];
        }

        var half = weights.Length / 2;
        var (forward, backward) = Bidirectional.Run(
            Cell(words, weights[..half]),
            Cell(words, weights[half..]),
            x,
            mask,
            States(0),
            States(1),
            zeroOutputForMask: isSequence);
        double[][] merged = isSequence
            ? [.. Bidirectional.Merge(merge, forward.Output, backward.Output, Precision.Double).Select(sequence => sequence.Values)]
            : [.. Bidirectional.Merge(merge, forward.LastOutput!, backward.LastOutput!).Select(array => array.ToDoubles())];
        return [.. merged, .. forward.FinalStates.Concat(backward.FinalStates).Select(state => state.ToDoubles())];
    }

    private static IStepEquations Cell(string[] words, NumericArray[] weights)
    {
        var (activation, gate) = (Activations.ByKeras(words[2], 3)!, Activations.ByKeras(words[3], 3)!);
        var bias = weights.ElementAtOrDefault(2);
        return words[1] switch
        {
            "LSTM" => new Lstm(weights[0], weights[1], bias, activation, gate),
            "GRU" => new Gru(weights[0], weights[1], bias, words.Contains("after"), activation, gate),
            _ => new SimpleRnn(weights[0], weights[1], bias, activation),
        };
    }
}
