using DefiMonitor.App.Cli;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.App.Reading;

/// <summary>A scenario as it is written on the command line: <c>ETH=-20%</c>, or several moves at once with commas between them.</summary>
/// <param name="Moves">Root factor or symbol, and its price afterwards in ppm of today's.</param>
public sealed record ShockText(string Text, IReadOnlyList<(string Name, uint Ppm)> Moves)
{
    /// <exception cref="CliException">It can't be read.</exception>
    public static ShockText Parse(string text)
    {
        var moves = new List<(string, uint)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var cut = part.IndexOf('=', StringComparison.Ordinal);
            var (name, move) = cut > 0 ? (part[..cut].Trim(), part[(cut + 1)..].Trim()) : ("", "");
            var isFall = move.StartsWith('-');
            if (name.Length == 0 || !move.EndsWith('%') || !Units.TryParse(move.Trim('%').TrimStart('-', '+').Trim(), 4, out var percent, out _))
            {
                throw new CliException(ExitCode.Usage, $"--shock: '{part}' is no move; write a risk factor or a token and by how much its price moves, such as ETH=-20% or ETH=-20%,BTC=-15%.");
            }

            // Four digits after the point of a percentage are the last of a ppm.
            if (percent > (isFall ? Shock.Unit : 1_000u * Shock.Unit))
            {
                throw new CliException(ExitCode.Usage, $"--shock: '{part}' is out of range; a price can't fall by more than 100 % nor rise by more than 100,000 % here.");
            }

            moves.Add((name, isFall ? Shock.Unit - (uint)percent : Shock.Unit + (uint)percent));
        }

        return new ShockText(text, moves);
    }

    /// <summary>The shock on a market's tokens: a factor moves all that hang on it, any other name the tokens of that symbol.</summary>
    /// <exception cref="CliException">A name is nobody's here.</exception>
    public Shock On(ChainId chain, IReadOnlyDictionary<Address, string> tokens, IAssetProfiles profiles)
    {
        var prices = new Dictionary<Address, uint>();
        foreach (var (name, ppm) in Moves)
        {
            var hit = tokens.Where(token => Is(profiles.Of(chain, token.Key, token.Value).Factor, name)).ToList();
            if (hit.Count == 0)
            {
                hit = [.. tokens.Where(token => Is(token.Value, name))];
            }

            if (hit.Count == 0)
            {
                var known = tokens.Values.Concat(tokens.Select(token => profiles.Of(chain, token.Key, token.Value).Factor)).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal);
                throw new CliException(ExitCode.Usage, $"--shock: no account of this market holds or owes {name}, nor anything that hangs on it; here there are {string.Join(", ", known)}.");
            }

            foreach (var (token, _) in hit)
            {
                prices[token] = ppm;
            }
        }

        return new Shock(prices, 0);
    }

    private static bool Is(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
