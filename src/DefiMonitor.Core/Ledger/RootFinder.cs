using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Core.Ledger;

/// <summary>Looks through wrappers to the root asset with the rates of the leg's own block, and prices the root.</summary>
internal sealed class RootFinder(ChainHoldings chain, IAssetBook book, MarketData market)
{
    private const double PerpetualUnit = 1e18;

    // Wrappers of wrappers of wrappers are a mistake in a file.
    private const int Deepest = 4;

    /// <param name="token">Null = the native currency.</param>
    public LedgerLeg Find(LedgerLeg leg, Address? token, string symbol)
    {
        var issuers = new List<string>();
        var steps = new List<LookThrough>();
        var asset = IdentityOf(token, symbol, steps);
        var name = steps.Count > 0 ? steps[0].From : asset.Name;
        var quantity = leg.Amount is { } amount ? amount.ToDouble() / UInt256.Pow10(leg.Decimals).ToDouble() : (double?)null;
        var why = leg.Amount is null ? leg.Why ?? "its amount could not be read." : null;
        Note(issuers, asset.Issuer);
        while (asset.Wrapper is { } rule)
        {
            var inside = book.Named(chain.Chain, rule.Of);
            if (inside is null || steps.Count == Deepest)
            {
                why ??= inside is null
                    ? $"{asset.Name} holds {rule.Of}, which no file in assets/ has on {chain.Chain}; add it to \"tokens\"."
                    : $"{name} is wrapped more than {Deepest} times; mend \"wrapper\" in assets/.";
                return leg with { Name = name, Through = steps, Issuers = issuers, Status = LegStatus.Unknown, Why = why };
            }

            quantity *= Unwrap(rule, asset.Name, steps, ref why);
            asset = inside;
            Note(issuers, asset.Issuer);
        }

        var price = market.Of(asset.Root);
        why ??= price is null ? $"{asset.Root} has no price in US dollars; add a source for it to \"prices\" in a file of assets/." : null;
        var stale = quantity is null ? null : chain.Stale;
        return leg with
        {
            Name = name,
            Through = steps,
            Root = asset.Root,
            Factor = asset.Profile.Factor,
            RootQuantity = quantity,
            Value = quantity * price?.ToDouble(),
            Issuers = issuers,
            Status = stale is not null ? LegStatus.Stale : why is not null ? LegStatus.Unknown : LegStatus.Known,
            Why = stale ?? why,
        };
    }

    /// <summary>
    /// Worth the venue's mark at the ledger's price of what the mark is paid in; moving with the root of what it is written on. Where either, the mark or the
    /// Greeks are missing it is unknown and may touch every asset.
    /// </summary>
    public LedgerLeg FindOption(LedgerLeg leg, MarginReport report, Position position)
    {
        var terms = position.Option!;
        var option = new LedgerOption
        {
            Kind = terms.Kind,
            Strike = terms.Strike,
            StrikeDecimals = terms.Decimals,
            Expiry = terms.Expiry,
            Volatility = terms.Volatility,
            AtMost = terms.IsPaid ? LedgerOption.Premium : null,
        };
        var unknown = leg with { Name = position.Symbol, Option = option };
        if (terms.Mark is not { } mark)
        {
            return unknown with { Why = $"{position.Symbol} in {report.Account.Deployment} is an option of which the venue tells no worth now." };
        }

        if (OptionExposures.Of(position, report.At.Seconds) is not { } greeks)
        {
            return unknown with { Why = $"{position.Symbol} in {report.Account.Deployment} is an option whose Greeks can't be worked out: it has no volatility, or a price of 0." };
        }

        var (under, quote) = (One(leg, position.Asset, mark.Underlying), One(leg, mark.Quote, mark.Quote is null ? MarketData.Unit : mark.QuoteSymbol));
        if (under is not { Root: { } root, RootQuantity: { } inside, Value: { } price } || quote is not { Root: { } paid, RootQuantity: { } inQuote, Value: { } dollars } || inside == 0 || inQuote == 0)
        {
            return unknown with { Why = Missing(under, quote, position) };
        }

        return unknown with
        {
            Through = under.Through,
            Root = root,
            Factor = under.Factor,
            Value = position.Value.ToDouble() / UInt256.Pow10(report.UnitDecimals).ToDouble() * dollars,
            Issuers = [.. under.Issuers.Union(quote.Issuers)],
            Status = under.Status,
            Why = under.Why,
            Option = option with
            {
                Delta = greeks.Delta * inside,
                Gamma = greeks.Gamma * inside * inside / dollars,
                VegaPoint = greeks.VegaPoint * dollars,
                ThetaDay = greeks.ThetaDay * dollars,
                DeltaValue = greeks.Delta * price,
                QuoteRoot = paid,
                QuoteFactor = quote.Factor,
                QuotePrice = dollars / inQuote,
            },
        };
    }

    /// <summary>Worth the profit that a settlement would pay, at the ledger's price of what it is paid in; moving with all of the root of what it is written on. Unknown as an option is.</summary>
    public LedgerLeg FindPerpetual(LedgerLeg leg, MarginReport report, Position position)
    {
        var terms = position.Perpetual!;
        var perpetual = new LedgerPerpetual { Size = terms.Size, IsLong = terms.IsLong };
        var unknown = leg with { Name = position.Symbol, Perpetual = perpetual };
        if (!terms.IsMarked)
        {
            // What it has earned may as well be owed, and none of it is not nothing.
            return unknown with
            {
                Side = null,
                Amount = null,
                Shares = null,
                VenueValue = null,
                Why = $"{position.Symbol} in {report.Account.Deployment} is a perpetual of which the venue tells no profit now.",
            };
        }

        var (under, quote) = (One(leg, terms.Asset, terms.Underlying), Find(leg, position.Asset, terms.QuoteSymbol));
        if (under is not { Root: { } root, RootQuantity: { } inside, Value: { } price } || quote is not { Root: { } paid, Value: { } value } || market.Of(paid) is not { } dollars)
        {
            return unknown with { Why = Missing(under, quote, position) };
        }

        var size = terms.Size.ToDouble() / PerpetualUnit * (terms.IsLong ? 1 : -1);
        return unknown with
        {
            Through = under.Through,
            Root = root,
            Factor = under.Factor,
            Value = value,
            Issuers = [.. under.Issuers.Union(quote.Issuers)],
            Status = under.Status,
            Why = under.Why,
            Perpetual = perpetual with { Delta = size * inside, DeltaValue = size * price, QuoteRoot = paid, QuoteFactor = quote.Factor, QuotePrice = dollars.ToDouble() },
        };
    }

    /// <summary>One whole unit of a token; null = the native currency, or what the symbol names.</summary>
    private LedgerLeg One(LedgerLeg leg, Address? token, string symbol) => Find(leg with { Side = LedgerSide.Collateral, Amount = UInt256.One, Decimals = 0 }, token, symbol);

    private static string Missing(LedgerLeg under, LedgerLeg quote, Position position) =>
        (under.Value is null ? under.Why : quote.Why) ?? $"what {position.Symbol} is written on or paid in can't be looked through.";

    private AssetIdentity IdentityOf(Address? token, string symbol, List<LookThrough> steps)
    {
        if (token is not { } address)
        {
            return book.Named(chain.Chain, symbol) ?? book.IdentityOf(chain.Chain, default, symbol) with { Name = symbol };
        }

        if (!chain.Receipts.TryGetValue(address, out var inside))
        {
            return book.IdentityOf(chain.Chain, address, symbol);
        }

        // A venue's receipt is worth one of what was supplied for it.
        var supplied = book.IdentityOf(chain.Chain, inside, "");
        steps.Add(new LookThrough(symbol.Length > 0 ? symbol : address.ToHex(), supplied.Name, UInt256.One, 0, null, null));
        return supplied;
    }

    /// <summary>Whole units inside of one whole unit; null when that can't be read.</summary>
    private double? Unwrap(WrapperRule rule, string name, List<LookThrough> steps, ref string? why)
    {
        if (rule.Kind == WrapperKind.OneForOne)
        {
            steps.Add(new LookThrough(name, rule.Of, UInt256.One, 0, null, null));
            return 1;
        }

        chain.Rates.TryGetValue(rule.Contract, out var reading);
        var rate = reading?.Rate is { IsZero: false } read ? read : (UInt256?)null;
        steps.Add(new LookThrough(name, rule.Of, rate, rule.RateDecimals, rule.Contract, rule.Call));
        if (rate is null)
        {
            why ??= $"{name} could not be looked through to {rule.Of}: {reading?.Why ?? (reading is null ? "its rate was not read." : $"{rule.Contract} says that nothing is inside.")}";
        }

        return rate?.ToDouble() / UInt256.Pow10(rule.RateDecimals).ToDouble();
    }

    private static void Note(List<string> issuers, string? issuer)
    {
        if (issuer is not null && !issuers.Contains(issuer))
        {
            issuers.Add(issuer);
        }
    }
}
