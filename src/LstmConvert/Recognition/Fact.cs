using System.Globalization;

namespace LstmConvert.Recognition;

/// <summary>Where a fact comes from that no variable holds; the order is the order of trust.</summary>
public enum EvidenceKind
{
    /// <summary>The user said it.</summary>
    Option,

    /// <summary>It stands in the graph beside the checkpoint.</summary>
    Graph,

    /// <summary>The convention under which the file was written fixes it (cuDNN's cells have no forget bias).</summary>
    Dialect,

    /// <summary>Nothing says it: the default of TensorFlow's class.</summary>
    Assumed,
}

/// <summary>A value with the evidence for it.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Evidence">The kind of evidence.</param>
/// <param name="Detail">What exactly says so: <c>TensorFlow's default</c>, a node's name.</param>
public sealed record Fact<T>(T Value, EvidenceKind Evidence, string Detail = "")
{
    /// <summary>As people read it: <c>1 (graph: rnn/while/lstm_cell/add/y)</c>.</summary>
    public override string ToString()
    {
        var value = ToText();
        var kind = Evidence.ToString().ToLowerInvariant();
        return Detail.Length == 0 ? $"{value} ({kind})" : $"{value} ({kind}: {Detail})";
    }

    /// <summary>The value alone; a number that is a float32 exactly is shown with a float32's digits.</summary>
    public string ToText() => (Value is double number && (float)number == number ? Convert.ToString((float)number, CultureInfo.InvariantCulture) : Convert.ToString(Value, CultureInfo.InvariantCulture)) is { Length: > 0 } text ? text : "none";
}
