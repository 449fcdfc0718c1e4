using static LstmConvert.Cells.Cell;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// NASCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1466-1619; also tfa.rnn.NASCell): eight gates found by search.
/// <code>
/// kernel (x, 8u)   recurrent_kernel (h, 8u)   bias (8u,)   projection_weights (u, h)      h = u, or p with a projection
/// </code>
/// Keras: our own NASCell; the weights move as they are.
/// </summary>
internal static class NasCell
{
    private const string Projection = "projection_weights";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("NASCell")
        {
            Scopes = ["nas_cell", "nas_rnn"],
            Variables =
            [
                Role("kernel", "(x, 8u)"),
                Role("recurrent_kernel", "(h, 8u)"),
                Optional("bias", "(8u,)"),
                Optional(Projection, "(u, h)", ""),
            ],
            SizesByDefault = [new('h', 'u')],
            Gates = "ijklmnop",
            States = [new("c", 'u'), new("h", 'h')],
            OutputWidth = 'h',
            Graph =
            [
                "i, j, k, l, m, n, o, p = split(x @ kernel); q, r, s, t, u, v, w, y = split(h @ recurrent_kernel + bias?); a = tanh(sigmoid(i + q)*relu(j + r));"
                    + "b = tanh(sigmoid(k + s) + relu(l*t)); d = tanh(tanh(m + u)*sigmoid(n + v)); e = sigmoid(tanh(o + w) + sigmoid(p + y));"
                    + "c = tanh(a + c)*b; h = tanh(c*tanh(d + e)); h = h @ projection_weights?",
            ],
            GoesBack = use => KerasLayers.Rnn.IsAround(use, KerasLayers.NasCell.Definition),
            Equations = at => new Equations.TensorFlow1.NasCell(
                at["kernel"],
                at["recurrent_kernel"],
                at.Optional("bias"),
                at.Optional(Projection)),
            ToKeras = cell =>
                [
                    KerasLayers.NasCell.Of(
                        From("kernel"),
                        From("recurrent_kernel"),
                        cell.Has("bias") ? From("bias") : null,
                        cell.Has(Projection) ? (From(Projection), cell.OutputSize) : null,
                        cell.Units,
                        states: ["h", "c"]),
                ],
        };
}
