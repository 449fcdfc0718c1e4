using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// ESNCell of TensorFlow Addons (tfa/rnn/esn_cell.py): an echo state network, which has the names and shapes of a SimpleRNN.
/// <code>
/// kernel (x, u)   recurrent_kernel (u, u)   bias (u,)
/// h' = (1 - leaky)*h + leaky*act([x;h] @ [kernel;recurrent_kernel] + bias)
/// </code>
/// Keras: SimpleRNN where nothing leaks, else our own ExtendedSimpleRNNCell. Connectivity and spectral radius are in the numbers of the
/// recurrent kernel.
/// </summary>
internal static class EsnCell
{
    private static readonly NumberFact Leaky = new NumberFact("leaky")
    {
        Neutral = FactValue.Of(1),
        Meaning = "the share of the new value in the state, 1 for all of it",
    }.By(1);

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("tfa.rnn.ESNCell")
        {
            Scopes = ["esn_cell", "esn"],
            Variables = [Role("kernel", "(x, u)"), Role("recurrent_kernel", "(u, u)"), Optional("bias", "(u,)")],
            NeedsScope = true,
            IsProposed = false,
            Facts = [Leaky, Activation.By("tanh")],
            Equations = at => new Equations.TensorFlow2.AddonsSimpleRnn(
                at["kernel"],
                at["recurrent_kernel"],
                at.Optional("bias"),
                at[Activation])
            {
                Leaky = at[Leaky],
            },
            ToKeras = cell =>
                cell[Leaky].Number == 1
                    ?
                    [
                        SimpleRnn.Of(
                            From("kernel"),
                            From("recurrent_kernel"),
                            cell.Has("bias") ? From("bias") : null,
                            cell.Units,
                            cell[Activation].Text!,
                            states: ["h"]),
                    ]
                    :
                    [
                        ExtendedSimpleRnnCell.Of(
                            From("kernel"),
                            From("recurrent_kernel"),
                            cell.Has("bias") ? From("bias") : null,
                            cell.Units,
                            cell[Activation].Text!,
                            cell[Leaky].Number ?? 1,
                            null,
                            states: ["h"]),
                    ],
        };
}
