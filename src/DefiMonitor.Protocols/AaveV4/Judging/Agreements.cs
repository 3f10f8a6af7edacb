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
            return new Agreement(AgreementKind.Unreadable, "The contract's own view was not read.", [], null);
        }

        if (!AaveV4Abi.GetUserAccountData.TryDecode(result, out var chain, out var error))
        {
            return new Agreement(AgreementKind.Unreadable, error, [], null);
        }

        var native = ReportBuilder.Words(chain.Data);
        var isLiquidatable = chain.HealthFactor < AccountData.Threshold;
        if (state.Unknown is { } reason)
        {
            return new Agreement(AgreementKind.Unreadable, reason, native, isLiquidatable);
        }

        NativeWord[] ours;
        try
        {
            ours = ReportBuilder.Words(ReportBuilder.AccountOf(state, state.Block.Timestamp, Shock.None).Data);
        }
        catch (ArithmeticException overflow)
        {
            return new Agreement(AgreementKind.Different, $"we can't compute the account ({overflow.Message}), the contract can", native, isLiquidatable);
        }

        var differences = new List<string>();
        for (var i = 0; i < native.Length; i++)
        {
            if (ours[i].Value != native[i].Value)
            {
                differences.Add($"{native[i].Name}: ours {ours[i].Value}, the chain's {native[i].Value}");
            }
        }

        return new Agreement(differences.Count == 0 ? AgreementKind.Equal : AgreementKind.Different, string.Join("; ", differences), native, isLiquidatable);
    }
}
