using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Our seven words against getUserAccountData at the block's own time. All must be equal to the last integer.</summary>
internal sealed class Agreements(AaveV4Market market)
{
    /// <summary>The account's view and what the hubs store of its reserves: their totals are added up from logs, and one that was lost would never mend.</summary>
    public IEnumerable<Call> Calls(MarginAccountId account)
    {
        var user = market.UserOf(account);
        yield return AaveV4Abi.GetUserAccountData.Function.Call(market.Spoke, user);
        foreach (var (id, reserve) in market.Tables.Reserves)
        {
            if (market.Tables.Positions.Contains(new PositionKey(user, id)))
            {
                yield return AaveV4Abi.GetAsset.Function.Call(reserve.Hub, reserve.Asset);
            }
        }
    }

    public Agreement Compare(AaveV4State state, CallResults results)
    {
        var call = AaveV4Abi.GetUserAccountData.Function.Call(market.Spoke, market.UserOf(state.Account));
        if (!results.TryGet(call, out var result))
        {
            return WordAgreement.Unreadable(null);
        }

        return !AaveV4Abi.GetUserAccountData.TryDecode(result, out var chain, out var error)
            ? WordAgreement.Unreadable(error)
            : WordAgreement.Of(
                state.Unknown,
                () => ReportBuilder.Words(ReportBuilder.AccountOf(state, state.Block.Timestamp, Shock.None).Data),
                ReportBuilder.Words(chain.Data),
                chain.HealthFactor < AccountData.Threshold);
    }
}
