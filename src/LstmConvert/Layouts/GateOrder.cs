namespace LstmConvert.Layouts;

/// <summary>
/// The order of gates along the last axis, one letter a gate: <c>i</c> input, <c>f</c> forget, <c>o</c> output, <c>j</c> or
/// <c>c</c> candidate; <c>r</c> reset, <c>u</c> or <c>z</c> update. TensorFlow 1 writes <c>ijfo</c>, Keras <c>ifco</c>.
/// </summary>
internal static class GateOrder
{
    /// <summary>For each gate of one order, its place in another.</summary>
    /// <param name="from">The order that the columns have.</param>
    /// <param name="to">The order that they shall have; the same gates.</param>
    /// <exception cref="ArgumentException">The two orders do not name the same gates.</exception>
    public static int[] Places(string from, string to)
    {
        var places = to.Select(gate => Place(from, gate)).ToArray();
        return places.Length == from.Length && places.Distinct().Count() == places.Length
            ? places
            : throw new ArgumentException($"'{from}' and '{to}' do not name the same gates.", nameof(to));
    }

    /// <summary>The place of a gate in an order.</summary>
    /// <param name="order">The order.</param>
    /// <param name="gate">The gate's letter, in either spelling.</param>
    /// <exception cref="ArgumentException">The order has no such gate.</exception>
    public static int Place(string order, char gate)
    {
        for (var k = 0; k < order.Length; k++)
        {
            if (Canonical(order[k]) == Canonical(gate))
            {
                return k;
            }
        }

        throw new ArgumentException($"'{order}' has no gate '{gate}'.", nameof(gate));
    }

    private static char Canonical(char gate) => gate switch
    {
        'j' => 'c',
        'u' => 'z',
        _ => gate,
    };
}
