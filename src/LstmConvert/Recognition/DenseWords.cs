using System.Text.RegularExpressions;

namespace LstmConvert.Recognition;

/// <summary>Scopes whose names speak of a layer that is not recurrent.</summary>
internal static partial class DenseWords
{
    public static bool SpeakOfDense(string scope) => Words().IsMatch(scope[(scope.LastIndexOf('/') + 1)..]);

    [GeneratedRegex(
        "^(layer_with_weights|dense|logits?|softmax|proj|projection|output|out|fc|fully_connected|full|linear|embed|embedding|attention|attn|memory|query|score|predict|prediction|conv|batch|norm|highway|classifier|head|crf|wrapper)|(_wrapper|_layer|_projection|_proj|_logits|_dense|_output|_out)(_[0-9]+)?$",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Words();
}
