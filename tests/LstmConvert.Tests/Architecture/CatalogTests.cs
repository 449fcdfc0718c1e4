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
        var definitions = typeof(CellCatalog).Assembly.GetTypes().Select(type => type.GetProperty("Definition", BindingFlags.Public | BindingFlags.Static)?.GetValue(null)).OfType<Cell>();
        Assert.Equal(definitions.Select(cell => cell.Name).Order(), CellCatalog.All.Select(cell => cell.Name).Order());
        var formats = typeof(SourceCatalog).Assembly.GetTypes().Where(type => type is { IsClass: true } && type.IsAssignableTo(typeof(ISourceFormat)));
        Assert.Equal(formats.Select(type => type.Name).Order(), SourceCatalog.Formats.Select(format => format.GetType().Name).Order());
    }
}
