using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.Engine.Ledgers;

/// <summary>
/// What the ledger needs beside the venues' accounts, in one question: balances and allowances of the owner, the rates of wrappers, prices of roots.
/// Pure: it names the calls and reads the answers; all are of one block.
/// </summary>
public sealed class HoldingReads
{
    private const int NativeDecimals = 18;
    private const int MostDecimals = 77;
    private const string Unanswered = "the contract did not answer.";

    private readonly IAssetBook book;
    private readonly ChainSettings chain;
    private readonly IReadOnlyList<Address> owners;
    private readonly IReadOnlyList<VenueReading> venues;
    private readonly SortedDictionary<string, HeldToken> tokens = new(StringComparer.Ordinal);

    /// <summary>What options and perpetuals are written on, needed for its root and price alone: a venue without the token names it by the feed, which has no balances.</summary>
    private readonly SortedDictionary<string, HeldToken> underlyings = new(StringComparer.Ordinal);
    private readonly Dictionary<Address, Address> receipts = [];
    private readonly HashSet<Address> debtReceipts = [];
    private readonly HashSet<(Address Owner, Address Token)> pledged = [];
    private readonly List<(Address Owner, VenueReading Venue, HeldToken Token, Address Spender)> allowances = [];
    private readonly List<(PriceSource Source, string Root, Call Call)> prices = [];
    private readonly List<WrapperRule> rates = [];

    public HoldingReads(IAssetBook book, ChainSettings chain, IReadOnlyList<Address> owners, IReadOnlyList<VenueReading> venues)
    {
        this.book = book;
        this.chain = chain;
        this.owners = owners;
        this.venues = venues;
        Find();
        var calls = new List<Call>();
        calls.AddRange(tokens.Values.Where(static t => t.Decimals is null).Select(static t => LedgerCalls.Decimals(t.Address)));
        calls.AddRange(Balances().Select(static b => LedgerCalls.Balance(b.Token.Address, b.Owner)));
        calls.AddRange(chain.Multicall is { } multicall ? owners.Select(o => LedgerCalls.Native(multicall, o)) : []);
        calls.AddRange(allowances.Select(static a => LedgerCalls.Allowed(a.Token.Address, a.Owner, a.Spender)));
        calls.AddRange(rates.Select(LedgerCalls.Rate));
        calls.AddRange(prices.Select(static p => p.Call));
        Calls = [.. calls.Distinct()];
    }

    public IReadOnlyList<Call> Calls { get; }

    /// <summary>True where the multicall does not say the native balances: there is none, or none with that function.</summary>
    public bool NeedsNatives(CallResults answers) => chain.Multicall is not { } multicall || owners.Any(o => LedgerCalls.Number(answers, LedgerCalls.Native(multicall, o)) is null);

    /// <summary>Everything as read at the block; age, staleness and the venues that failed are the caller's to add.</summary>
    /// <param name="natives">The owner's balances of the native currency, where they were asked for on their own; an address that is missing is taken from the answers.</param>
    /// <param name="why">Why there are no answers at all; null = there are.</param>
    public ChainHoldings Holdings(BlockHeader block, CallResults answers, IReadOnlyDictionary<Address, UInt256> natives, string? why)
    {
        var missing = why ?? Unanswered;
        return new ChainHoldings
        {
            Chain = chain.Chain,
            Name = chain.Name,
            Block = block,
            Reports = [.. venues.SelectMany(static v => v.Accounts).Select(static a => new OwnedReport(a.Owner, a.Report))],
            Wallet = [.. Wallet(answers, missing), .. owners.Select(o => NativeOf(o, answers, natives, missing))],
            Allowances = [.. allowances.Select(a => AllowanceOf(a, answers, missing))],
            Rates = rates.GroupBy(static r => r.Contract).ToDictionary(static g => g.Key, g => RateOf(g.First(), answers, missing)),
            Receipts = receipts,
        };
    }

    /// <summary>Prices that this chain's sources answered, each with its place in the ranking of <see cref="IAssetBook.PriceSources"/>.</summary>
    public IEnumerable<(int Rank, RootPrice Price)> Prices(BlockHeader block, CallResults answers)
    {
        for (var i = 0; i < book.PriceSources.Count; i++)
        {
            foreach (var (source, root, call) in prices.Where(p => p.Source == book.PriceSources[i]))
            {
                if (LedgerCalls.Price(answers, source, call, block) is { } price)
                {
                    yield return (i, new RootPrice(root, price, source.Decimals, $"{(source.Asset is null ? "oracle" : "feed")} {source.Contract}", chain.Chain, block.Ref));
                }
            }
        }
    }

    /// <summary>The prices by which venues in dollars judge tokens that are their own root, whether the owner has any or not: the last resort.</summary>
    public IEnumerable<RootPrice> VenuePrices(BlockHeader block)
    {
        foreach (var venue in venues.OrderBy(static v => v.Deployment))
        {
            foreach (var token in venue.Tokens)
            {
                if (token.DollarPrice is { } price && RootOf(token.Asset, token.Symbol) is { } root)
                {
                    yield return PriceIn(venue, token.Symbol, root, price, token.DollarDecimals, block);
                }
            }

            // Of a venue that does not say what it deals in.
            foreach (var (_, report) in venue.Accounts.Where(static a => a.Report is { Unit: MarketData.Unit, Status: not MarginStatus.Unknown }))
            {
                foreach (var position in report.Positions.Where(static p => p.Option is null))
                {
                    if (RootOf(position.Asset, position.Symbol) is { } root)
                    {
                        yield return PriceIn(venue, position.Symbol, root, position.Price, report.UnitDecimals, block);
                    }
                }
            }
        }
    }

    private RootPrice PriceIn(VenueReading venue, string symbol, string root, in UInt256 price, int decimals, BlockHeader block) =>
        new(root, price, decimals, $"the price of {symbol} in {venue.Deployment}", chain.Chain, block.Ref);

    /// <summary>Null where something is inside.</summary>
    private string? RootOf(Address token, string symbol) =>
        !receipts.ContainsKey(token) && book.IdentityOf(chain.Chain, token, symbol) is { Wrapper: null } identity ? identity.Root : null;

    private void Find()
    {
        foreach (var token in book.TokensOn(chain.Chain))
        {
            Add(token.Address, token.Identity.Name, null);
        }

        foreach (var venue in venues)
        {
            foreach (var token in venue.Tokens)
            {
                Add(token.Asset, token.Symbol, token.Decimals);
                if (token.Receipt is { } receipt)
                {
                    receipts[receipt] = token.Asset;
                }

                if (token.DebtReceipt is { } debt)
                {
                    debtReceipts.Add(debt);
                }
            }

            foreach (var (owner, report) in venue.Accounts)
            {
                foreach (var position in report.Positions)
                {
                    if (position.Option is { Mark: { } mark })
                    {
                        underlyings[position.Asset.ToHex()] = new HeldToken(position.Asset, mark.Underlying, null);
                        if (mark.Quote is { } quote)
                        {
                            Add(quote, mark.QuoteSymbol, null);
                        }
                    }

                    if (position.Perpetual is { } perpetual)
                    {
                        underlyings[perpetual.Asset.ToHex()] = new HeldToken(perpetual.Asset, perpetual.Underlying, null);
                    }
                }

                foreach (var position in report.Positions.Where(static p => p.Option is null))
                {
                    if (position.Holding is { } holding)
                    {
                        pledged.Add((owner, holding));
                    }

                    Add(position.Asset, position.Perpetual?.QuoteSymbol ?? position.Symbol, position.Decimals);
                    foreach (var spender in venue.SpendersOf(position.Asset))
                    {
                        allowances.Add((owner, venue, tokens[position.Asset.ToHex()], spender));
                    }
                }
            }
        }

        foreach (var token in tokens.Values.Concat(underlyings.Values.Where(u => !tokens.ContainsKey(u.Address.ToHex()))))
        {
            Ask(book.IdentityOf(chain.Chain, token.Address, token.Symbol), token.Address, 0);
        }
    }

    private void Add(Address token, string symbol, int? decimals)
    {
        var key = token.ToHex();
        if (!tokens.TryGetValue(key, out var known) || known.Decimals is null)
        {
            tokens[key] = new HeldToken(token, symbol, decimals);
        }
    }

    /// <summary>The rate of a wrapper and of what is inside it; the price of a root.</summary>
    private void Ask(AssetIdentity identity, Address token, int depth)
    {
        if (identity.Wrapper is { } rule)
        {
            if (rule.Kind != WrapperKind.OneForOne && !rates.Contains(rule))
            {
                rates.Add(rule);
            }

            // What is inside has a price by its own address, if it is a token that a file names.
            if (depth < 4 && book.TokensOn(chain.Chain).FirstOrDefault(t => t.Identity.Name.Equals(rule.Of, StringComparison.OrdinalIgnoreCase)) is { } inside)
            {
                Ask(inside.Identity, inside.Address, depth + 1);
            }

            return;
        }

        foreach (var source in book.PriceSources.Where(s => s.Chain == chain.Chain))
        {
            if ((source.Asset is null || source.Asset.Equals(identity.Root, StringComparison.OrdinalIgnoreCase)) && !prices.Exists(p => p.Source == source && p.Root == identity.Root))
            {
                prices.Add((source, identity.Root, LedgerCalls.Price(source, token)));
            }
        }
    }

    // The balance of a receipt, and what is pledged where it lies, is a leg of its venue already.
    private IEnumerable<(Address Owner, HeldToken Token)> Balances() =>
        from owner in owners
        from token in tokens.Values
        where !receipts.ContainsKey(token.Address) && !debtReceipts.Contains(token.Address) && !pledged.Contains((owner, token.Address))
        select (owner, token);

    private IEnumerable<WalletBalance> Wallet(CallResults answers, string missing)
    {
        foreach (var (owner, token) in Balances())
        {
            // No contract stands at the address (yet): nobody holds anything of it.
            if (answers.TryGet(LedgerCalls.Balance(token.Address, owner), out var answer) && answer is { Success: true, Data.IsEmpty: true })
            {
                continue;
            }

            var balance = LedgerCalls.Number(answers, LedgerCalls.Balance(token.Address, owner));
            var decimals = DecimalsOf(token, answers);
            yield return balance is { IsZero: true } || (balance is not null && decimals is not null)
                ? new WalletBalance(owner, token.Address, token.Symbol, decimals ?? 0, balance)
                : new WalletBalance(owner, token.Address, token.Symbol, decimals ?? 0, null, $"{token.Symbol} in the wallet {owner}: {(balance is null ? missing : "the token does not say its decimals.")}");
        }
    }

    private WalletBalance NativeOf(Address owner, CallResults answers, IReadOnlyDictionary<Address, UInt256> natives, string missing)
    {
        var symbol = chain.Native ?? (chain.WrappedNative is { } wrapped ? book.IdentityOf(chain.Chain, wrapped, "").Root : "ETH");
        var balance = natives.TryGetValue(owner, out var read) ? read : chain.Multicall is { } multicall ? LedgerCalls.Number(answers, LedgerCalls.Native(multicall, owner)) : null;
        return new WalletBalance(owner, null, symbol, NativeDecimals, balance, balance is null ? $"{symbol} in the wallet {owner}: {missing}" : null);
    }

    private static WalletAllowance AllowanceOf((Address Owner, VenueReading Venue, HeldToken Token, Address Spender) asked, CallResults answers, string missing)
    {
        var (owner, venue, token, spender) = asked;
        var amount = LedgerCalls.Number(answers, LedgerCalls.Allowed(token.Address, owner, spender));
        return new WalletAllowance(owner, token.Address, token.Symbol, token.Decimals ?? 0, spender, venue.Deployment, amount, amount is null ? missing : null);
    }

    private static RateReading RateOf(WrapperRule rule, CallResults answers, string missing)
    {
        var rate = LedgerCalls.Number(answers, LedgerCalls.Rate(rule));
        return new RateReading(rate, rate is null ? $"{rule.Contract} does not answer {rule.Call ?? "convertToAssets(uint256)"}: {missing}" : null);
    }

    private static int? DecimalsOf(HeldToken token, CallResults answers) => token.Decimals
        ?? (LedgerCalls.Number(answers, LedgerCalls.Decimals(token.Address)) is { } told && told <= (UInt256)MostDecimals ? (int)(ulong)told : null);

    /// <param name="Decimals">Null = to be asked.</param>
    private sealed record HeldToken(Address Address, string Symbol, int? Decimals);
}
