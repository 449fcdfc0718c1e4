using System.Globalization;

namespace LstmConvert.Models;

/// <summary>Names of Python variables: a name is taken again as soon as nothing reads what it holds.</summary>
internal sealed class VariableNames
{
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    /// <summary>Takes a name: <c>y</c>, or <c>y_2</c> where that is taken.</summary>
    /// <param name="stem">The name.</param>
    public string Take(string stem)
    {
        for (var k = 1; ; k++)
        {
            var name = k == 1 ? stem : string.Create(CultureInfo.InvariantCulture, $"{stem}_{k}");
            if (taken.Add(name))
            {
                return name;
            }
        }
    }

    /// <summary>Gives a name back.</summary>
    /// <param name="name">The name.</param>
    public void Free(string name) => taken.Remove(name);
}
