using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// GRUCell and GRUBlockCellV2 (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:549-598, contrib/rnn/python/ops/gru_ops.py).
/// <code>
/// gates/kernel      (x+u, 2u)   rows x then h; columns r u
/// gates/bias        (2u,)
/// candidate/kernel  (x+u, u)
/// candidate/bias    (u,)
/// </code>
/// Keras: GRU with <c>reset_after=False</c>, columns z r h; the update gate keeps the old state in both.
/// </summary>
internal static class GruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = Of("GRUCell", "gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias") with
    {
        AlsoKnownAs = ["GRUBlockCellV2"],
        Scopes = ["gru_cell", "GRUCell", "GRUBlockCellV2", "gru_block_cell_v2"],
        Graph =
        [
            "r, u = split_in_any_order([x;h] @ gates/kernel + gates/bias?); r = sigmoid(r); u = sigmoid(u);"
            + "c = activation([x;r*h] @ candidate/kernel + candidate/bias?); h = u*h + (1-u)*c",
            "_, _, _, h = GRUBlockCell|GRUBlockCellV2(x, h, gates/kernel, candidate/kernel, gates/bias, candidate/bias);"
            + "activation = tanh; recurrent_activation = sigmoid; gate_order = ru",
        ],
    };

    /// <summary>The equations of a GRU under these names.</summary>
    internal static Cell Of(string name, string gates, string gatesBias, string candidate, string candidateBias) =>
        new(name)
        {
            Variables =
            [
                Role(gates, "(x+h, 2u)"),
                Role(gatesBias, "(2u,)"),
                Role(candidate, "(x+h, u)", ""),
                Role(candidateBias, "(u,)", ""),
            ],
            SizesByDefault = [new('h', 'u')],
            Gates = "ru",
            Facts = [Activation.By("tanh"), RecurrentActivation with { OnlyIfShown = true }],
            GoesBack = use => use.ClassName == Gru.Definition.ClassName && !use.Is(RecurrentArguments.ResetAfter.Name),
            Equations = at => new Equations.TensorFlow1.GruCell(at[gates], at[gatesBias], at[candidate], at[candidateBias], at[Activation])
            {
                RecurrentActivation = at.Gate,
            },
            ToKeras = cell => [Layer(cell, gates, gatesBias, candidate, candidateBias, 'x', 'h')],
        };

    /// <summary>The layer of a GRU under these names.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="gates">The gates' kernel, r u.</param>
    /// <param name="gatesBias">Their bias.</param>
    /// <param name="candidate">The candidate's kernel.</param>
    /// <param name="candidateBias">Its bias.</param>
    /// <param name="input">The size that counts the rows of the input.</param>
    /// <param name="state">The size that counts the rows of the state.</param>
    internal static LayerRecipe Layer(
        BoundCell cell, string gates, string gatesBias, string candidate, string candidateBias, char input, char state)
    {
        var (x, h) = ($"{input}", $"{state}");
        return Gru.ResetBefore(
            kernel: Beside(From(gates).Rows(x).Gates("ru", "zr"), From(candidate).Rows(x)),
            recurrentKernel: Beside(From(gates).Rows(h).Gates("ru", "zr"), From(candidate).Rows(h)),
            bias: Beside(From(gatesBias).Gates("ru", "zr"), From(candidateBias)),
            units: cell.Units,
            activation: cell[Activation].Text!,
            recurrentActivation: cell.Find(RecurrentActivation.Name)?.Value.Text ?? "sigmoid",
            states: ["h"]);
    }
}
