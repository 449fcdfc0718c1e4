using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>The parts of a scope.</summary>
internal static partial class ScopeName
{
    /// <summary>The last component without the number that makes it unique: <c>lstm_cell</c> of <c>rnn/lstm_cell_1</c>.</summary>
    /// <param name="scope">The scope.</param>
    public static string Component(string scope) => Unique().Replace(scope[(scope.LastIndexOf('/') + 1)..], "");

    /// <summary>What several scopes have in common from the start, whole components.</summary>
    /// <param name="scopes">The scopes.</param>
    public static string Common(IReadOnlyList<string> scopes)
    {
        var parts = scopes.Select(scope => scope.Split('/')).ToArray();
        var shared = 0;
        while (parts.All(path => path.Length > shared && path[shared] == parts[0][shared]))
        {
            shared++;
        }

        return string.Join('/', parts[0][..shared]);
    }

    /// <summary>The name of the Keras layer that belongs to a scope: <c>/</c> becomes <c>_</c>, and so does a point, with which no layer can
    /// be made on PyTorch (torch/nn/modules/module.py, register_parameter); a cell at the top is called <c>rnn</c>.</summary>
    /// <param name="scope">The scope.</param>
    public static string ToLayerName(string scope) => scope.Length == 0 ? "rnn" : scope.Replace('/', '_').Replace('.', '_');

    [GeneratedRegex("_[0-9]+$")]
    private static partial Regex Unique();
}
