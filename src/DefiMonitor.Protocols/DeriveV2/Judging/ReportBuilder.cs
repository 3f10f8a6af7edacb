using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>From an account's inputs, an instant and a shock to everything that is said of it. Pure.</summary>
internal sealed class ReportBuilder(ProtocolOptions options)
{
    private const int Decimals = 18;

    public MarginReport Build(DeriveV2State state, Instant at, Shock shock)
    {
        try
        {
            return state.Unknown is { } reason ? Unknown(state, at + shock.Seconds, reason)
                : Known(state, at, shock) is var report && report.Status == MarginStatus.Healthy && state.LeftBehind is { } why ? Unknown(state, at + shock.Seconds, why)
                : report;
        }
        catch (ArithmeticException)
        {
            return Unknown(state, at + shock.Seconds, "A figure of the account fits no number that a verdict could go by.");
        }
    }

    /// <summary>Each word by its size; one that is below 0 says so in its name.</summary>
    public static NativeWord[] WordsOf(DeriveV2State state) => state.Owned is { } owned
        ? [new NativeWord("subaccounts", owned.Count)]
        :
        [
            Word("maintenanceMargin", state.Words.Maintenance),
            Word("initialMargin", state.Words.Initial),
            Word("markToMarket", state.Words.MarkToMarket),
            Word("interest", state.Interest),
            new NativeWord("auctionSince", state.Auction.IsOngoing ? state.Auction.Since : 0),
        ];

    public static NativeWord Word(string name, Int128 value) =>
        new(value < 0 ? $"{name} below 0 by" : name, Figures.SizeOf(value));

    private MarginReport Known(DeriveV2State state, Instant at, Shock shock)
    {
        if (state.Owned is { } owned)
        {
            return Owner(state, owned, at + shock.Seconds);
        }

        var isShocked = shock.Seconds > 0 || shock.MovesPrices;
        if (!isShocked)
        {
            return Judge(state, at, ResultTag.ChainView);
        }

        // What no contract has been asked: the manager's own words moved by what the model says of the move, where it says what the manager says before.
        if ((state.NoModel ?? ModelCheck.Of(state)) is { } why)
        {
            return Unknown(state, at + shock.Seconds, why);
        }

        return state.Book is { } book && BookShock.Apply(book, [.. state.Underlyings.Select(one => shock.Apply(one.Asset, one.Spot))], shock.Seconds) is { } moved
            ? Judge(state with { Words = state.Words + moved }, at + shock.Seconds, ResultTag.Model)
            : Unknown(state, at + shock.Seconds, "The model refuses what the feeds say, so a what-if can't be told.");
    }

    private MarginReport Judge(DeriveV2State state, Instant at, ResultTag tag)
    {
        var settled = state.Words.Settled(state.Interest);
        var verdict = AccountVerdict.Of(settled, state.Auction);
        var positions = Legs.Of(state, at.Seconds);
        var isModelled = tag == ResultTag.ChainView && state.Book is not null && ModelCheck.Of(state) is null;
        var report = new MarginReport
        {
            Account = state.Account,
            Block = state.Block,
            At = at,
            AccruedAt = state.AccruedAt,
            Tag = tag,
            Status = verdict.Status,
            Unit = TokenUnit.Of(state.CashSymbol),
            UnitDecimals = Decimals,
            CollateralValue = Sum(positions, PositionSide.Collateral),
            DebtValue = Sum(positions, PositionSide.Debt),
            MarginBalance = verdict.Balance,
            MaintenanceRequirement = verdict.Requirement,
            HealthFactor = verdict.HealthFactor,
            Positions = positions,
            NativeWords = WordsOf(state),
            Blocked = state.IsAccepted != false || state.Auction.IsOngoing || !(settled.Maintenance < 0)
                ? []
                : [new Blocked("manager", $"The auction house does not take accounts of the manager {state.Manager}, so no auction can start.")],
        };
        if (verdict.Requirement.IsZero)
        {
            return report;
        }

        return report with
        {
            NearestThreshold = FixedPoint.Wad,
            HasMovingThreshold = true,
            NearEdges = isModelled ? Computed.Later<PriceEdge>(() => Triggers.Edges(state)) : null,
            Triggers = Computed.Later<Trigger>(() => [Triggers.Of(state, verdict, isModelled)]),
            Liquidations = report.IsBelowEdge ? Computed.Later<LiquidationQuote>(() => Auctions.Quote(state, settled)) : [],
            Remedies = Computed.Later<Remedy>(() => Remedies.Of(state, verdict, options.TargetHealth)),
        };
    }

    private static MarginReport Owner(DeriveV2State state, OwnerState owned, Instant at) => owned.Count == (ulong)owned.Known
        ? new MarginReport
        {
            Account = state.Account,
            Block = state.Block,
            At = at,
            AccruedAt = state.AccruedAt,
            Status = MarginStatus.Healthy,
            Tag = ResultTag.ChainView,
            UnitDecimals = Decimals,
            NativeWords = WordsOf(state),
        }
        : Unknown(
            state, at,
            $"The owner has {owned.Count} sub-accounts, of which {owned.Known} are watched: name the others in owners.json (\"deriveSubAccounts\": [ids]), each is judged by itself.");

    private static UInt256 Sum(List<Position> legs, PositionSide side)
    {
        var sum = UInt256.Zero;
        foreach (var leg in legs)
        {
            sum += leg.Side == side ? leg.Value : UInt256.Zero;
        }

        return sum;
    }

    private static MarginReport Unknown(DeriveV2State state, Instant at, string reason) => new()
    {
        Account = state.Account,
        Block = state.Block,
        At = at,
        AccruedAt = state.AccruedAt,
        Status = MarginStatus.Unknown,
        Tag = ResultTag.ChainView,
        UnknownReason = reason,
        NativeWords = state.Owned is null ? [] : WordsOf(state),
    };
}
