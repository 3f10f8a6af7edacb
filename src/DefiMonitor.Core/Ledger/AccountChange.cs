using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Ledger;

/// <summary>What became of an account since an earlier report of it: amounts and health. Prices are not told apart from deeds here.</summary>
/// <param name="Since">The block of the earlier report.</param>
/// <param name="SinceSecond">That block's time.</param>
/// <param name="HealthBefore">Wad; null = no debt then.</param>
/// <param name="Legs">Those whose amount moved, interest included; empty where one of the two could not be read.</param>
/// <param name="Why">Why nothing can be compared; null = it can.</param>
public sealed record AccountChange(MarginAccountId Account, BlockRef Since, ulong SinceSecond, UInt256? HealthBefore, UInt256? HealthNow, IReadOnlyList<LegChange> Legs, string? Why)
{
    /// <exception cref="ArgumentException">The reports are of two accounts.</exception>
    public static AccountChange Of(MarginReport before, MarginReport now)
    {
        if (before.Account != now.Account)
        {
            throw new ArgumentException($"{before.Account} and {now.Account} are two accounts.", nameof(before));
        }

        var why = now.Status == MarginStatus.Unknown ? "it can't be read now." : before.Status == MarginStatus.Unknown ? "it could not be read then."
            : now.Missing.Count > 0 ? "not all of it can be read now." : before.Missing.Count > 0 ? "not all of it could be read then." : null;
        return new AccountChange(
            now.Account, before.Block.Ref, before.Block.Timestamp, before.HealthFactor, now.HealthFactor, why is null ? [.. Moved(Known(before), Known(now))] : [], why);

        IReadOnlyList<Position> Known(MarginReport report) => [.. report.Positions.Where(p => p.Perpetual is not { } of || (IsMarked(before, of.Asset) && IsMarked(now, of.Asset)))];
    }

    // A profit that was not told then, or is not now, has not moved to nothing.
    private static bool IsMarked(MarginReport report, Address perpetual) => report.Positions.All(p => p.Perpetual is not { IsMarked: false } of || of.Asset != perpetual);

    private static IEnumerable<LegChange> Moved(IReadOnlyList<Position> before, IReadOnlyList<Position> now)
    {
        foreach (var leg in now.Concat(before.Where(b => !now.Any(n => IsSame(n, b)))))
        {
            var then = before.FirstOrDefault(b => IsSame(b, leg))?.Amount ?? UInt256.Zero;
            var today = now.FirstOrDefault(n => IsSame(n, leg))?.Amount ?? UInt256.Zero;
            if (then != today)
            {
                yield return new LegChange(leg.Side, leg.Asset, leg.Symbol, leg.Decimals, then, today);
            }
        }
    }

    // All options on a token, and what every perpetual has earned in it, go by that token.
    private static bool IsSame(Position a, Position b) =>
        a.Side == b.Side && a.Asset == b.Asset && TermsOf(a.Option) == TermsOf(b.Option) && a.Perpetual?.Asset == b.Perpetual?.Asset;

    private static (OptionKind Kind, UInt256 Strike, ulong Expiry)? TermsOf(OptionTerms? option) => option is null ? null : (option.Kind, option.Strike, option.Expiry);
}

/// <summary>Amounts in the token's own decimals; zero = there was, or is, no such leg.</summary>
public sealed record LegChange(PositionSide Side, Address Asset, string Symbol, int Decimals, UInt256 Before, UInt256 Now);
