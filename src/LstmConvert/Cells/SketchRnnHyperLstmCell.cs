using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// HyperLSTMCell of sketch-rnn (magenta/magenta 2.1.4 models/sketch_rnn/rnn.py:307-480; Ha et al. 2016): what a
/// <see cref="SketchRnnLayerNormLstmCell"/> of k units inside it puts out scales the products of each gate.
/// <code>
/// W_xh (x, 4u)   W_hh (u, 4u)   bias (4u,)      columns i j f o; the forget bias is added at run time
/// LayerNormLSTMCell/…                           the cell inside, on the input beside the state, with a forget bias of its own
/// hyper_{i,j,f,o}{x,h}/zw/super_linear_{w,b} (k, e), (e,)   …/alpha/super_linear_w (e, u)      what scales x @ W_xh and h @ W_hh
/// hyper_{i,j,f,o}h/zb/super_linear_w (k, e)   …/beta/super_linear_w (e, u)                     what is added
/// ln_all/{ln_gamma,ln_beta} (4u,)   ln_c/{ln_gamma,ln_beta} (u,)      of the gates where they are normalised, of the state
/// </code>
/// Keras: our own HyperLSTMCell with the forget biases in the biases and betas.
/// </summary>
internal static class SketchRnnHyperLstmCell
{
    private const string Gates = "ijfo";

    /// <summary>The order of our cell.</summary>
    private const string OurGates = "ifjo";

    private const string Inside = "LayerNormLSTMCell/";

    private static readonly string[] Norms = ["ln_all/ln_gamma", "ln_all/ln_beta"];

    private static readonly NumberFact HyperForgetBias = new NumberFact("hyper_forget_bias")
    {
        Neutral = FactValue.Of(0),
        Meaning = "what is added to the forget gate of the cell inside",
    }.By(1);

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("sketch_rnn.HyperLSTMCell")
        {
            Scopes = ["HyperLSTMCell"],
            Variables =
            [
                Role("W_xh", "(x, 4u)"),
                Role("W_hh", "(u, 4u)"),
                Role("bias", "(4u,)"),
                Role($"{Inside}W_xh", "(x+u, 4k)"),
                Role($"{Inside}W_hh", "(k, 4k)"),
                .. Norms.Select(role => Role(Inside + role, "(4k,)")),
                Role($"{Inside}ln_c/ln_gamma", "(k,)", ""),
                Role($"{Inside}ln_c/ln_beta", "(k,)", ""),
                .. "xh".SelectMany(side => Gates.SelectMany(gate => HyperRoles(gate, side))),
                Role("ln_c/ln_gamma", "(u,)", ""),
                Role("ln_c/ln_beta", "(u,)", ""),
                .. Norms.Select(role => Optional(role, "(4u,)")),
            ],
            Together = [Norms],
            Gates = Gates,
            States = [new("h", 'u'), new("n", 'k'), new("c", 'u'), new("d", 'k')],
            Facts = [ForgetBias.By(1), HyperForgetBias, .. PlainFacts],
            Fixed = Plain,
            LettersOfLayer = "ke",
            IsProposed = false,
            Graph = [Step("i, j, f, o = split(norm([i;j;f;o], ln_all/ln_gamma, ln_all/ln_beta, 0.001, 4));"), Step("")],
            GoesBack = use => Rnn.IsAround(use, HyperLstmCell.Definition),
            Equations = Steps,
            Wrong = [.. EachTwoSwapped(Gates), Without(ForgetBias), Without(HyperForgetBias)],
            Obstacle = cell => cell.Has(Norms[0]) != cell.Has(Norms[1]) ? "half of the normalisation of its gates is missing" : null,
            ToKeras = cell => [HyperLstmCell.Of(Recipe(cell), states: ["h", "n", "c", "d"])],
        };

    private static string Hyper(char gate, char side, string part) => $"hyper_{gate}{side}/{part}";

    private static IEnumerable<Role> HyperRoles(char gate, char side) =>
        [
            Role(Hyper(gate, side, "zw/super_linear_w"), "(k, e)", ""),
            Role(Hyper(gate, side, "zw/super_linear_b"), "(e,)", ""),
            Role(Hyper(gate, side, "alpha/super_linear_w"), "(e, u)", ""),
            .. side == 'x'
                ? []
                : new[]
                {
                    Role(Hyper(gate, side, "zb/super_linear_w"), "(k, e)", ""),
                    Role(Hyper(gate, side, "beta/super_linear_w"), "(e, u)", ""),
                },
        ];

    /// <summary>A step; what is done with the gates before they are used comes in between.</summary>
    private static string Step(string between)
    {
        static string Scaled(char gate, char side) =>
            $"{gate}{side}*((n @ {Hyper(gate, side, "zw/super_linear_w")} + {Hyper(gate, side, "zw/super_linear_b")})"
            + $" @ {Hyper(gate, side, "alpha/super_linear_w")})";
        return $"i0, j0, f0, o0 = split(norm([[x;h];n] @ [{Inside}W_xh;{Inside}W_hh], {Inside}{Norms[0]}, {Inside}{Norms[1]}, 0.001, 4));"
            + "d = sigmoid(f0 + hyper_forget_bias)*d + sigmoid(i0)*tanh(j0);"
            + $"n = sigmoid(o0)*tanh(norm(d, {Inside}ln_c/ln_gamma, {Inside}ln_c/ln_beta, 0.001));"
            + "ix, jx, fx, ox = split(x @ W_xh); ih, jh, fh, oh = split(h @ W_hh); ib, jb, fb, ob = split(bias);"
            + string.Concat(
                Gates.Select(gate =>
                    $"{gate} = {Scaled(gate, 'x')} + {Scaled(gate, 'h')} + {gate}b"
                    + $" + (n @ {Hyper(gate, 'h', "zb/super_linear_w")}) @ {Hyper(gate, 'h', "beta/super_linear_w")};"))
            + between
            + "c = sigmoid(f + forget_bias)*c + sigmoid(i)*tanh(j); h = sigmoid(o)*tanh(norm(c, ln_c/ln_gamma, ln_c/ln_beta, 0.001))";
    }

    private static LstmConvert.Equations.TensorFlow1.SketchRnnHyperLstmCell Steps(CellArrays at)
    {
        HyperNorm Norm(char gate, char side) =>
            new(
                (at[Hyper(gate, side, "zw/super_linear_w")], at[Hyper(gate, side, "zw/super_linear_b")]),
                at[Hyper(gate, side, "alpha/super_linear_w")],
                side == 'x' ? null : (at[Hyper(gate, side, "zb/super_linear_w")], at[Hyper(gate, side, "beta/super_linear_w")]));
        LayerNorm Of(string scope) => new(at[$"{scope}/ln_gamma"], at[$"{scope}/ln_beta"], SketchRnnLayerNormLstmCell.Epsilon);
        return new(
            new(at[$"{Inside}W_xh"], at[$"{Inside}W_hh"], Of($"{Inside}ln_all"), Of($"{Inside}ln_c"), at[HyperForgetBias]),
            at["W_xh"],
            at["W_hh"],
            at["bias"],
            at[ForgetBias])
        {
            Inputs = [.. Gates.Select(gate => Norm(gate, 'x'))],
            States = [.. Gates.Select(gate => Norm(gate, 'h'))],
            State = Of("ln_c"),
            Gates = at.Optional(Norms[0]) is null ? null : Of("ln_all"),
        };
    }

    private static HyperLstmRecipe Recipe(BoundCell cell)
    {
        static Derivation Ordered(string role) => From(role).Gates(Gates, OurGates);
        static Derivation WithForgetBias(string role, string fact) => From(role).Plus(fact, "f", Gates).Gates(Gates, OurGates);
        static Derivation Each(char side, string part) => Beside([.. OurGates.Select(gate => From(Hyper(gate, side, part)))]);
        static Derivation[] Scale(char side) =>
            [Each(side, "zw/super_linear_w"), Each(side, "zw/super_linear_b"), Each(side, "alpha/super_linear_w")];
        var isNormalised = cell.Has(Norms[0]);
        return new HyperLstmRecipe(cell.Units, (int)cell.Sizes['k'], (int)cell.Sizes['e'])
        {
            Kernels = [Ordered("W_xh"), Ordered("W_hh"), isNormalised ? Ordered("bias") : WithForgetBias("bias", ForgetBias.Name)],
            Inside =
            [
                Ordered($"{Inside}W_xh"),
                Ordered($"{Inside}W_hh"),
                Ordered(Inside + Norms[0]),
                WithForgetBias(Inside + Norms[1], HyperForgetBias.Name),
                From($"{Inside}ln_c/ln_gamma"),
                From($"{Inside}ln_c/ln_beta"),
            ],
            Input = Scale('x'),
            State = Scale('h'),
            Shift = [Each('h', "zb/super_linear_w"), Each('h', "beta/super_linear_w")],
            SeenState = [From("ln_c/ln_gamma"), From("ln_c/ln_beta")],
            Gates = isNormalised ? [Ordered(Norms[0]), WithForgetBias(Norms[1], ForgetBias.Name)] : null,
            Epsilon = SketchRnnLayerNormLstmCell.Epsilon,
        };
    }
}
