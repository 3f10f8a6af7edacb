using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// What a reserve still takes under its supply cap, and what it can pay out. Read when somebody looks, for the reserves of one account. Source:
/// ValidationLogic.validateSupply; IAToken and, from 3.1 on, Pool.getVirtualUnderlyingBalance.
/// </summary>
internal sealed class SupplyLimits(AaveMarket market)
{
    private readonly AaveTables tables = market.Tables;

    public IEnumerable<Call> Calls(AaveV3State state)
    {
        foreach (var reserve in state.Reserves)
        {
            if (reserve.ScaledSupply.IsZero || TokenOf(reserve) is not { } token)
            {
                continue;
            }

            var pool = tables.Market.Pool;
            yield return AaveAbi.BalanceOf.Function.Call(reserve.Asset, token);
            if (IsVirtual(state.Version, reserve))
            {
                yield return AaveAbi.GetVirtualUnderlyingBalance.Function.Call(pool, reserve.Asset);
            }

            if (!reserve.Configuration.SupplyCap.IsZero)
            {
                yield return AaveAbi.ScaledTotalSupply.Function.Call(token);
                yield return AaveAbi.GetReserveData.Function.Call(pool, reserve.Asset);
            }
        }
    }

    /// <summary>In the token's decimals, at most one unit less than the contract takes, whose versions round the supply up or down; null = not read.</summary>
    public UInt256? Room(AaveReserveState reserve, CallResults answers, ulong at)
    {
        if (TokenOf(reserve) is not { } token || Read(answers, AaveAbi.ScaledTotalSupply, AaveAbi.ScaledTotalSupply.Function.Call(token)) is not { } scaled
            || Read(answers, AaveAbi.GetReserveData, AaveAbi.GetReserveData.Function.Call(tables.Market.Pool, reserve.Asset)) is not { } data)
        {
            return null;
        }

        var cap = reserve.Configuration.SupplyCap * reserve.Configuration.Unit;
        var supplied = FixedPoint.MulDivCeil(scaled + data.AccruedToTreasury, reserve.Indexes.NormalizedIncome(at), FixedPoint.Ray);
        return cap > supplied ? cap - supplied : UInt256.Zero;
    }

    /// <inheritdoc cref="Room"/>
    public UInt256? Liquidity(AaveVersion version, AaveReserveState reserve, CallResults answers)
    {
        if (TokenOf(reserve) is not { } token || Read(answers, AaveAbi.BalanceOf, AaveAbi.BalanceOf.Function.Call(reserve.Asset, token)) is not { } balance)
        {
            return null;
        }

        return !IsVirtual(version, reserve) ? balance
            : Read(answers, AaveAbi.GetVirtualUnderlyingBalance, AaveAbi.GetVirtualUnderlyingBalance.Function.Call(tables.Market.Pool, reserve.Asset)) is { } counted
                ? UInt256.Min(balance, counted) : null;
    }

    private static bool IsVirtual(AaveVersion version, AaveReserveState reserve) =>
        version > AaveVersion.V33 || (version >= AaveVersion.V31 && reserve.Configuration.HasVirtualAccounting);

    private static T? Read<T>(CallResults answers, Ethereum.Abi.AbiResult<T> shape, Call call)
        where T : struct
        => answers.TryGet(call, out var result) && shape.TryDecode(result, out var value, out _) ? value : null;

    private Address? TokenOf(AaveReserveState reserve) =>
        tables.Reserves.TryGet((ushort)reserve.Id, out var row) && row.Asset == reserve.Asset ? row.AToken : null;
}
