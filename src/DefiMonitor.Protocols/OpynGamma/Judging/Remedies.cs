using System.Numerics;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>
/// The ways out of each naked vault that is not where it should be: more collateral, or oTokens bought and burned. Either is an update of the vault, which the contract
/// measures at the oracle's price, and after which rounds before it no longer count.
/// </summary>
internal static class Remedies
{
    private const string BySync =
        "The price has come back since the round that allows a liquidation: Controller.sync(owner, id), which anybody may send, or any update, of one unit even, ends the auction.";

    private const string ByIntrinsic = "The oTokens have to be bought first: their price in the market is not known, the value is what they would pay now.";

    public static List<Remedy> Of(List<NakedMargin> naked, VaultLegs legs, ulong at, UInt256? named)
    {
        var remedies = new List<Remedy>();
        foreach (var margin in naked)
        {
            var where = naked.Count > 1 ? $"For vault {margin.Vault.Id} alone." : null;
            if (margin is { Round: not null, IsShort: false })
            {
                where = where is null ? BySync : Join(where, BySync);
            }

            if (HealthTarget.Of(margin.LiveFactor, isLoop: false, named) is { } target)
            {
                if (Deposit(margin, target, where) is { } deposit)
                {
                    remedies.Add(deposit);
                }

                remedies.Add(Burn(margin, legs, target, at, where));
            }
            else if (margin is { Round: not null, IsShort: false })
            {
                remedies.Add(Touch(margin, where));
            }
        }

        return remedies;
    }

    // Whatever is more than nothing is an update.
    private static Remedy Touch(NakedMargin margin, string? caveat)
    {
        var token = margin.Vault.Collateral ?? margin.Vault.Short!.Collateral;
        var after = VaultMargin.Factor(Fpi.FromScaledUint(margin.Vault.CollateralAmount + UInt256.One, token.Decimals), margin.Required);
        return new Remedy(
            RemedyKind.Deposit, token.Address, token.Symbol, token.Decimals, UInt256.One, UInt256.MulDiv(UInt256.One, token.Price, UInt256.Pow10(token.Decimals), Rounding.Up),
            FixedPoint.Wad, after, caveat);
    }

    private static Remedy? Deposit(NakedMargin margin, in UInt256 target, string? where)
    {
        var token = margin.Vault.Collateral ?? margin.Vault.Short!.Collateral;
        if (token.Decimals > 27)
        {
            return null;
        }

        // (held + x) * 10^18 >= target * required, in the token's units.
        var unit = (BigInteger)FixedPoint.Wad * BigInteger.Pow(10, 27 - token.Decimals);
        var amount = (UInt256)(((BigInteger)target * margin.Required + unit - 1) / unit) - margin.Vault.CollateralAmount;
        var after = VaultMargin.Factor(Fpi.FromScaledUint(margin.Vault.CollateralAmount + amount, token.Decimals), margin.Required);
        var caveat = margin.Vault.CollateralAmount + amount > margin.Vault.Dust
            ? where
            : Join(where, $"The contract wants more than {Units.FormatExact(margin.Vault.Dust, token.Decimals)} {token.Symbol} in a naked vault.");
        return new Remedy(
            RemedyKind.Deposit, token.Address, token.Symbol, token.Decimals, amount, UInt256.MulDiv(amount, token.Price, UInt256.Pow10(token.Decimals), Rounding.Up), target, after, caveat);
    }

    private static Remedy Burn(NakedMargin margin, VaultLegs legs, UInt256 target, ulong at, string? where)
    {
        var vault = margin.Vault;
        var series = vault.Short!;

        UInt256 After(in UInt256 burned) => VaultMargin.Factor(margin.Held, VaultMargin.NakedRequired(vault, vault.ShortAmount - burned, series.Underlying.Price, at));

        var low = UInt256.Zero;
        var high = vault.ShortAmount;
        while (high - low > UInt256.One)
        {
            var middle = low + ((high - low) >> 1);
            (low, high) = After(middle) >= target ? (low, middle) : (middle, high);
        }

        return new Remedy(
            RemedyKind.Repay, series.Otoken, VaultLegs.NameOf(series, vault.Id), Fpi.Base, high, legs.WorthOf(series, high), target,
            high == vault.ShortAmount ? null : After(high), Join(where, ByIntrinsic));
    }

    private static string Join(string? first, string second) => first is null ? second : $"{first} {second}";
}
