using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>Our words against the contract's own positions, spot and requirements, at the block's own time.</summary>
internal sealed class Agreements(LyraMarket market, MarketOpening calls)
{
    public Agreement Compare(LyraV1State state, CallResults results)
    {
        if (!Answer(results, calls.Spot, LyraAbi.GetSpotPriceForMarket.TryDecode, out UInt256 spot, out var error)
            || !Answer(results, calls.Balance(market.UserOf(state.Account)), LyraAbi.BalanceOf.TryDecode, out UInt256 count, out error))
        {
            return Unreadable(error);
        }

        var differences = new List<string>();
        var words = new List<NativeWord> { new("spotPrice", spot) };
        Same("spotPrice", state.Spot, spot);
        Same("number of positions", (ulong)state.Positions.Count, count);
        var isLiquidatable = false;
        foreach (var position in state.Positions)
        {
            if (!Answer(results, calls.Position(position.Id), LyraAbi.GetPositionWithOwner.TryDecode, out PositionWithOwner theirs, out error))
            {
                return Unreadable(error);
            }

            var isLive = position.IsLiveShort(state.Block.Timestamp);
            var minimum = UInt256.Zero;
            if (isLive && !Answer(results, calls.Minimum(position, state.Spot), LyraAbi.GetMinCollateral.TryDecode, out minimum, out error))
            {
                return Unreadable(error);
            }

            words.AddRange(ReportBuilder.Words(position with { Amount = theirs.Amount, Collateral = theirs.Collateral }, isLive ? minimum : null));
            isLiquidatable |= isLive && theirs.Collateral < minimum;
            Same("positionId", position.Id, theirs.PositionId);
            Same($"position {position.Id} optionType", (byte)position.Type, theirs.OptionType);
        }

        if (state.Unknown is { } reason)
        {
            return new Agreement(AgreementKind.Unreadable, reason, words, null);
        }

        try
        {
            var ours = ReportBuilder.WordsOf(state, Requirements.Of(state, state.Spot, state.Block.Timestamp));
            for (var i = 1; i < words.Count; i++)
            {
                Same(words[i].Name, ours[i].Value, words[i].Value);
            }
        }
        catch (ArithmeticException overflow)
        {
            differences.Add($"we can't compute the account ({overflow.Message}), the contract can");
        }

        return new Agreement(differences.Count == 0 ? AgreementKind.Equal : AgreementKind.Different, string.Join("; ", differences), words, isLiquidatable);

        void Same(string name, in UInt256 ours, in UInt256 theirs)
        {
            if (ours != theirs)
            {
                differences.Add($"{name}: ours {ours}, the chain's {theirs}");
            }
        }
    }

    private delegate bool Decode<T>(CallResult result, out T value, out string? error);

    private static bool Answer<T>(CallResults results, Call call, Decode<T> decode, out T value, out string error)
    {
        string? why = null;
        value = default!;
        if (results.TryGet(call, out var result) && decode(result, out value, out why))
        {
            error = "";
            return true;
        }

        error = why ?? "The contract's own view was not read.";
        return false;
    }

    private static Agreement Unreadable(string why) => new(AgreementKind.Unreadable, why, [], null);
}
