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
        try
        {
            foreach (var position in state.Positions)
            {
                if (!Answer(results, calls.Position(position.Id), LyraAbi.GetPositionWithOwner.TryDecode, out PositionWithOwner theirs, out error))
                {
                    return Unreadable(error);
                }

                var name = $"position {position.Id}";
                Same("positionId", position.Id, theirs.PositionId);
                Same($"{name} optionType", (byte)position.Type, theirs.OptionType);
                Same($"{name} amount", position.Amount, theirs.Amount);
                Same($"{name} collateral", position.Collateral, theirs.Collateral);
                UInt256? required = null;
                if (position.IsLiveShort(state.Block.Timestamp))
                {
                    if (calls.MinimumIn(results, position, spot) is not { } asked)
                    {
                        return Unreadable($"The contract's own requirement of {name} was not read.");
                    }

                    // Ours and the contract's at the spot that it was asked at; what it requires at its present spot follows.
                    Same($"{name} minCollateral at {asked.Spot}", Requirements.Of(state, asked.Spot, state.Block.Timestamp).Of(position), asked.Minimum);
                    required = asked.Spot == spot ? asked.Minimum : Requirements.Of(state, spot, state.Block.Timestamp).Of(position);
                    isLiquidatable |= theirs.Collateral < required;
                }

                words.AddRange(ReportBuilder.Words(position with { Amount = theirs.Amount, Collateral = theirs.Collateral }, required));
            }
        }
        catch (ArithmeticException overflow)
        {
            differences.Add($"we can't compute the account ({overflow.Message}), the contract can");
        }

        return state.Unknown is { } reason
            ? new Agreement(AgreementKind.Unreadable, reason, words, null)
            : new Agreement(differences.Count == 0 ? AgreementKind.Equal : AgreementKind.Different, string.Join("; ", differences), words, isLiquidatable);

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
