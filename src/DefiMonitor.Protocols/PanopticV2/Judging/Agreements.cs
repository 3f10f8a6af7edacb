using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>Our words against the pool's, at the block: our verdict is the pool's own, so this is the same question asked once more.</summary>
internal sealed class Agreements(PanopticMarket market, PoolCalls calls)
{
    public Agreement Compare(PanopticV2State state, CallResults results)
    {
        var user = market.UserOf(state.Account);
        if (!results.TryGet(calls.Legs(user), out var answer) || !PanopticAbi.NumberOfLegs.TryDecode(answer, out var legs, out _)
            || !results.TryGet(calls.Assets(user), out answer) || !PanopticAbi.AssetsOf.TryDecode(answer, out var assets, out _))
        {
            return Unreadable("The pool's own legs and assets of the account were not read.", []);
        }

        var words = new List<NativeWord> { new("numberOfLegs", legs), new("assets0", assets.Assets0), new("assets1", assets.Assets1) };
        if (state.Unknown is { } reason)
        {
            return Unreadable(reason, words);
        }

        var differences = new List<string>();
        Same("numberOfLegs", state.Legs, legs);
        Same("assets0", state.Assets0, assets.Assets0);
        Same("assets1", state.Assets1, assets.Assets1);
        if (state.Positions.Count == 0 || differences.Count > 0)
        {
            return Said(false);
        }

        UInt256[] list = [.. state.Positions.Select(static position => position.TokenId)];
        var asked = calls.Verdict(user, [.. state.Positions]);
        if (!results.TryGet(calls.Data(user, list), out answer) || !PanopticAbi.FullPositionsData.TryDecode(answer, out var data, out _)
            || !results.TryGet(asked[0], out var settle) || !results.TryGet(asked[1], out var close))
        {
            return Unreadable("The pool's own decision on the account was not read.", words);
        }

        var verdict = Verdicts.OfSettling(settle);
        verdict = verdict == PoolVerdict.Unread && Verdicts.HasOtherError(settle) && Verdicts.IsSolventByClosing(close) ? PoolVerdict.Solvent : verdict;
        words.AddRange([new("shortPremium", data.ShortPremium), new("longPremium", data.LongPremium), new("poolVerdict", (uint)verdict)]);
        Same("shortPremium", state.ShortPremium, data.ShortPremium);
        Same("longPremium", state.LongPremium, data.LongPremium);
        Same("poolVerdict", (uint)state.Verdict, (uint)verdict);
        return Said(verdict == PoolVerdict.Insolvent);

        Agreement Said(bool isLiquidatable) =>
            new(differences.Count == 0 ? AgreementKind.Equal : AgreementKind.Different, string.Join("; ", differences), words, differences.Count == 0 || words.Count > 3 ? isLiquidatable : null);

        void Same(string name, in UInt256 ours, in UInt256 theirs)
        {
            if (ours != theirs)
            {
                differences.Add($"{name}: ours {ours}, the chain's {theirs}");
            }
        }
    }

    private static Agreement Unreadable(string why, IReadOnlyList<NativeWord> words) => new(AgreementKind.Unreadable, why, words, null);
}
