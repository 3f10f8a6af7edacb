using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>Takes one account's inputs out of the tables.</summary>
internal sealed class StateCapture(DeriveMarket market, AccountCalls accounts, BookReader books, UnknownReasons reasons)
{
    public DeriveV2State Capture(MarginAccountId id, BlockHeader block)
    {
        var account = market.KeyOf(id);
        var state = new DeriveV2State(id, block) { AccruedAt = reasons.AccruedAt(block), LeftBehind = reasons.LeftBehind(block) };
        if ((reasons.OfMarket() ?? reasons.OfAccount(account, block)) is { } reason)
        {
            return state with { Unknown = reason };
        }

        return SubAccountKeys.IsSubAccount(account, out var number) ? SubAccount(state, account, number, block) : state with { Owned = OwnedBy(account, block) };
    }

    /// <summary>For a sub-account that <see cref="UnknownReasons"/> has nothing to say of.</summary>
    public (MarginWords Words, Int128 Interest, AuctionState Auction) Words(Address account, AccountRow row, ulong id, BlockHeader block)
    {
        Int128 Figure(Call call, int word = 0) => market.Answers.Signed(call, block, word)!.Value;

        market.Answers.TryGet(market.Calls.Auction(id), block, out var auction);
        return (
            new MarginWords(
                Figure(DeriveCalls.Margin(row.Manager, id, isInitial: false)), Figure(DeriveCalls.Margin(row.Manager, id, isInitial: true)),
                Figure(DeriveCalls.MarkToMarket(row.Manager, id), 1)),
            Figure(market.Calls.Interest(id)) - market.CashOf(account),
            new AuctionState(!auction[3].IsZero, !auction[2].IsZero, (ulong)UInt256.Min(auction[5], ulong.MaxValue), auction[6]));
    }

    public OwnerState OwnedBy(in Address owner, BlockHeader block)
    {
        market.Answers.TryGet(market.Calls.CountOf(owner), block, out var count);
        var known = 0;
        foreach (var (key, row) in market.Tables.Accounts)
        {
            known += row.Owner == owner && key != owner && row.Fields == EntryFields.All ? 1 : 0;
        }

        return new OwnerState(count[0], known);
    }

    private Int128? CutoffAt(BlockHeader block) => market.Answers.IsRefused(market.Calls.MtmCutoff, block) ? 0 : market.Answers.Signed(market.Calls.MtmCutoff, block);

    private DeriveV2State SubAccount(DeriveV2State state, Address account, ulong id, BlockHeader block)
    {
        market.Tables.Accounts.TryGet(account, out var row);
        var (words, interest, auction) = Words(account, row, id, block);
        var (book, underlyings, noModel) = books.Of(account, row, block);
        var (token, symbol) = market.TokenOf(market.Deployment.Cash);
        return state with
        {
            Manager = row.Manager,
            Words = words,
            Interest = interest,
            Cash = market.CashOf(account),
            Balances = [.. market.Held.Of(account).Select(key => new DeriveBalance(key.Asset, key.SubId, market.Tables.Balances.TryGet(key, out var balance) ? balance : 0))],
            Auction = auction,
            AuctionTerms = market.Answers.TryGet(market.Calls.AuctionParams, state.Block, out var terms) && CutoffAt(block) is { } cutoff ? new AuctionTerms(terms[0], terms[5], terms[6], cutoff) : null,
            IsAccepted = market.Answers.TryGet(market.Calls.Whitelisted(row.Manager), state.Block, out var accepted) ? !accepted[0].IsZero : null,
            CashToken = token,
            CashSymbol = symbol,
            Holdings = [.. market.Held.Of(account).Select(key => Holding(key, row, id, block))],
            Book = book,
            NoModel = noModel,
            Underlyings = underlyings,
        };
    }

    private DeriveHolding Holding(BalanceKey key, AccountRow row, ulong id, BlockHeader block)
    {
        market.Tables.Balances.TryGet(key, out var balance);
        var kind = accounts.KindOf(key.Asset, row);
        Int128? Figure(Call? call, int word = 0) => call is null ? null : market.Answers.Signed(call, block, word);

        switch (kind)
        {
            case HoldingKind.Cash:
                var (cash, cashSymbol) = market.TokenOf(key.Asset);
                return new DeriveHolding(kind, cash, cashSymbol, balance);
            case HoldingKind.Base:
                var (token, symbol) = market.TokenOf(key.Asset);
                return new DeriveHolding(kind, token, symbol, balance, Figure(accounts.BaseFeedOf(key.Asset, row) is { } feed ? DeriveCalls.Spot(feed) : null));
            case HoldingKind.Perpetual when accounts.FeedsOf(key.Asset, row) is { } feeds:
                var (perp, name) = market.UnderlyingOf(feeds.Spot);
                return new DeriveHolding(kind, perp, name, balance, Figure(DeriveAbi.GetPerpPrice.Call(key.Asset)), Figure(DeriveCalls.Unsettled(key.Asset, id)));
            case HoldingKind.Option when accounts.FeedsOf(key.Asset, row) is { } feeds && OptionSubId.From(key.SubId) is { } option:
                var (underlying, called) = market.UnderlyingOf(feeds.Spot);
                return new DeriveHolding(kind, underlying, called, balance, Option: option, Quote: Quote(feeds, option, row, block));
            default:
                return new DeriveHolding(HoldingKind.Unknown, key.Asset, $"asset {key.Asset.ToHex()[..8]}", balance);
        }
    }

    private OptionQuote? Quote((Address Spot, Address Forward, Address Volatility) feeds, OptionSubId option, AccountRow row, BlockHeader block)
    {
        var forward = DeriveCalls.Forward(feeds.Forward, option.Expiry);
        var volatility = Feed(DeriveCalls.Volatility(feeds.Volatility, option.Strike, option.Expiry), 0) ?? (option.Expiry <= block.Timestamp ? 0 : null);
        Int128? rate = market.KindOf(row) != ManagerKind.Portfolio2 ? 0
            : market.Answers.Address(DeriveAbi.InterestRateFeed.Call(row.Manager)) is { } rates ? market.Answers.Signed(DeriveCalls.Rate(rates, option.Expiry), block) : null;
        return Feed(forward, 0) is { } fixedPart && Feed(forward, 1) is { } variable && Feed(DeriveCalls.Spot(feeds.Spot), 0) is { } spot && volatility is { } known && rate is { } discounted
            ? new OptionQuote(fixedPart, variable, spot, known, Int128.Max(0, discounted))
            : null;

        // A feed that says less than nothing, or more than anything, says nothing.
        Int128? Feed(Call call, int word) => market.Answers.Signed(call, block, word) is { } figure && figure >= 0 && !Figures.IsTooLarge(figure) ? figure : null;
    }
}
