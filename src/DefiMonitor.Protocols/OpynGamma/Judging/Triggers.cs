using System.Numerics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>How far the liquidation of one naked vault is: each is liquidated on its own, and a short strangle of two vaults has an edge on either side.</summary>
internal static class Triggers
{
    public static Trigger Of(NakedMargin margin, ulong at)
    {
        var edge = Computed.OrNull(() => PriceEdges.Of(margin.Vault, at)) is { } price ? EdgeOf(margin.Vault, price, at) : null;
        return new Trigger
        {
            Kind = TriggerKind.Liquidation,
            Threshold = FixedPoint.Wad,
            Active = margin.IsLiquidatable,
            UniformFallPpm = margin.IsLiquidatable ? 0 : edge is { Side: EdgeSide.Falls } ? Shock.FallTo(edge.Price, edge.CurrentPrice) : null,
            Edges = edge is null ? [] : [edge],
            SecondsAtConstantPrices = Computed.OrNull(() => TimeToEdge.Seconds(margin.Vault, at)),
        };
    }

    /// <summary>Of a vault that is Unknown: beside a verdict on the others nobody must take it for none.</summary>
    public static Trigger Of(VaultState vault, VaultGap gap) => new()
    {
        Kind = TriggerKind.Liquidation,
        Threshold = FixedPoint.Wad,
        Active = false,
        Unarmed = gap.MayBeLiquidated ? null : $"nothing of vault {vault.Id} can be liquidated; the rest of it is UNKNOWN: {gap.Why}",
        Unknown = gap.MayBeLiquidated ? $"vault {vault.Id}: {gap.Why}" : null,
    };

    /// <summary>For the distance: <see cref="MarginReport.NearEdges"/>.</summary>
    public static List<PriceEdge> NearEdges(List<NakedMargin> naked, ulong at)
    {
        var edges = new List<PriceEdge>();
        foreach (var margin in naked)
        {
            if (Computed.OrNull(() => PriceEdges.Of(margin.Vault, at, parts: 10_000)) is { } price)
            {
                edges.Add(EdgeOf(margin.Vault, price, at));
            }
        }

        return edges;
    }

    private static PriceEdge EdgeOf(VaultState vault, in UInt256 price, ulong at) =>
        new(vault.Short!.Underlying.Address, vault.Short.Underlying.Symbol, PriceEdges.SideOf(vault, at), price, vault.Short.Underlying.Price);
}

/// <summary>What liquidating one vault takes: all of its oTokens at the auction's price of this second.</summary>
internal static class Quotes
{
    public static LiquidationQuote Of(OpynGammaState state, NakedMargin margin, VaultLegs legs, ulong at)
    {
        var vault = margin.Vault;
        var series = vault.Short!;
        var token = vault.Collateral ?? series.Collateral;
        var taken = UInt256.Min(vault.CollateralAmount, UInt256.MulDiv(vault.ShortAmount, BestPrice(state, margin, at), UInt256.Pow10(Fpi.Base), Rounding.Down));
        var worth = VaultLegs.ValueOf(taken, token);
        var owed = legs.WorthOf(series, vault.ShortAmount);
        return new LiquidationQuote(
            series.Underlying.Address, VaultLegs.NameOf(series, vault.Id), vault.ShortAmount, token.Address, token.Symbol, taken, worth > owed ? worth - owed : UInt256.Zero);
    }

    /// <summary>In the collateral's decimals, of one oToken, in the auction that a round began.</summary>
    public static UInt256 AuctionPrice(OpynGammaState state, VaultState vault, in RoundState round, ulong at)
    {
        var series = vault.Short!;
        return MarginCalculator.DebtPrice(
            series.IsPut, VaultMargin.Held(vault), Amount(vault.ShortAmount), Amount(series.StrikePrice), Amount(round.Price), state.OracleDeviation,
            at > round.UpdatedAt ? at - round.UpdatedAt : 0, vault.Collateral?.Decimals ?? 0);
    }

    /// <summary>What a liquidator gets for one oToken when he names the round that pays the most, in the collateral's decimals; where none allows it yet, at the start of the auction to come.</summary>
    private static UInt256 BestPrice(OpynGammaState state, NakedMargin margin, ulong at)
    {
        var vault = margin.Vault;
        var best = UInt256.Zero;
        foreach (var round in VenueCalls.Usable(vault.LatestUpdate, [vault.Newest, .. vault.Rounds]).Where(round => VaultMargin.IsShort(vault, round.Price, at)))
        {
            best = UInt256.Max(best, AuctionPrice(state, vault, round, at));
        }

        return margin.Round is null ? AuctionPrice(state, vault, new RoundState(0, vault.Short!.Underlying.Price, at), at) : best;
    }

    private static BigInteger Amount(in UInt256 value) => Fpi.FromScaledUint(value, Fpi.Base);
}
