using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>
/// What an owner has and owes, vault by vault, in dollars. The venue prices no option: an oToken's worth is what it would pay if it expired now, or what it was settled at.
/// No requirement goes by it.
/// </summary>
internal sealed class VaultLegs(OpynGammaState state, ulong at)
{
    public List<Position> All()
    {
        var legs = new List<Position>();
        foreach (var vault in state.Vaults)
        {
            // Without the decimals nobody can say how much it is.
            if (vault.Collateral is { HasTerms: true } token)
            {
                legs.Add(Leg(PositionSide.Collateral, token, vault.CollateralAmount));
            }

            if (vault.Long is { } bought)
            {
                legs.Add(Option(PositionSide.Collateral, bought, vault.LongAmount, vault));
            }

            if (vault.Short is { } sold)
            {
                legs.Add(Option(PositionSide.Debt, sold, vault.ShortAmount, vault));
            }
        }

        return legs;
    }

    /// <summary>What is no leg because it could not be read: one sentence a vault, and one for those that are not followed.</summary>
    public List<string> Missing()
    {
        var missing = state.Vaults.Where(IsMissing).Select(static vault => $"vault {vault.Id}: {vault.Gap?.Why}").ToList();
        if (state.Unfollowed is { } why)
        {
            missing.Add(why);
        }

        return missing;
    }

    /// <summary>Whether more may be owed than the legs say: what is short without a price counts as nothing.</summary>
    public bool IsDebtPartial() => state.Unfollowed is not null || state.Vaults.Any(static vault => vault.Gap is not null && (!vault.IsRead || !vault.ShortAmount.IsZero));

    // An amount of what nobody knows the terms of.
    private static bool IsMissing(VaultState vault) => !vault.IsRead
        || (vault.Short is null && !vault.ShortAmount.IsZero) || (vault.Long is null && !vault.LongAmount.IsZero) || (vault.Collateral is { HasTerms: false } && !vault.CollateralAmount.IsZero);

    /// <summary>Such as <c>WETH 2000 put 2021-06-25 #3</c>: the number is the vault's.</summary>
    public static string NameOf(SeriesState series, ulong vault) =>
        $"{series.Underlying.Symbol} {Units.FormatExact(series.StrikePrice, Fpi.Base)} {(series.IsPut ? "put" : "call")} {ExpiryDate.Of(series.Expiry)} #{vault}";

    /// <summary>Dollars with 8 decimals, rounded down.</summary>
    public static UInt256 ValueOf(in UInt256 amount, TokenState token) => UInt256.MulDiv(amount, token.Price, UInt256.Pow10(token.Decimals), Rounding.Down);

    /// <summary>Dollars with 8 decimals: so many oTokens by what they would pay.</summary>
    public UInt256 WorthOf(SeriesState series, in UInt256 amount) => UInt256.MulDiv(amount, MarkOf(series, default), UInt256.Pow10(Fpi.Base), Rounding.Down);

    private static Position Leg(PositionSide side, TokenState token, UInt256 amount) => new()
    {
        Side = side,
        Asset = token.Address,
        Symbol = token.Symbol,
        Decimals = token.Decimals,
        Amount = amount,
        Shares = amount,
        Price = token.Price,
        Value = Computed.OrWorst(side, () => ValueOf(amount, token)),
        ThresholdBps = FixedPoint.BpsOne,
    };

    private Position Option(PositionSide side, SeriesState series, UInt256 amount, VaultState vault)
    {
        var mark = Computed.OrWorst(side, () => MarkOf(series, vault.Settled));
        return new Position
        {
            Side = side,
            Asset = series.Underlying.Address,
            Symbol = NameOf(series, vault.Id),
            Decimals = Fpi.Base,
            Amount = amount,
            Shares = amount,
            Price = mark,
            Value = Computed.OrWorst(side, () => UInt256.MulDiv(amount, mark, UInt256.Pow10(Fpi.Base), Rounding.Down)),
            Counts = side == PositionSide.Debt,
            Option = new OptionTerms(
                series.IsPut ? OptionKind.Put : OptionKind.Call, series.StrikePrice, series.Expiry, UInt256.Zero, 0, Computed.OrWorst(PositionSide.Collateral, () => SpotOf(series)), Fpi.Base)
            {
                // Beside a short it is what that is secured by.
                IsPaid = side == PositionSide.Collateral && vault.Short is null,
            },
        };
    }

    private static UInt256 SpotOf(SeriesState series) => InStrike(series.Underlying.Price, series.Strike.Price);

    private static UInt256 InStrike(in UInt256 price, in UInt256 strikeAsset) =>
        strikeAsset.IsZero ? UInt256.Zero : UInt256.MulDiv(price, UInt256.Pow10(Fpi.Base), strikeAsset, Rounding.Down);

    // Of one oToken, dollars.
    private UInt256 MarkOf(SeriesState series, in SettledPrices settled)
    {
        var (underlying, strikeAsset) = at >= series.Expiry && settled.IsFinal && !settled.Strike.IsZero
            ? (settled.Underlying, settled.Strike)
            : (series.Underlying.Price, series.Strike.Price);
        var spot = InStrike(underlying, strikeAsset);
        var cash = series.IsPut == series.StrikePrice > spot ? Gap(series.StrikePrice, spot) : UInt256.Zero;
        return UInt256.MulDiv(cash, strikeAsset, UInt256.Pow10(Fpi.Base), Rounding.Down);
    }

    private static UInt256 Gap(in UInt256 a, in UInt256 b) => a > b ? a - b : b - a;
}
