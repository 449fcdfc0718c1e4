using LstmConvert.Fuzz;
using SharpFuzz;

if (args is [var name, ..] && Target.All.FirstOrDefault(one => one.Name == name) is { } target)
{
    using var place = new Place(target);
    if (args.Length > 1)
    {
        foreach (var path in args.Skip(1))
        {
            Console.WriteLine($"{path}: {place.Run(File.ReadAllBytes(path))}");
        }
    }
    else
    {
        Fuzzer.Run(place.Run);
    }

    return 0;
}

Console.Error.WriteLine($"usage: LstmConvert.Fuzz {string.Join('|', Target.All.Select(one => one.Name))} [FILE ...]");
return 2;
