using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>What is asked at every judged block of one account, and on behalf of what it holds.</summary>
internal sealed class AccountCalls(DeriveMarket market)
{
    private readonly DeriveCalls calls = market.Calls;

    /// <summary>What the verdict goes by; of an account whose manager is none that is known, only who its manager is now: a contract of anybody's is not asked.</summary>
    public IEnumerable<Call> Verdict(Address account, AccountRow row)
    {
        if (!SubAccountKeys.IsSubAccount(account, out var id))
        {
            yield return calls.CountOf(account);
            yield break;
        }

        yield return calls.Manager(id);
        if (market.KindOf(row) == ManagerKind.Unknown)
        {
            yield break;
        }

        yield return DeriveCalls.Margin(row.Manager, id, isInitial: false);
        yield return DeriveCalls.Margin(row.Manager, id, isInitial: true);
        yield return DeriveCalls.MarkToMarket(row.Manager, id);
        yield return calls.Interest(id);
        yield return calls.Auction(id);
    }

    /// <summary>Whether an auction may start, and what the margin is computed from: the feeds of what the account holds, and the parameters. The model goes by them, and the reason for a refusal is found among them.</summary>
    public IEnumerable<Call> Inputs(Address account, AccountRow row)
    {
        if (!SubAccountKeys.IsSubAccount(account, out var id) || market.KindOf(row) == ManagerKind.Unknown)
        {
            return [];
        }

        var held = market.Held.Of(account).Where(key => key.Asset != market.Deployment.Cash).ToList();
        return Terms(account, id, row, held).Prepend(calls.Whitelisted(row.Manager)).Concat(held.SelectMany(key => Quotes(id, row, key)));
    }

    /// <summary>The feeds of an asset under a manager; null where none are known.</summary>
    public (Address Spot, Address Forward, Address Volatility)? FeedsOf(in Address asset, in AccountRow row)
    {
        if (market.KindOf(row) == ManagerKind.Portfolio2 && (asset == market.Answers.Address(DeriveAbi.Option.Call(row.Manager)) || asset == market.Answers.Address(DeriveAbi.PerpOf.Call(row.Manager))))
        {
            return market.Answers.Address(DeriveAbi.SpotFeed.Call(row.Manager)) is { } spot
                ? (spot, market.Answers.Address(DeriveAbi.ForwardFeed.Call(row.Manager)) ?? Address.Zero, market.Answers.Address(DeriveAbi.VolFeed.Call(row.Manager)) ?? Address.Zero)
                : null;
        }

        return market.Tables.Assets.TryGet(asset, out var known) ? market.FeedsOf(known.Market) : null;
    }

    public HoldingKind KindOf(in Address asset, in AccountRow row)
    {
        if (asset == market.Deployment.Cash)
        {
            return HoldingKind.Cash;
        }

        if (market.Tables.Assets.TryGet(asset, out var known))
        {
            return known.Type switch
            {
                AssetType.Option => HoldingKind.Option,
                AssetType.Perpetual => HoldingKind.Perpetual,
                AssetType.Base => HoldingKind.Base,
                _ => HoldingKind.Unknown,
            };
        }

        return market.KindOf(row) != ManagerKind.Portfolio2 ? HoldingKind.Unknown
            : asset == market.Answers.Address(DeriveAbi.Option.Call(row.Manager)) ? HoldingKind.Option
            : asset == market.Answers.Address(DeriveAbi.PerpOf.Call(row.Manager)) ? HoldingKind.Perpetual
            : market.Answers.Address(DeriveAbi.CollateralSpotFeeds.Call(row.Manager, asset)) is not null ? HoldingKind.Base
            : HoldingKind.Unknown;
    }

    /// <summary>The price feed of a wrapped token under this account's manager.</summary>
    public Address? BaseFeedOf(in Address asset, in AccountRow row) => market.KindOf(row) == ManagerKind.Portfolio2
        ? market.Answers.Address(DeriveAbi.CollateralSpotFeeds.Call(row.Manager, asset))
        : FeedsOf(asset, row)?.Spot;

    private IEnumerable<Call> Terms(Address account, ulong id, AccountRow row, List<BalanceKey> held)
    {
        switch (market.KindOf(row))
        {
            case ManagerKind.Standard:
                yield return calls.DepegParams;
                var stable = DeriveAbi.StableFeed.Call(row.Manager);
                yield return stable;
                if (market.Answers.Address(stable) is { } feed)
                {
                    yield return DeriveCalls.Spot(feed);
                }

                foreach (var marketId in held.Select(MarketOf).Where(static known => known is not null).Distinct())
                {
                    foreach (var call in calls.StandardTerms(marketId!.Value))
                    {
                        yield return call;
                    }
                }

                break;
            case ManagerKind.Portfolio2:
                foreach (var call in DeriveCalls.PortfolioManager(row.Manager).Append(calls.AccountLib(row.Manager, id)))
                {
                    yield return call;
                }

                foreach (var quoted in new[] { market.Answers.Address(DeriveAbi.SpotFeed.Call(row.Manager)), market.Answers.Address(DeriveAbi.StableFeed.Call(row.Manager)) })
                {
                    if (quoted is { } spot)
                    {
                        yield return DeriveCalls.Spot(spot);
                    }
                }

                if (market.LibraryOf(account, row.Manager) is { } library)
                {
                    foreach (var call in DeriveCalls.PortfolioTerms(library))
                    {
                        yield return call;
                    }

                    foreach (var key in held.Where(key => KindOf(key.Asset, row) is HoldingKind.Base or HoldingKind.Unknown))
                    {
                        yield return DeriveAbi.CollateralSpotFeeds.Call(row.Manager, key.Asset);
                        yield return DeriveAbi.GetCollateralParameters.Call(library, key.Asset);
                    }
                }

                break;
        }
    }

    private IEnumerable<Call> Quotes(ulong id, AccountRow row, BalanceKey key)
    {
        switch (KindOf(key.Asset, row))
        {
            case HoldingKind.Base when BaseFeedOf(key.Asset, row) is { } feed:
                yield return DeriveCalls.Spot(feed);
                break;
            case HoldingKind.Perpetual:
                if (FeedsOf(key.Asset, row) is { } perp)
                {
                    yield return DeriveCalls.Spot(perp.Spot);
                }

                yield return DeriveAbi.GetPerpPrice.Call(key.Asset);
                yield return DeriveCalls.Unsettled(key.Asset, id);
                break;
            case HoldingKind.Option when FeedsOf(key.Asset, row) is { } feeds && OptionSubId.From(key.SubId) is { } option:
                yield return DeriveCalls.Spot(feeds.Spot);
                yield return DeriveCalls.Forward(feeds.Forward, option.Expiry);
                yield return DeriveCalls.Volatility(feeds.Volatility, option.Strike, option.Expiry);
                if (market.KindOf(row) == ManagerKind.Portfolio2 && market.Answers.Address(DeriveAbi.InterestRateFeed.Call(row.Manager)) is { } rates)
                {
                    yield return DeriveCalls.Rate(rates, option.Expiry);
                }

                break;
        }
    }

    private ulong? MarketOf(BalanceKey key) => market.Tables.Assets.TryGet(key.Asset, out var known) ? known.Market : null;
}
