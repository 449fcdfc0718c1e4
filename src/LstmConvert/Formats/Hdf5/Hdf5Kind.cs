namespace LstmConvert.Formats.Hdf5;

/// <summary>What is below a group.</summary>
internal enum Hdf5Kind
{
    /// <summary>A group.</summary>
    Group,

    /// <summary>A dataset.</summary>
    Dataset,

    /// <summary>A soft, external or user-defined link: never followed.</summary>
    Link,

    /// <summary>Something else: a datatype that stands for itself.</summary>
    Other,
}
