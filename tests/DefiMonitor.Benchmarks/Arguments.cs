using System.Globalization;

namespace DefiMonitor.Benchmarks;

/// <summary><c>--name value</c> pairs.</summary>
internal sealed class Arguments(string[] args)
{
    public string? Text(string name)
    {
        var at = Array.IndexOf(args, "--" + name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }

    public int Number(string name, int otherwise) => Text(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new ArgumentException($"--{name} {text}: write a whole number above 0.");
}
