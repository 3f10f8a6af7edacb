using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>
/// The sum of all debts' principals is totalBorrowBase, and the sum of all balances of a collateral its totalSupplyAsset: Comet.sol changes both sides by the same
/// figure. Not so what is lent: repayAndSupplyAmount counts nothing where a movement of next to nothing rounds a supply down.
/// </summary>
internal sealed class MarketSums(CometMarket market)
{
    private readonly CometTables tables = market.Tables;

    // Read from the contract: our own collateral totals are folded from the same logs as the balances, so a lost one would be missing on both sides.
    public IEnumerable<Call> Calls()
    {
        yield return CometAbi.TotalsBasic.Function.Call(market.Deployment.Comet);
        foreach (var (_, asset) in tables.Assets)
        {
            yield return CometAbi.TotalsCollateral.Function.Call(market.Deployment.Comet, asset.Asset);
        }
    }

    public List<Completeness> Complete(CallResults totals)
    {
        var row = tables.Market;
        var (owed, waiting, broken) = (UInt256.Zero, 0, 0);
        foreach (var (user, account) in tables.Accounts)
        {
            owed += (UInt128)Int128.Max(0, -account.Principal);
            broken += account.IsWhole ? 0 : 1;
            waiting += tables.Pending.Contains(user) || (account.ReadBlock < row.TotalsBlock && account.ReadAt <= row.Totals.LastAccrualTime) ? 1 : 0;
        }

        var debt = new Completeness("totalBorrowBase", row.Parameters.BaseToken, row.BaseSymbol.ToString(), owed, null);
        var equations = new List<Completeness>
        {
            With(debt, totals, CometAbi.TotalsBasic, CometAbi.TotalsBasic.Function.Call(market.Deployment.Comet), static answer => answer.TotalBorrowBase, waiting),
        };
        var held = new Dictionary<Address, UInt256>();
        foreach (var (key, balance) in tables.Collaterals)
        {
            held[key.Asset] = held.GetValueOrDefault(key.Asset) + balance;
        }

        foreach (var (_, asset) in tables.Assets)
        {
            var sum = new Completeness("totalSupplyAsset", asset.Asset, asset.Symbol.ToString(), held.GetValueOrDefault(asset.Asset), null);
            var call = CometAbi.TotalsCollateral.Function.Call(market.Deployment.Comet, asset.Asset);
            equations.Add(With(sum, totals, CometAbi.TotalsCollateral, call, static answer => answer.TotalSupplyAsset, broken));
        }

        return equations;
    }

    private static Completeness With<T>(Completeness equation, CallResults totals, Ethereum.Abi.AbiResult<T> shape, Call call, Func<T, UInt128> total, int toRead)
        where T : struct
    {
        string? error = "The market's totals were not read.";
        return !totals.TryGet(call, out var result) || !shape.TryDecode(result, out var answer, out error) ? equation with { Unsettled = error }
            : equation with { Total = total(answer), Unsettled = toRead > 0 ? $"{toRead} accounts must be read again." : null };
    }
}
