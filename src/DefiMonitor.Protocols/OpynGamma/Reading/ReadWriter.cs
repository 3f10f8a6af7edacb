using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>Writes one answer into the tables. What reverted, or answered what it should not, is written as unread: it never leaves an older value standing.</summary>
internal sealed class ReadWriter
{
    private readonly Dictionary<uint, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>>> bySelector = [];
    private readonly GammaMarket market;
    private readonly GammaTables tables;
    private readonly SeriesWriter series;
    private readonly VenueClosing closing;

    public ReadWriter(GammaMarket market)
    {
        this.market = market;
        tables = market.Tables;
        series = new SeriesWriter(market);
        closing = new VenueClosing(market);
        OnVenue(GammaAbi.GetController, VenueFields.Controller, _ => market.Deployment.AddressBook, static (row, value) => row with { Controller = value });
        OnVenue(GammaAbi.OracleOf, VenueFields.Oracle, OfCalculator, static (row, value) => row with { Oracle = value });
        OnVenue(GammaAbi.OracleDeviation, VenueFields.Deviation, OfCalculator, static (row, value) => row with { OracleDeviation = value });
        OnVenue(GammaAbi.PartiallyPaused, VenueFields.PartialPause, OfController, static (row, value) => row with { IsPartiallyPaused = value });
        OnVenue(GammaAbi.FullyPaused, VenueFields.FullPause, OfController, static (row, value) => row with { IsFullyPaused = value });
        On(GammaAbi.CalculatorOf.Function, OfController, (_, _, result, touched) => Calculator(result, touched));
        On(GammaAbi.VaultCounter.Function, OfController, Counter);
        On(GammaAbi.Vault.Function, OfController, Vault);
        On(GammaAbi.GetPrice.Function, OfOracle, (block, call, result, _) => Price(block, call, result));
        On(GammaAbi.GetExpiryPrice.Function, OfOracle, (block, call, result, _) => Settled(block, call, result));
        On(GammaAbi.GetOtokenDetails.Function, null, (_, call, result, _) => series.Terms(call, result));
        OnTerm(GammaAbi.CollateralAsset, TermFields.Collateral, static (row, value) => row with { Collateral = value });
        OnTerm(GammaAbi.UnderlyingAsset, TermFields.Underlying, static (row, value) => row with { Underlying = value });
        OnTerm(GammaAbi.StrikeAsset, TermFields.Strike, static (row, value) => row with { Strike = value });
        OnTerm(GammaAbi.StrikePrice, TermFields.StrikePrice, static (row, value) => row with { StrikePrice = value });
        OnTerm(GammaAbi.ExpiryTimestamp, TermFields.Expiry, static (row, value) => row with { Expiry = Seconds(value) });
        OnTerm(GammaAbi.IsPut, TermFields.Kind, static (row, value) => row with { IsPut = value });
        On(GammaAbi.Symbol.Function, null, (_, call, result, _) => series.Symbol(call, result));
        On(GammaAbi.Decimals.Function, null, (_, call, result, _) => series.Decimals(call, result));
        On(GammaAbi.CollateralDust.Function, OfCalculator, (_, call, result, _) => series.Dust(call, result));
        On(GammaAbi.SpotShock.Function, OfCalculator, (_, call, result, _) => series.Shock(call, result));
        On(GammaAbi.TimesToExpiry.Function, OfCalculator, (_, call, result, _) => series.Times(call, result));
        On(GammaAbi.MaxPrice.Function, OfCalculator, (_, call, result, _) => series.Step(call, result));
        On(GammaAbi.GetPricer.Function, OfOracle, (_, call, result, _) => series.Pricer(call, result));
        On(GammaAbi.Aggregator.Function, null, (_, call, result, _) => series.Aggregator(call, result));
        On(FeedWalk.LatestRoundData.Function, null, (block, call, result, _) => series.Round(block, call, result));
        On(GammaAbi.GetRound.Function, OfOracle, (_, call, result, _) => series.PastRound(call, result));

        // Asked for comparison only: a view of the contract that our state does not come from.
        On(GammaAbi.GetProceed.Function, null, static (_, _, _, _) => { });
        On(GammaAbi.NakedMarginRequired.Function, null, static (_, _, _, _) => { });
        On(GammaAbi.IsLiquidatable.Function, null, static (_, _, _, _) => { });
    }

    public static SeriesRow RowOf(in OtokenDetails terms) =>
        new(terms.UnderlyingAsset, terms.StrikeAsset, terms.CollateralAsset, terms.StrikePrice, Seconds(terms.ExpiryTimestamp), terms.IsPut);

    public static ulong Seconds(in UInt256 time) => time > ulong.MaxValue ? ulong.MaxValue : (ulong)time;

    public void Write(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (call.Data.Length < 4 || !bySelector.TryGetValue(Key(call.Data.Span), out var write))
        {
            throw new ArgumentException($"{call} is no call that {market.Deployment.Id} asks for.", nameof(call));
        }

        write(block, call, result, touched);
        var row = tables.Venue;
        if (!row.IsOpen && (row.Fields & VenueFields.All) == VenueFields.All)
        {
            tables.Venue = row with { IsOpen = true };
        }
    }

    private static Address OfController(VenueRow venue) => venue.Controller;

    private static Address OfCalculator(VenueRow venue) => venue.Calculator;

    private static Address OfOracle(VenueRow venue) => venue.Oracle;

    private static uint Key(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32BigEndian(data);

    // An answer of a contract that is no longer the venue's (another one was named since the question was put) says nothing of it. Null = no contract of the venue.
    private void On(AbiFunction function, Func<VenueRow, Address>? of, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>> write) =>
        bySelector.Add(Key(function.Selector.Span), of is null ? write : (block, call, result, touched) =>
        {
            if (call.To == of(tables.Venue))
            {
                write(block, call, result, touched);
            }
        });

    private void OnVenue<T>(AbiResult<T> shape, VenueFields field, Func<VenueRow, Address> of, Func<VenueRow, T, VenueRow> with) => On(shape.Function, of, (_, _, result, _) =>
    {
        var row = tables.Venue;
        tables.Venue = shape.TryDecode(result, out var value, out _)
            ? with(row, value) with { Fields = row.Fields | field }
            : row with { IsOpen = false, Fields = row.Fields & ~field };
    });

    private void OnTerm<T>(AbiResult<T> shape, TermFields field, Func<SeriesRow, T, SeriesRow> with) =>
        On(shape.Function, null, (_, call, result, _) => series.Term(shape, field, with, call, result));

    // Controller.refreshConfiguration changes it without an event.
    private void Calculator(CallResult result, ISet<MarginAccountId> touched)
    {
        var row = tables.Venue;
        var isRead = GammaAbi.CalculatorOf.TryDecode(result, out var calculator, out _);
        if (row.IsOpen && (!isRead || row.Calculator != calculator))
        {
            closing.Close(touched);
        }
        else
        {
            tables.Venue = isRead ? row with { Calculator = calculator, Fields = row.Fields | VenueFields.Calculator } : row with { Fields = row.Fields & ~VenueFields.Calculator };
        }
    }

    private void Counter(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var owner = new AbiReader(call.Data[4..]).Address(0);
        if (GammaAbi.VaultCounter.TryDecode(result, out var count, out _))
        {
            tables.Accounts.TryGet(owner, out var before);
            var counter = Seconds(count);
            tables.Accounts.Set(owner, new AccountRow(before.Block == 0 ? block.Number : before.Block, counter, IsCounted: true, MustEnter: false));

            // Opened while nobody listened, or changed while the venue was closed, also those that were empty: to be read. Of too many the latest.
            var known = before.IsCounted ? before.Counter : 0;
            for (var id = counter; id > known && counter - id < Entry.MostFollowed; id--)
            {
                var key = new VaultKey(owner, id);
                tables.Vaults.TryGet(key, out var vault);
                tables.Vaults.Set(key, vault with { IsRead = false });
            }
        }
        else if (tables.Accounts.TryGet(owner, out var row))
        {
            tables.Accounts.Set(owner, row with { IsCounted = false });
        }

        touched.Add(market.IdOf(owner));
    }

    private void Vault(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var arguments = new AbiReader(call.Data[4..]);
        var key = new VaultKey(arguments.Address(0), arguments.ULong(AbiReader.WordSize));
        if (!tables.Accounts.Contains(key.Owner))
        {
            return;
        }

        tables.Vaults.TryGet(key, out var row);
        if (!GammaAbi.Vault.TryDecode(result, out var vault, out _) || !vault.IsWellFormed)
        {
            tables.Vaults.Set(key, row with { IsRead = false, Asked = block.Number });
            touched.Add(market.IdOf(key.Owner));
            return;
        }

        var (sold, soldAmount) = VaultWithDetails.Only(vault.Vault.ShortOtokens, vault.Vault.ShortAmounts);
        var (bought, boughtAmount) = VaultWithDetails.Only(vault.Vault.LongOtokens, vault.Vault.LongAmounts);
        var (collateral, collateralAmount) = VaultWithDetails.Only(vault.Vault.CollateralAssets, vault.Vault.CollateralAmounts);
        var now = new VaultRow(Seconds(vault.VaultType), sold, bought, collateral, soldAmount, boughtAmount, collateralAmount, Seconds(vault.LatestUpdate), IsRead: true, block.Number);
        if (now.IsEmpty)
        {
            tables.Vaults.Remove(key);
        }
        else
        {
            tables.Vaults.Set(key, now);
        }

        if (now != row with { Asked = block.Number })
        {
            touched.Add(market.IdOf(key.Owner));
        }
    }

    private void Price(BlockHeader block, Call call, CallResult result)
    {
        var isRead = GammaAbi.GetPrice.TryDecode(result, out var price, out _);
        tables.Prices.Set(new AbiReader(call.Data[4..]).Address(0), new PriceRow(price, block.Number, isRead));
    }

    private void Settled(BlockHeader block, Call call, CallResult result)
    {
        var arguments = new AbiReader(call.Data[4..]);
        var isRead = GammaAbi.GetExpiryPrice.TryDecode(result, out var settled, out _);
        tables.Settled.Set(
            new SettledKey(arguments.Address(0), arguments.ULong(AbiReader.WordSize)), new SettledRow(settled.Price, isRead && settled.IsFinalized, block.Number, isRead));
    }
}
