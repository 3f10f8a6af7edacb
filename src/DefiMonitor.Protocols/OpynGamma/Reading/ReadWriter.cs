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

    public ReadWriter(GammaMarket market)
    {
        this.market = market;
        tables = market.Tables;
        series = new SeriesWriter(market);
        OnVenue(GammaAbi.GetController, VenueFields.Controller, static (row, value) => row with { Controller = value });
        OnVenue(GammaAbi.OracleOf, VenueFields.Oracle, static (row, value) => row with { Oracle = value });
        OnVenue(GammaAbi.OracleDeviation, VenueFields.Deviation, static (row, value) => row with { OracleDeviation = value });
        OnVenue(GammaAbi.PartiallyPaused, VenueFields.PartialPause, static (row, value) => row with { IsPartiallyPaused = value });
        OnVenue(GammaAbi.FullyPaused, VenueFields.FullPause, static (row, value) => row with { IsFullyPaused = value });
        On(GammaAbi.CalculatorOf.Function, (_, _, result, _) => Calculator(result));
        On(GammaAbi.VaultCounter.Function, Counter);
        On(GammaAbi.Vault.Function, (_, call, result, touched) => Vault(call, result, touched));
        On(GammaAbi.GetPrice.Function, (block, call, result, _) => Price(block, call, result));
        On(GammaAbi.GetExpiryPrice.Function, (block, call, result, _) => Settled(block, call, result));
        On(GammaAbi.GetOtokenDetails.Function, (_, call, result, _) => series.Terms(call, result));
        On(GammaAbi.Symbol.Function, (_, call, result, _) => series.Symbol(call, result));
        On(GammaAbi.Decimals.Function, (_, call, result, _) => series.Decimals(call, result));
        On(GammaAbi.CollateralDust.Function, (_, call, result, _) => series.Dust(call, result));
        On(GammaAbi.SpotShock.Function, (_, call, result, _) => series.Shock(call, result));
        On(GammaAbi.TimesToExpiry.Function, (_, call, result, _) => series.Times(call, result));
        On(GammaAbi.MaxPrice.Function, (_, call, result, _) => series.Step(call, result));
        On(GammaAbi.GetPricer.Function, (_, call, result, _) => series.Pricer(call, result));
        On(GammaAbi.Aggregator.Function, (_, call, result, _) => series.Aggregator(call, result));
        On(FeedWalk.LatestRoundData.Function, (block, call, result, _) => series.Round(block, call, result));

        // Asked for comparison only: a view of the contract that our state does not come from.
        On(GammaAbi.GetProceed.Function, static (_, _, _, _) => { });
        On(GammaAbi.NakedMarginRequired.Function, static (_, _, _, _) => { });
        On(GammaAbi.IsLiquidatable.Function, static (_, _, _, _) => { });
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

    private static uint Key(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32BigEndian(data);

    private void On(AbiFunction function, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>> write) =>
        bySelector.Add(Key(function.Selector.Span), write);

    private void OnVenue<T>(AbiResult<T> shape, VenueFields field, Func<VenueRow, T, VenueRow> with) => On(shape.Function, (_, _, result, _) =>
    {
        var row = tables.Venue;
        tables.Venue = shape.TryDecode(result, out var value, out _)
            ? with(row, value) with { Fields = row.Fields | field }
            : row with { IsOpen = false, Fields = row.Fields & ~field };
    });

    // Controller.refreshConfiguration changes it without an event: then nothing that the old one said stands.
    private void Calculator(CallResult result)
    {
        var row = tables.Venue;
        if (!GammaAbi.CalculatorOf.TryDecode(result, out var calculator, out _))
        {
            tables.Venue = row with { IsOpen = false, Fields = row.Fields & ~VenueFields.Calculator };
            return;
        }

        if (row.IsOpen && row.Calculator != calculator)
        {
            series.Forget();
            row = new VenueRow();
        }

        tables.Venue = row with { Calculator = calculator, Fields = row.Fields | VenueFields.Calculator };
    }

    private void Counter(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var owner = new AbiReader(call.Data[4..]).Address(0);
        if (GammaAbi.VaultCounter.TryDecode(result, out var count, out _) && count <= Entry.MostVaults)
        {
            tables.Accounts.Set(owner, new AccountRow(tables.Accounts.TryGet(owner, out var row) ? row.Block : block.Number, (ulong)count));
        }
        else
        {
            tables.Accounts.Remove(owner);
        }

        touched.Add(market.IdOf(owner));
    }

    private void Vault(Call call, CallResult result, ISet<MarginAccountId> touched)
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
            tables.Vaults.Set(key, row with { IsRead = false });
            touched.Add(market.IdOf(key.Owner));
            return;
        }

        var (sold, soldAmount) = VaultWithDetails.Only(vault.Vault.ShortOtokens, vault.Vault.ShortAmounts);
        var (bought, boughtAmount) = VaultWithDetails.Only(vault.Vault.LongOtokens, vault.Vault.LongAmounts);
        var (collateral, collateralAmount) = VaultWithDetails.Only(vault.Vault.CollateralAssets, vault.Vault.CollateralAmounts);
        var now = new VaultRow(Seconds(vault.VaultType), sold, bought, collateral, soldAmount, boughtAmount, collateralAmount, Seconds(vault.LatestUpdate), IsRead: true);
        if (now == row)
        {
            return;
        }

        if (now.IsEmpty)
        {
            tables.Vaults.Remove(key);
        }
        else
        {
            tables.Vaults.Set(key, now);
        }

        touched.Add(market.IdOf(key.Owner));
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
