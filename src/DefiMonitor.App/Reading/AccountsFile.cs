using DefiMonitor.App.Cli;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.App.Reading;

/// <summary>
/// A file of accounts, one a line: an address, which stands for its account in every deployment of the chain, or an account's id. What follows a comma or a blank is left
/// out, and so are empty lines and those that begin with #.
/// </summary>
public static class AccountsFile
{
    private const int MostProblems = 10;

    /// <param name="othersToo">True to pass over accounts of other deployments: a list of a whole chain names other markets too.</param>
    /// <exception cref="CliException">The file can't be read, or a line of it is no account of these deployments.</exception>
    public static IReadOnlyList<MarginAccountId> Read(string path, IReadOnlyList<IProtocol> protocols, bool othersToo = false)
    {
        var found = new SortedSet<MarginAccountId>();
        var problems = new List<string>();
        try
        {
            var number = 0;
            foreach (var line in File.ReadLines(path))
            {
                number++;
                var text = line.AsSpan().Trim();
                var end = text.IndexOfAny(',', ' ', '\t');
                text = end < 0 ? text : text[..end];
                if (text.IsEmpty || text[0] == '#')
                {
                    continue;
                }

                if (Problem(text.ToString(), protocols, othersToo, found) is { } problem)
                {
                    problems.Add($"{path}:{number}: {problem}");
                    if (problems.Count == MostProblems)
                    {
                        problems.Add("(the rest of the file was not looked at)");
                        break;
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"--accounts {path}: the file can't be read ({e.Message}).", e);
        }

        if (problems.Count > 0)
        {
            throw new CliException(ExitCode.Usage, string.Join('\n', problems));
        }

        return found.Count > 0 ? [.. found] : throw new CliException(ExitCode.Usage, $"--accounts {path}: it names no account of {string.Join(", ", protocols.Select(p => p.Id))}; write an address or an account's id in each line.");
    }

    private static string? Problem(string text, IReadOnlyList<IProtocol> protocols, bool othersToo, SortedSet<MarginAccountId> found)
    {
        if (Address.TryParse(text, out var owner, out var why))
        {
            foreach (var protocol in protocols)
            {
                found.Add(protocol.AccountOf(owner));
            }

            return null;
        }

        if (!MarginAccountId.TryParse(text, out var id))
        {
            // An address with one wrong digit deserves to hear which.
            return text.StartsWith("0x", StringComparison.Ordinal) ? why : $"'{HostileText.OneLine(text, 100)}' is no account; write an address, or an id such as {protocols[0].AccountOf(Address.Zero)}.";
        }

        if (protocols.FirstOrDefault(p => p.Id == id!.Deployment) is not { } named)
        {
            return othersToo ? null : $"there is no deployment '{HostileText.OneLine(id!.Deployment.ToString(), 100)}' in the configuration of this chain; it has {string.Join(", ", protocols.Select(p => p.Id))}.";
        }

        if (named.AccountNamed(id!.Key) is not { } account)
        {
            return Address.TryParse(id.Key, out _, out why) ? $"'{HostileText.OneLine(id.Key, 100)}' is no account of {named.Id}." : why;
        }

        found.Add(account);
        return null;
    }
}
