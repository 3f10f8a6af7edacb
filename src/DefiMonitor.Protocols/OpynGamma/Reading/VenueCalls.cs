using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>Every call that is made: to open the venue, at each judged block, and to confirm. What lets an owner in is <see cref="Entry"/>'s.</summary>
internal sealed class VenueCalls(GammaMarket market)
{
    /// <summary>Rounds of one feed that are read in a block, of those that were written between two judged ones or before an owner came in.</summary>
    private const int MostRounds = 32;

    /// <summary>Vaults of one owner that the chain's own view is asked of: of more, the naked ones first.</summary>
    public const int MostConfirmed = 200;

    private readonly GammaTables tables = market.Tables;

    /// <summary>The address book names the controller, the controller the calculator, the calculator the oracle.</summary>
    public IEnumerable<Call> Open(CallResults soFar)
    {
        var book = GammaAbi.GetController.Function.Call(market.Deployment.AddressBook);
        yield return book;
        if (!soFar.TryGet(book, out var named) || !GammaAbi.GetController.TryDecode(named, out var controller, out _) || controller.IsZero)
        {
            yield break;
        }

        var asked = GammaAbi.CalculatorOf.Function.Call(controller);
        yield return asked;
        yield return GammaAbi.PartiallyPaused.Function.Call(controller);
        yield return GammaAbi.FullyPaused.Function.Call(controller);
        if (soFar.TryGet(asked, out var answer) && GammaAbi.CalculatorOf.TryDecode(answer, out var calculator, out _) && !calculator.IsZero)
        {
            yield return GammaAbi.OracleOf.Function.Call(calculator);
            yield return GammaAbi.OracleDeviation.Function.Call(calculator);
        }
    }

    /// <summary>
    /// At every judged block: whether the calculator is still the same, the price of every token that a vault is made of, the newest round of every feed, vaults that an event
    /// changed, and whatever of a series is not known yet.
    /// </summary>
    public IEnumerable<Call> Head(BlockHeader head)
    {
        var venue = tables.Venue;
        if (!venue.IsOpen)
        {
            yield break;
        }

        yield return GammaAbi.CalculatorOf.Function.Call(venue.Controller);
        var need = Needed.At(market, head);
        foreach (var owner in need.Owners)
        {
            yield return Counter(owner);
        }

        foreach (var key in need.Vaults)
        {
            yield return Vault(key);
        }

        foreach (var call in need.Otokens.SelectMany(OtokenTerms))
        {
            yield return call;
        }

        foreach (var token in need.Tokens)
        {
            yield return Price(token);
            tables.Tokens.TryGet(token, out var row);
            if ((row.Fields & TokenFields.All) != TokenFields.All)
            {
                foreach (var call in TokenTerms(token))
                {
                    yield return call;
                }
            }
        }

        foreach (var call in need.Underlyings.SelectMany(pair => Feed(pair.Key, pair.Value)).Concat(need.Products.Values.SelectMany(Product)))
        {
            yield return call;
        }

        foreach (var (asset, expiry) in need.Settled)
        {
            yield return GammaAbi.GetExpiryPrice.Function.Call(venue.Oracle, asset, (UInt256)expiry);
        }
    }

    /// <summary>The owner's vaults as the contract has them, what it lets leave each, and of naked ones its requirement and its verdict in the rounds that count.</summary>
    public IEnumerable<Call> Confirm(Address owner)
    {
        yield return Counter(owner);
        foreach (var key in Confirmed(owner))
        {
            yield return Vault(key);
            yield return Proceed(tables.Venue.Controller, key);
            if (tables.Vaults.TryGet(key, out var row) && row.Type == 1 && tables.Series.TryGet(row.Short, out var series))
            {
                // The price of this block is read by the same question, so the requirement is asked at the last one that is known.
                var price = tables.Prices.TryGet(series.Underlying, out var last) && last.IsRead ? last.Price : series.StrikePrice;
                tables.Tokens.TryGet(series.Collateral, out var token);
                yield return Required(tables.Venue.Calculator, series, row.ShortAmount, price, token.Decimals);
                var (newest, lowest, highest) = market.RoundsOf.Of(series.Underlying, row.LatestUpdate);
                foreach (var round in Usable(row.LatestUpdate, newest, lowest, highest))
                {
                    yield return IsLiquidatable(tables.Venue.Controller, key, round.RoundId);
                }
            }
        }
    }

    private IEnumerable<VaultKey> Confirmed(Address owner) => market.Owned.Of(owner).Select(id => new VaultKey(owner, id))
        .OrderBy(key => tables.Vaults.TryGet(key, out var row) && row is { IsRead: true, Type: 1, Short.IsZero: false } ? 0 : 1).Take(MostConfirmed);

    /// <summary>The rounds that a liquidation may name, each once: those later than the vault's last change.</summary>
    public static IEnumerable<RoundState> Usable(ulong latestUpdate, params RoundState?[] rounds) =>
        rounds.OfType<RoundState>().Where(round => round.UpdatedAt > latestUpdate).DistinctBy(static round => round.RoundId);

    public Call Counter(in Address owner) => Counter(tables.Venue.Controller, owner);

    public static Call Counter(in Address controller, in Address owner) => GammaAbi.VaultCounter.Function.Call(controller, owner);

    public Call Vault(in VaultKey key) => Vault(tables.Venue.Controller, key);

    public static Call Vault(in Address controller, in VaultKey key) => GammaAbi.Vault.Function.Call(controller, key.Owner, (UInt256)key.Id);

    public static Call Proceed(in Address controller, in VaultKey key) => GammaAbi.GetProceed.Function.Call(controller, key.Owner, (UInt256)key.Id);

    public static Call IsLiquidatable(in Address controller, in VaultKey key, UInt128 round) =>
        GammaAbi.IsLiquidatable.Function.Call(controller, key.Owner, (UInt256)key.Id, (UInt256)round);

    public static Call Required(in Address calculator, in SeriesRow series, in UInt256 amount, in UInt256 price, int decimals) => GammaAbi.NakedMarginRequired.Function.Call(
        calculator, series.Underlying, series.Strike, series.Collateral, amount, series.StrikePrice, price, (UInt256)series.Expiry, (UInt256)(ulong)decimals, series.IsPut);

    /// <summary>The contract's requirement of a series among answers, and what it was asked for: at the preferred price where that is there, else at any; null where it was not asked.</summary>
    public static RequirementAnswer? RequirementIn(CallResults results, in Address calculator, in SeriesRow series, in UInt256 amount, in UInt256 preferred, int decimals)
    {
        RequirementAnswer? found = null;
        foreach (var (call, result) in results.All)
        {
            if (call.To != calculator || !GammaAbi.NakedMarginRequired.Function.IsCall(call))
            {
                continue;
            }

            var arguments = new AbiReader(call.Data[4..]);
            var asked = new RequirementAnswer(
                arguments.UInt256(3 * AbiReader.WordSize), arguments.UInt256(5 * AbiReader.WordSize), GammaAbi.NakedMarginRequired.TryDecode(result, out var required, out _) ? required : null);
            if (call.Equals(Required(calculator, series, asked.Amount, asked.Price, decimals)))
            {
                found = asked;
                if (asked.Price == preferred && asked.Amount == amount)
                {
                    break;
                }
            }
        }

        return found;
    }

    public Call Price(in Address token) => GammaAbi.GetPrice.Function.Call(tables.Venue.Oracle, token);

    public IEnumerable<Call> TokenTerms(Address token) =>
    [
        GammaAbi.Symbol.Function.Call(token), GammaAbi.Decimals.Function.Call(token), GammaAbi.CollateralDust.Function.Call(tables.Venue.Calculator, token),
    ];

    /// <summary>In one, and one by one for those of the first version.</summary>
    public static IEnumerable<Call> OtokenTerms(Address otoken) =>
    [
        GammaAbi.GetOtokenDetails.Function.Call(otoken), GammaAbi.CollateralAsset.Function.Call(otoken), GammaAbi.UnderlyingAsset.Function.Call(otoken),
        GammaAbi.StrikeAsset.Function.Call(otoken), GammaAbi.StrikePrice.Function.Call(otoken), GammaAbi.ExpiryTimestamp.Function.Call(otoken), GammaAbi.IsPut.Function.Call(otoken),
    ];

    /// <summary>The terms among answers; null where they are not whole.</summary>
    public static SeriesRow? TermsIn(CallResults results, Address otoken)
    {
        if (results.TryGet(GammaAbi.GetOtokenDetails.Function.Call(otoken), out var details) && GammaAbi.GetOtokenDetails.TryDecode(details, out var whole, out _))
        {
            return ReadWriter.RowOf(whole);
        }

        return Has(GammaAbi.CollateralAsset, out var collateral) && Has(GammaAbi.UnderlyingAsset, out var underlying) && Has(GammaAbi.StrikeAsset, out var strike)
            && Has(GammaAbi.StrikePrice, out var price) && Has(GammaAbi.ExpiryTimestamp, out var expiry) && Has(GammaAbi.IsPut, out var isPut)
            ? ReadWriter.RowOf(new OtokenDetails(collateral, underlying, strike, price, expiry, isPut))
            : null;

        bool Has<T>(AbiResult<T> shape, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T value)
        {
            value = default;
            return results.TryGet(shape.Function.Call(otoken), out var result) && shape.TryDecode(result, out value, out _);
        }
    }

    public Call Pricer(in Address underlying) => GammaAbi.GetPricer.Function.Call(tables.Venue.Oracle, underlying);

    public Call Shock(in SeriesRow of) => GammaAbi.SpotShock.Function.Call(tables.Venue.Calculator, of.Underlying, of.Strike, of.Collateral, of.IsPut);

    public Call Times(in SeriesRow of) => GammaAbi.TimesToExpiry.Function.Call(tables.Venue.Calculator, of.Underlying, of.Strike, of.Collateral, of.IsPut);

    public Call Step(in SeriesRow of, in UInt256 time) => GammaAbi.MaxPrice.Function.Call(tables.Venue.Calculator, of.Underlying, of.Strike, of.Collateral, of.IsPut, time);

    private IEnumerable<Call> Feed(Address underlying, ulong since)
    {
        tables.Feeds.TryGet(underlying, out var feed);
        if (feed.Pricer.IsZero)
        {
            yield return Pricer(underlying);
        }
        else if (feed.Aggregator.IsZero)
        {
            yield return GammaAbi.Aggregator.Function.Call(feed.Pricer);
        }
        else
        {
            // The decimals first: a round is written in eight of them.
            if (!feed.HasDecimals)
            {
                yield return GammaAbi.Decimals.Function.Call(feed.Aggregator);
            }

            yield return FeedWalk.LatestRoundData.Function.Call(feed.Aggregator);
            foreach (var id in market.RoundsOf.Missing(underlying, since, MostRounds))
            {
                yield return GammaAbi.GetRound.Function.Call(tables.Venue.Oracle, underlying, (UInt256)id);
            }
        }
    }

    private IEnumerable<Call> Product(SeriesRow series)
    {
        var hash = GammaMarket.ProductOf(series);
        tables.Products.TryGet(hash, out var product);
        if (!product.HasShock)
        {
            yield return Shock(series);
        }

        if (!product.HasTimes)
        {
            yield return Times(series);
        }

        foreach (var time in market.UpperBounds.Unread(hash))
        {
            yield return Step(series, time);
        }
    }
}

/// <summary>An answer of MarginCalculator.getNakedMarginRequired.</summary>
/// <param name="Amount">Of oTokens, 8 decimals.</param>
/// <param name="Price">Of the underlying, 8 decimals.</param>
/// <param name="Required">In the collateral's decimals; null = the contract reverted.</param>
internal readonly record struct RequirementAnswer(UInt256 Amount, UInt256 Price, UInt256? Required);
