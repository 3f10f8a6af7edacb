using System.Numerics;
using DefiMonitor.Core.Primitives;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>What the margin calculator says of one vault at one second.</summary>
internal static class VaultMargin
{
    /// <summary>The vault's collateral, 27 decimals.</summary>
    public static BigInteger Held(VaultState vault) => vault.Collateral is { } token ? Fpi.FromScaledUint(vault.CollateralAmount, token.Decimals) : BigInteger.Zero;

    /// <summary>What a live naked vault must hold at a price of its underlying, 27 decimals.</summary>
    /// <exception cref="ArithmeticException">Where the contract reverts.</exception>
    public static BigInteger NakedRequired(VaultState vault, in UInt256 price, ulong at) => NakedRequired(vault, vault.ShortAmount, price, at);

    /// <summary>As <see cref="NakedRequired(VaultState, in UInt256, ulong)"/>, of so many oTokens (8 decimals).</summary>
    public static BigInteger NakedRequired(VaultState vault, in UInt256 amount, in UInt256 price, ulong at)
    {
        var series = vault.Short!;
        return MarginCalculator.NakedRequired(
            series.IsPut, MarginCalculator.UpperBoundValue(vault.UpperBounds, series.Expiry, at), Fpi.FromScaledUint(vault.SpotShock, 27),
            Fpi.FromScaledUint(amount, Fpi.Base), Fpi.FromScaledUint(series.StrikePrice, Fpi.Base), Fpi.FromScaledUint(price, Fpi.Base));
    }

    /// <summary>MarginCalculator.isLiquidatable at a price of the underlying, whether or not a round has it.</summary>
    public static bool IsShort(VaultState vault, in UInt256 price, ulong at) => NakedRequired(vault, price, at) > Held(vault);

    /// <summary>floor(collateral * 10^18 / requirement): below 10^18 exactly when the vault is short. 2^256 - 1 where nothing is required.</summary>
    public static UInt256 Factor(in BigInteger held, in BigInteger required)
    {
        if (required.IsZero)
        {
            return UInt256.MaxValue;
        }

        var factor = held * (BigInteger)FixedPoint.Wad / required;
        return factor < (BigInteger)UInt256.MaxValue ? (UInt256)factor : UInt256.MaxValue;
    }

    /// <summary>MarginCalculator.getMarginRequired of a vault with a series in it, in its collateral, 27 decimals; of an expired one negative where its long pays more than its short.</summary>
    /// <returns>Null where the contract reverts: an expired vault whose prices are not final, a naked one that holds no more than dust, or has a long.</returns>
    /// <exception cref="ArithmeticException">Where the contract reverts for a figure.</exception>
    public static BigInteger? Required(VaultState vault, SeriesState series, ulong at)
    {
        if (at >= series.Expiry)
        {
            return vault.Settled.IsFinal ? ExpiredRequired(vault, series) : null;
        }

        if (vault.Type != 1)
        {
            return SpreadRequired(vault, series);
        }

        if (vault.Short is null)
        {
            return null;
        }

        var held = Held(vault);
        return held.IsZero || held > Fpi.FromScaledUint(vault.Dust, vault.Collateral!.Decimals) ? NakedRequired(vault, series.Underlying.Price, at) : null;
    }

    /// <summary>MarginCalculator.getExcessCollateral: what may leave the vault or, where it is no excess, what it lacks; in the collateral's decimals.</summary>
    /// <returns>Null and <see cref="ArithmeticException"/> as <see cref="Required"/>.</returns>
    public static (UInt256 Amount, bool IsExcess)? Excess(VaultState vault, ulong at)
    {
        if (vault.Series is not { } series)
        {
            return (vault.CollateralAmount, true);
        }

        if (Required(vault, series, at) is not { } required)
        {
            return null;
        }

        var excess = Fpi.Sub(Held(vault), required);
        return (Fpi.ToScaledUint(excess, (vault.Long ?? vault.Short)!.Collateral.Decimals, roundDown: excess.Sign >= 0), excess.Sign >= 0);
    }

    /// <summary>Controller.getProceed: 0 for a vault that lacks something.</summary>
    public static UInt256? Proceed(VaultState vault, ulong at) => Excess(vault, at) is { } excess ? excess.IsExcess ? excess.Amount : UInt256.Zero : null;

    private static BigInteger SpreadRequired(VaultState vault, SeriesState series)
    {
        var amount = Fpi.FromScaledUint(vault.ShortAmount, Fpi.Base);
        var longAmount = Fpi.FromScaledUint(vault.LongAmount, Fpi.Base);
        var strike = Fpi.FromScaledUint(vault.Short?.StrikePrice ?? UInt256.Zero, Fpi.Base);
        var longStrike = Fpi.FromScaledUint(vault.Long?.StrikePrice ?? UInt256.Zero, Fpi.Base);
        var required = series.IsPut
            ? MarginCalculator.PutSpreadRequired(amount, longAmount, strike, longStrike)
            : MarginCalculator.CallSpreadRequired(amount, longAmount, strike, longStrike);
        var countedIn = series.IsPut ? series.Strike : series.Underlying;
        return countedIn.Address == series.Collateral.Address ? required : MarginCalculator.Convert(required, countedIn.Price, series.Collateral.Price);
    }

    private static BigInteger ExpiredRequired(VaultState vault, SeriesState series)
    {
        var settled = vault.Settled;
        var price = series.Underlying.Address == series.Strike.Address ? Fpi.One : MarginCalculator.Convert(Fpi.One, settled.Underlying, settled.Strike);
        var owed = Fpi.Sub(Cash(vault.Short, vault.ShortAmount), Cash(vault.Long, vault.LongAmount));
        return series.Strike.Address == series.Collateral.Address ? owed : MarginCalculator.Convert(owed, settled.Strike, settled.Collateral);

        BigInteger Cash(SeriesState? option, in UInt256 amount) => option is null
            ? BigInteger.Zero
            : Fpi.Mul(MarginCalculator.CashValue(series.IsPut, Fpi.FromScaledUint(option.StrikePrice, Fpi.Base), price), Fpi.FromScaledUint(amount, Fpi.Base));
    }
}
