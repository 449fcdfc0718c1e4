using LstmConvert.Cells;
using LstmConvert.Conversion;

namespace LstmConvert.Tests.Conversion;

/// <summary>The catalog says of every cell what is known of it.</summary>
public sealed class CatalogTests
{
    [Fact]
    public void Every_cell_has_variables_and_either_layers_or_a_reason()
    {
        Assert.Equal(CellCatalog.All.Select(cell => cell.Name), Catalog.Cells.Select(cell => cell.Name));
        Assert.All(Catalog.Cells, cell =>
        {
            Assert.NotEmpty(cell.Variables);
            Assert.True(cell.Refusal is null || cell.Layers.Count == 0);
        });
        Assert.True(Catalog.Cells.Count(cell => cell.Layers.Count > 0) >= 25);
        Assert.Equal("lstm", Catalog.Cell("basiclstmcell").Layers[0].ClassName, ignoreCase: true);
        Assert.Contains("kernel (x+h, 4u)", Catalog.Cell("LSTMCell").Variables);
        Assert.Contains("forget_bias = 1", Catalog.Cell("LSTMCell").Facts);
        Assert.Throws<UsageException>(() => Catalog.Cell("NoSuchCell"));
        Assert.Contains(Catalog.Dialects, dialect => dialect.Name == "pytorch");
    }
}
