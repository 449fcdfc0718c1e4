using LstmConvert.Tensors;

namespace LstmConvert.Layouts.Operators;

/// <summary>One block of the rows.</summary>
internal sealed record RowBlock(Derivation Inner, char Block) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding)
    {
        var inner = Inner.Place(binding);
        var blocks = inner.RowBlocks ?? throw new InvalidOperationException($"{this}: the rows have no names.");
        var (start, count) = blocks.Block(Block, binding.Sizes);
        var period = blocks.Resolve(binding.Sizes);
        var named = new SymbolicAxis([blocks.Terms.First(term => term.Letter == Block)]);
        if (period > 0 && inner.Rows > period && inner.Rows % period == 0)
        {
            var places = Enumerable
                .Range(0, checked((int)(inner.Rows / period)))
                .Select(place => inner.TakeRows((place * period) + start, count));
            return Placement.Above([.. places]) with { RowBlocks = named };
        }

        return start + count <= inner.Rows
            ? inner.TakeRows(start, count) with { RowBlocks = named }
            : throw new InvalidOperationException($"{this}: rows {start} to {start + count} of {inner.Rows} are asked for.");
    }

    internal override string Text(Binding? binding) => $"{Inner.Text(binding)}[{Block}]";

    internal override string Words(Binding? binding) => $"the rows {Block} of {Inner.Words(binding)}";
}
