using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>
/// Our words against the same views at the same block, our folded balances against the contract's, and the model against the manager: where it is off by more than a millionth
/// its edges are not told, and that is said here. Of the market it takes the deployment's addresses alone: the tables may stand at a later block by now.
/// </summary>
internal sealed class Agreements(DeriveMarket market)
{
    public Agreement Compare(DeriveV2State state, CallResults results)
    {
        try
        {
            return Known(state, results);
        }
        catch (ArithmeticException)
        {
            return Unreadable("The contract's own view fits no number that it could be compared by.");
        }
    }

    private Agreement Known(DeriveV2State state, CallResults results)
    {
        if (state.Unknown is { } reason)
        {
            return Unreadable(reason);
        }

        var account = market.KeyOf(state.Account);
        if (!SubAccountKeys.IsSubAccount(account, out var id))
        {
            return Owner(state, Word(results, market.Calls.CountOf(account), 0));
        }

        if (Word(results, DeriveCalls.Margin(state.Manager, id, isInitial: false), 0) is not { } maintenance
            || Word(results, DeriveCalls.Margin(state.Manager, id, isInitial: true), 0) is not { } initial
            || Word(results, DeriveCalls.MarkToMarket(state.Manager, id), 1) is not { } mark
            || Word(results, market.Calls.Interest(id), 0) is not { } cash
            || Word(results, market.Calls.Auction(id), 3) is not { } ongoing
            || Word(results, market.Calls.Auction(id), 5) is not { } since)
        {
            return Unreadable("The contract's own view was not read.");
        }

        var balances = results.TryGet(market.Calls.Balances(id), out var answer) && DeriveAbi.GetAccountBalances.TryDecode(answer, out var decoded, out _) ? decoded : null;
        var differences = balances is null ? [] : Balances(state, balances);
        var theirs = state with
        {
            Words = new MarginWords(maintenance, initial, mark),
            Interest = checked(cash - state.Cash),
            Auction = state.Auction with { IsOngoing = ongoing != 0, Since = (ulong)Int128.Clamp(since, 0, ulong.MaxValue) },
        };
        var (ours, chain) = (ReportBuilder.WordsOf(state), ReportBuilder.WordsOf(theirs));
        for (var i = 0; i < ours.Length; i++)
        {
            if (ours[i] != chain[i])
            {
                differences.Add($"ours {ours[i].Name} {ours[i].Value}, the chain's {chain[i].Name} {chain[i].Value}");
            }
        }

        if (ModelCheck.Of(state) is { } model)
        {
            differences.Add(model);
        }

        if (balances is null && differences.Count == 0)
        {
            return Unreadable("The contract's own balances were not read.");
        }

        var verdict = AccountVerdict.Of(theirs.Words.Settled(theirs.Interest), theirs.Auction).Status;
        return new Agreement(
            differences.Count == 0 ? AgreementKind.Equal : AgreementKind.Different, string.Join("; ", differences), chain, verdict is MarginStatus.Liquidatable or MarginStatus.Insolvent);
    }

    private static Agreement Owner(DeriveV2State state, Int128? count)
    {
        if (count is not { } theirs)
        {
            return Unreadable("The contract's own view was not read.");
        }

        var ours = state.Owned!.Count;
        var chain = ReportBuilder.Word("subaccounts", theirs);
        return ours == chain.Value
            ? new Agreement(AgreementKind.Equal, "", [chain], false)
            : new Agreement(AgreementKind.Different, $"subaccounts: ours {ours}, the chain's {chain.Value}", [chain], false);
    }

    private static List<string> Balances(DeriveV2State state, IReadOnlyList<AssetBalance> theirs)
    {
        var differences = new List<string>();
        var ours = state.Balances.ToDictionary(static held => (held.Asset, held.SubId), static held => held.Balance);
        foreach (var balance in theirs)
        {
            ours.Remove((balance.Asset, balance.SubId), out var own);
            if (own != balance.Balance)
            {
                differences.Add($"balance of {balance.Asset} {balance.SubId}: ours {own}, the chain's {balance.Balance}");
            }
        }

        differences.AddRange(ours.Where(static own => own.Value != 0).Select(static own => $"balance of {own.Key.Asset} {own.Key.SubId}: ours {own.Value}, the chain's none"));
        return differences;
    }

    private static Int128? Word(CallResults results, Call call, int word) =>
        results.TryGet(call, out var result) && result.Success && result.Data.Length >= (word + 1) * AbiReader.WordSize
            ? Answers.Signed(new AbiReader(result.Data).UInt256(word * AbiReader.WordSize))
            : null;

    private static Agreement Unreadable(string why) => new(AgreementKind.Unreadable, why, [], null);
}
