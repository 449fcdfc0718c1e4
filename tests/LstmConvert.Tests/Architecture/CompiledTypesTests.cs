namespace LstmConvert.Tests.Architecture
{
    /// <summary>A use leaves a trace wherever it stands: each type of the namespace below is used in one place only.</summary>
    public sealed class CompiledTypesTests
    {
        [Theory]
        [InlineData("BaseType")]
        [InlineData("Attribute")]
        [InlineData("Field")]
        [InlineData("GenericArgument")]
        [InlineData("Local")]
        [InlineData("Body")]
        [InlineData("Caught")]
        [InlineData("Nested")]
        public void Every_kind_of_use_is_an_arrow(string kind)
        {
            var references = CompiledTypes.Read(typeof(CompiledTypesTests).Assembly.Location).References;
            Assert.Contains($"LstmConvert.Tests.Architecture.Used.{kind}", references["LstmConvert.Tests.Architecture.Users"]);
            Assert.DoesNotContain("LstmConvert.Tests.Architecture.Used.Unused", references["LstmConvert.Tests.Architecture.Users"]);
        }
    }
}

namespace LstmConvert.Tests.Architecture.Users
{
    [Used.Attribute.Marked]
    public sealed class User(Used.Field.Value? field) : Used.BaseType.Base
    {
        public override string ToString()
        {
            var values = new List<Used.GenericArgument.Value>();
            Used.Local.Value local = default;
            try
            {
                return Used.Body.Maker.Make(values.Count) + local + field + Length([values.Count]);
            }
            catch (Used.Caught.FailureException)
            {
                return "";
            }
        }

        private static int Length(int[] numbers) => numbers.Select(number => new Used.Nested.Value(number)).Count();
    }
}

namespace LstmConvert.Tests.Architecture.Used.BaseType
{
    public abstract class Base;
}

namespace LstmConvert.Tests.Architecture.Used.Attribute
{
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class MarkedAttribute : System.Attribute;
}

namespace LstmConvert.Tests.Architecture.Used.Field
{
    public sealed record Value;
}

namespace LstmConvert.Tests.Architecture.Used.GenericArgument
{
    public sealed record Value;
}

namespace LstmConvert.Tests.Architecture.Used.Local
{
    public readonly record struct Value;
}

namespace LstmConvert.Tests.Architecture.Used.Body
{
    public static class Maker
    {
        public static string Make(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}

namespace LstmConvert.Tests.Architecture.Used.Caught
{
    public sealed class FailureException : Exception;
}

namespace LstmConvert.Tests.Architecture.Used.Nested
{
    public sealed record Value(int Number);
}

namespace LstmConvert.Tests.Architecture.Used.Unused
{
    public sealed record Value;
}
