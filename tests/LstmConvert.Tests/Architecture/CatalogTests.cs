using System.Reflection;
using LstmConvert.Cells;
using LstmConvert.Formats;

namespace LstmConvert.Tests.Architecture;

/// <summary>Nothing is forgotten in a catalog.</summary>
public sealed class CatalogTests
{
    [Fact]
    public void Every_cell_and_every_source_format_has_its_line_in_the_catalog()
    {
        object?[] Of(string property) =>
            [
                .. typeof(CellCatalog)
                    .Assembly.GetTypes()
                    .Select(type => type.GetProperty(property, BindingFlags.Public | BindingFlags.Static)?.GetValue(null)),
            ];
        var definitions = Of("Definition")
            .OfType<Cell>()
            .Concat(Of("Definitions").OfType<IReadOnlyList<Cell>>().SelectMany(cells => cells));
        Assert.Equal(definitions.Select(cell => cell.Name).Order(), CellCatalog.All.Select(cell => cell.Name).Order());
        var formats = typeof(SourceCatalog)
            .Assembly.GetTypes()
            .Where(type => type is { IsClass: true } && type.IsAssignableTo(typeof(ISourceFormat)));
        Assert.Equal(formats.Select(type => type.Name).Order(), SourceCatalog.Formats.Select(format => format.GetType().Name).Order());
    }
}
