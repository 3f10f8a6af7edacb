using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Ledger;

/// <summary>From what was read of an owner to the ledger. Pure.</summary>
public static class LedgerBuilder
{
    /// <summary>The venue of a leg that stands for everything on a chain.</summary>
    public const string WholeChain = "*";

    /// <summary>The venue of what lies in no venue.</summary>
    public const string Wallet = "wallet";

    public static OwnerLedger Build(IReadOnlyList<ChainHoldings> chains, IAssetBook book, MarketData market)
    {
        var parts = chains.Select(c => (Chain: c, Legs: (IReadOnlyList<LedgerLeg>)[.. LegsOf(c, book, market)])).ToList();
        var times = chains.Where(static c => c.Block is not null).Select(static c => c.Block!.Timestamp).ToList();
        var newest = times.DefaultIfEmpty().Max();
        IReadOnlyList<LedgerLeg> all = [.. parts.SelectMany(static p => p.Legs)];
        var whole = LedgerSums.Of(all);
        return new OwnerLedger
        {
            Legs = all,
            Whole = whole,
            Greeks = RootGreeks.Of(all, whole),
            Chains = [.. parts.Select(p => new ChainSummary(
                p.Chain.Chain, p.Chain.Name, p.Chain.Block, p.Chain.AgeSeconds, p.Chain.Block is { } block ? newest - block.Timestamp : null, p.Chain.Unreadable, p.Chain.Stale, LedgerSums.Of(p.Legs)))],
            Triggers = LedgerTrigger.Of(chains, book),
            Market = market,
            SkewSeconds = times.Count > 1 ? newest - times.Min() : null,
        };
    }

    private static IEnumerable<LedgerLeg> LegsOf(ChainHoldings chain, IAssetBook book, MarketData market)
    {
        var blank = new LedgerLeg { Chain = chain.Chain, Block = chain.Block?.Ref, AgeSeconds = chain.AgeSeconds, Venue = WholeChain, Status = LegStatus.Unknown };
        if (chain.Unreadable is { } dead)
        {
            yield return blank with { Why = dead };
            yield break;
        }

        foreach (var failure in chain.Failures)
        {
            yield return blank with { Venue = failure.Deployment.ToString(), Why = $"{failure.Deployment}: {failure.Why}" };
        }

        var roots = new RootFinder(chain, book, market);
        foreach (var (owner, report) in chain.Reports)
        {
            var account = blank with { Venue = report.Account.Deployment.ToString(), Account = report.Account, Owner = owner };
            if (report.Status == MarginStatus.Unknown)
            {
                yield return account with { Why = $"{report.Account}: {report.UnknownReason ?? "it could not be read."}" };
                continue;
            }

            foreach (var missing in report.Missing)
            {
                yield return account with { Why = $"{report.Account}: {missing}" };
            }

            foreach (var position in report.Positions)
            {
                var leg = LegOf(account, report, position);
                yield return position.Perpetual is not null ? roots.FindPerpetual(leg, report, position)
                    : position.Option is null ? roots.Find(leg, position.Asset, position.Symbol)
                    : roots.FindOption(leg, report, position);
            }
        }

        foreach (var held in chain.Wallet.Where(static w => w.Amount is not { IsZero: true }))
        {
            var leg = blank with { Venue = Wallet, Owner = held.Owner, Side = LedgerSide.Wallet, Counts = false, Asset = held.Token, Symbol = held.Symbol, Decimals = held.Decimals, Amount = held.Amount, Why = held.Why };
            yield return roots.Find(leg, held.Token, held.Symbol);
        }
    }

    private static LedgerLeg LegOf(LedgerLeg account, MarginReport report, Position position) => account with
    {
        Side = position.Side == PositionSide.Debt ? LedgerSide.Debt : LedgerSide.Collateral,
        Counts = position.Counts,
        Asset = position.Asset,
        Symbol = position.Symbol,
        Decimals = position.Decimals,
        Amount = position.Amount,
        Shares = position.Shares,
        VenuePrice = position.Price,
        VenueValue = position.Value,
        VenueUnit = report.Unit,
        VenueUnitDecimals = report.UnitDecimals,
        Oracle = position.Oracle,
    };
}
