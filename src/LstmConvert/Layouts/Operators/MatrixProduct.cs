using LstmConvert.Tensors;

namespace LstmConvert.Layouts.Operators;

/// <summary>The matrix product. It computes, and stands outermost.</summary>
internal sealed record MatrixProduct(Derivation Left, Derivation Right) : Derivation
{
    internal override IEnumerable<string> Roles => Left.Roles.Concat(Right.Roles).Distinct();

    internal override Arrangement Resolve(Binding binding)
    {
        var (left, right) = (Left.Place(binding), Right.Place(binding));
        return left.Columns == right.Rows
            ? new ProductArrangement(new Shape(left.Rows, right.Columns), left.Arrangement, right.Arrangement)
            : throw new InvalidOperationException($"{this}: {left.Shape} and {right.Shape} have no product.");
    }

    internal override Placement Place(Binding binding) =>
        throw new InvalidOperationException($"{this} is a product, and a product stands outermost.");

    internal override string Text(Binding? binding) => $"{Left.Text(binding)} @ {Right.Text(binding)}";

    internal override string Words(Binding? binding) =>
        $"the matrix product of ({Left.Words(binding)}) and ({Right.Words(binding)}), in float64, rounded once";
}
