using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// The sum of all users' scaled balances of a variable debt token is its scaledTotalSupply: MintableIncentivizedERC20._mint and _burn change both by the same figure.
/// Stable debt (up to 3.1) has a total that is accrued by an average rate, to which no sum of balances is equal: it is shown and not held against ours.
/// </summary>
internal sealed class DebtTotals(AaveMarket market)
{
    private readonly AaveTables tables = market.Tables;

    public IEnumerable<Call> Calls()
    {
        foreach (var (_, reserve) in tables.Reserves)
        {
            yield return AaveAbi.ScaledTotalSupply.Function.Call(reserve.DebtToken);
            if (HasStable(reserve))
            {
                yield return AaveAbi.TotalSupply.Function.Call(reserve.StableDebtToken);
            }
        }
    }

    public List<Completeness> Complete(CallResults totals)
    {
        var known = new Dictionary<ushort, UInt256>();
        foreach (var (key, scaled) in tables.Balances)
        {
            if (key.Side == TokenSide.Debt)
            {
                known[key.Reserve] = known.GetValueOrDefault(key.Reserve) + scaled;
            }
        }

        var equations = new List<Completeness>();
        foreach (var (id, reserve) in tables.Reserves)
        {
            var scaled = new Completeness("scaledTotalSupply", reserve.Asset, reserve.Symbol.ToString(), known.GetValueOrDefault(id), null);
            equations.Add(Settle(scaled, totals, AaveAbi.ScaledTotalSupply, reserve.DebtToken, tables.Pending.Count > 0
                ? $"{tables.Pending.Count} accounts must be read again."
                : market.Version is >= AaveVersion.V31 and <= AaveVersion.V33 && !reserve.Configuration.HasVirtualAccounting
                    ? "Discounts of this debt burn scaled units of accounts that no event names." : null));
            if (HasStable(reserve))
            {
                var stable = new Completeness("totalSupply of stable debt", reserve.Asset, reserve.Symbol.ToString(), StableOf(id), null);
                var read = Settle(stable, totals, AaveAbi.TotalSupply, reserve.StableDebtToken, null);
                if (read.Holds != true)
                {
                    equations.Add(read with { Unsettled = read.Unsettled ?? "A stable debt grows by a rate of its own and the total by their average, so the sum is never equal." });
                }
            }
        }

        return equations;
    }

    private bool HasStable(in ReserveRow reserve) => market.Version <= AaveVersion.V31 && !reserve.StableDebtToken.IsZero;

    private UInt256 StableOf(ushort reserve)
    {
        var sum = UInt256.Zero;
        foreach (var (key, row) in tables.ReadDebts)
        {
            sum += key.Reserve == reserve && key.Kind == ReadDebtKind.Stable ? row.Amount : UInt256.Zero;
        }

        return sum;
    }

    private static Completeness Settle(Completeness equation, CallResults totals, AbiResult<UInt256> total, in Address token, string? unsettled) =>
        !totals.TryGet(total.Function.Call(token), out var result) ? equation with { Unsettled = $"The total of {token} was not read." }
        : !total.TryDecode(result, out var read, out var error) ? equation with { Unsettled = error }
        : equation with { Total = read, Unsettled = unsettled };
}
