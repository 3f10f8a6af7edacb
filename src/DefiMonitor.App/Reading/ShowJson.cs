using System.Globalization;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Risk.Options;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;

namespace DefiMonitor.App.Reading;

/// <summary>A reading as JSON, as docs/ledger.md says: our words beside the chain's, and the ledger.</summary>
public static class ShowJson
{
    public static object Of(string who, OwnerSettings owner, OwnerReading reading, IReadOnlyList<AccountChange> changes, OwnerAtVenues venues) => new
    {
        Owner = who,
        Addresses = owner.EveryAddress,
        SmartAccounts = owner.SmartAccounts,
        Chains = reading.Parts.Zip(reading.Ledger.Chains, Chain),
        Ledger = Ledger(reading.Ledger),
        Changes = changes,
        Venues = venues.Reports.Select(static v => new
        {
            Account = v.Account.ToString(),
            v.Status,
            v.UnknownReason,
            v.ValuedAt,
            v.ReadAt,
            MaintenanceMargin = v.MaintenanceMargin?.ToString(CultureInfo.InvariantCulture),
            InitialMargin = v.InitialMargin?.ToString(CultureInfo.InvariantCulture),
            AccountValue = v.AccountValue?.ToString(CultureInfo.InvariantCulture),
            v.IsDelayedLiquidation,
            v.MarginType,
            v.Holdings,
            v.Check,
            v.Body,
        }),
        Unnamed = venues.Unnamed.Select(static owner => new { owner.Source, owner.Owner, Accounts = owner.Accounts.Select(static account => account.Account), owner.Unknown }),
        Legacy = OwnerVenues.Legacy(reading.Accounts, venues.Reports).Select(static account => account.Account),
    };

    private static object Chain(ChainPart part, ChainSummary summary) => new
    {
        part.Chain.Chain,
        part.Chain.Name,
        Block = summary.Block is { } block ? new { block.Number, block.Hash, block.Timestamp, summary.AgeSeconds } : null,
        summary.SkewSeconds,
        summary.Unreadable,
        summary.Stale,
        Pin = part.Reading is null ? null : part.Reading.Pin == Pin.Strong ? "strong" : "weak",
        Accounts = (part.Reading?.Accounts ?? []).Select(a => Account(a, part.Reading!.Next)),
        Failures = (part.Reading?.Failures ?? []).Select(static f => new { f.Deployment, f.Why }),
        Feeds = (part.Reading?.Next.Feeds ?? []).Select(Feed),
        Allowances = part.Holdings.Allowances,
    };

    private static object Account(AccountReading a, NextPrices next) => new
    {
        a.Account,
        a.Account.Deployment,
        a.Owner,
        a.HasPosition,
        a.AtBlock.Status,
        a.AtBlock.HealthFactor,
        Agreement = a.Agreement.Kind,
        Difference = a.Agreement.Text,
        Ours = a.AtBlock.NativeWords.ToDictionary(w => w.Name, w => w.Value),
        ChainsOwn = a.Agreement.Chain.ToDictionary(w => w.Name, w => w.Value),
        a.AtBlock.Tag,
        Greeks = OptionExposures.Of(a.AtBlock),
        a.Actions,
        CanAct = ActionCheck.Best(a.Actions),
        Report = a.AtBlock,
        NextBlock = a.AtNext,
        NextPrice = a.AtMarket is { } then ? new { then.Tag, then.Status, then.HealthFactor, then.UnknownReason, Feeds = next.Of(a.AtBlock).Where(static f => f.Change is not null).Select(static f => f.Watch.Feed) } : null,
        PriceCaps = a.Caps.Select(c => new { c.Asset, c.Symbol, Cap = CapText.Json(c.Cap, a.AtBlock.Block.Timestamp) }),
    };

    private static object Feed(FeedSight sight) => new
    {
        sight.Watch.Name,
        sight.Watch.Feed,
        sight.Watch.Decimals,
        sight.Oracle,
        sight.UpdatedAt,
        sight.Market,
        MarketFrom = sight.Watch.Market.Contract,
        sight.ApartPpm,
        MarketIsHigher = sight.Rises,
        sight.Watch.DeviationBps,
        sight.Watch.HeartbeatSeconds,
        sight.Due,
        sight.Unknown,
    };

    private static object Ledger(OwnerLedger ledger) => new
    {
        ledger.SkewSeconds,
        ledger.Legs,
        ledger.Whole,
        ByChain = ledger.Chains.Select(static c => new { c.Chain, c.Summary }),
        ledger.Greeks,
        ledger.Nearest,
        ledger.Triggers,
        Prices = ledger.Market.Prices.Select(static p => new { p.Root, p.Price, p.Decimals, p.Source, Chain = p.Block is null ? (ChainId?)null : p.Chain, p.Block }),
        Unknown = ledger.Legs.Where(static l => l.Status != LegStatus.Known).Select(static l => l.Why).Distinct(),
    };
}
