using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>The calls that bring an account in, or read it whole again: its words and every aToken first, then the debts that its word names.</summary>
internal sealed class AccountEntry(AaveMarket market)
{
    public IEnumerable<Call> Next(Address user, CallResults soFar)
    {
        var pool = market.Tables.Market.Pool;
        var word = AaveAbi.GetUserConfiguration.Function.Call(pool, user);
        yield return word;
        yield return AaveAbi.GetUserEMode.Function.Call(pool, user);

        // A supply that is no collateral has no bit, so all of them are asked.
        foreach (var (_, reserve) in market.Tables.Reserves)
        {
            yield return AaveAbi.ScaledBalanceOf.Function.Call(reserve.AToken, user);
        }

        if (!soFar.TryGet(word, out var result) || !AaveAbi.GetUserConfiguration.TryDecode(result, out var map, out _))
        {
            yield break;
        }

        foreach (var call in Debts(user, new UserConfiguration(map.Data)))
        {
            yield return call;
        }
    }

    /// <summary>The same at one go, for an account that is in: its word is known, or will be by its own answer.</summary>
    public IEnumerable<Call> Again(Address user)
    {
        foreach (var call in Next(user, new CallResults()))
        {
            yield return call;
        }

        foreach (var (_, reserve) in market.Tables.Reserves)
        {
            yield return AaveAbi.ScaledBalanceOf.Function.Call(reserve.DebtToken, user);
            if (!reserve.StableDebtToken.IsZero && market.Version <= AaveVersion.V31)
            {
                yield return AaveAbi.BalanceOf.Function.Call(reserve.StableDebtToken, user);
            }
        }
    }

    private IEnumerable<Call> Debts(Address user, UserConfiguration configuration)
    {
        foreach (var (id, reserve) in market.Tables.Reserves)
        {
            if (!configuration.IsBorrowing(id))
            {
                continue;
            }

            yield return AaveAbi.ScaledBalanceOf.Function.Call(reserve.DebtToken, user);
            if (!reserve.StableDebtToken.IsZero && market.Version <= AaveVersion.V31)
            {
                yield return AaveAbi.BalanceOf.Function.Call(reserve.StableDebtToken, user);
            }
        }
    }
}
