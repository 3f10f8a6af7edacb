using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// The completeness equation, one a reserve: the sum of the users' drawn shares is what the hub has drawn for this Spoke (Hub.getSpokeDrawnShares). Other Spokes' users
/// are on neither side; premium is none of it, for it follows from the drawn shares.
/// </summary>
internal sealed class DebtTotals(AaveV4Market market)
{
    private readonly AaveV4Tables tables = market.Tables;

    public IEnumerable<Call> Calls()
    {
        foreach (var (_, reserve) in tables.Reserves)
        {
            yield return CallOf(reserve);
        }
    }

    public List<Completeness> Complete(CallResults totals)
    {
        var known = new Dictionary<ushort, UInt256>();
        foreach (var (key, row) in tables.Positions)
        {
            if (row.DrawnShares != 0 && tables.HasEntered(key.User))
            {
                known[key.Reserve] = known.GetValueOrDefault(key.Reserve) + row.DrawnShares;
            }
        }

        var equations = new List<Completeness>();
        foreach (var (id, reserve) in tables.Reserves)
        {
            var symbol = reserve.Symbol.ToString();
            var equation = new Completeness($"drawn shares of reserve {id}", reserve.Underlying, symbol, known.GetValueOrDefault(id), null);
            equations.Add(
                !totals.TryGet(CallOf(reserve), out var result) ? equation with { Unsettled = $"What the hub has drawn of {symbol} for the Spoke was not read." }
                : !AaveV4Abi.GetSpokeDrawnShares.TryDecode(result, out var total, out var error) ? equation with { Unsettled = error }
                : equation with { Total = total, Unsettled = tables.Pending.Count > 0 ? $"{tables.Pending.Count} accounts must be read again." : null });
        }

        return equations;
    }

    private Call CallOf(in ReserveRow reserve) => AaveV4Abi.GetSpokeDrawnShares.Function.Call(reserve.Hub, reserve.Asset, market.Spoke);
}
