using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Outbox;

/// <summary>One chain as confirmations see it.</summary>
public sealed record ConfirmingChain(EvmClient Client, JudgedStates States);

/// <summary>
/// The chain's own view, pinned to the block that was judged; where that block is gone (a reorg, a pruned node) at the newest one, and then only the
/// verdict counts, because the figures are of another moment.
/// </summary>
public sealed class ChainConfirmer(IReadOnlyDictionary<ChainId, ConfirmingChain> chains) : IConfirmer
{
    public async Task<IReadOnlyList<Confirmation>> ConfirmAsync(ChainId chain, IReadOnlyList<AlertTransition> transitions, CancellationToken cancellationToken)
    {
        if (!chains.TryGetValue(chain, out var view))
        {
            return [.. transitions.Select(_ => Confirmation.Unconfirmed($"the chain {chain} is not followed any more."))];
        }

        var answers = new Confirmation[transitions.Count];
        var asked = new List<Asked>();
        for (var i = 0; i < transitions.Count; i++)
        {
            var transition = transitions[i];
            if (transition.Report is { } report && view.States.Find(report.Account, transition.Block.Hash) is { } judged)
            {
                asked.Add(new Asked(i, transition, judged));
            }
            else
            {
                answers[i] = Confirmation.Unconfirmed("the monitor was restarted since it judged the block.");
            }
        }

        await Task.WhenAll(asked.GroupBy(a => a.Transition.Block.Hash).Select(group => AskAsync(view.Client, [.. group], answers, cancellationToken)));
        return answers;
    }

    private static async Task AskAsync(EvmClient client, IReadOnlyList<Asked> group, Confirmation[] answers, CancellationToken cancellationToken)
    {
        var calls = Calls(group);
        try
        {
            var results = await client.CallAsync(calls, group[0].Transition.Block, cancellationToken);
            foreach (var one in group)
            {
                answers[one.Index] = AtItsBlock(one, results.Results);
            }
        }
        catch (RpcException e) when (e.Kind is RpcFailure.UnknownBlock)
        {
            await AskHeadAsync(client, group, calls, answers, cancellationToken);
        }
        catch (RpcException e)
        {
            Fail(group, answers, e);
        }
    }

    private static async Task AskHeadAsync(
        EvmClient client, IReadOnlyList<Asked> group, IReadOnlyList<Call> calls, Confirmation[] answers, CancellationToken cancellationToken)
    {
        try
        {
            var head = await client.GetHeadAsync(cancellationToken);
            var results = await client.CallAsync(calls, head, cancellationToken);
            foreach (var one in group)
            {
                answers[one.Index] = AtHead(one, results.Results, head);
            }
        }
        catch (RpcException e)
        {
            Fail(group, answers, e);
        }
    }

    private static Confirmation AtItsBlock(Asked one, CallResults results)
    {
        var agreement = one.Judged.Protocol.Compare(one.Judged.State, results);
        return agreement.Kind switch
        {
            AgreementKind.Equal => new Confirmation(ConfirmationState.Confirmed),
            AgreementKind.Different => new Confirmation(
                ConfirmationState.Disputed, agreement.Text, Words(one.Transition.Report!.NativeWords), Words(agreement.Chain)),
            _ => Confirmation.Unconfirmed(agreement.Text),
        };
    }

    private static Confirmation AtHead(Asked one, CallResults results, BlockHeader head)
    {
        var gone = $"the node no longer serves block {one.Transition.Block.Ref}";
        if (one.Transition.Level < AlertLevel.Liquidatable)
        {
            return Confirmation.Unconfirmed($"{gone}.");
        }

        return one.Judged.Protocol.Compare(one.Judged.State, results).ChainSaysLiquidatable switch
        {
            true => new Confirmation(ConfirmationState.Confirmed, $"{gone}; at block {head.Ref} the contract would let anyone liquidate."),
            false => Confirmation.Unconfirmed($"{gone}; at block {head.Ref} the contract would not let anyone liquidate."),
            null => Confirmation.Unconfirmed($"{gone}, and at block {head.Ref} the contract's view can't be read."),
        };
    }

    private static void Fail(IReadOnlyList<Asked> group, Confirmation[] answers, RpcException e)
    {
        foreach (var one in group)
        {
            answers[one.Index] = Confirmation.Unconfirmed(Redaction.ByShape.Error(e.Message));
        }
    }

    private static List<Call> Calls(IReadOnlyList<Asked> group)
    {
        var calls = new List<Call>();
        var seen = new HashSet<Call>();
        foreach (var one in group)
        {
            foreach (var call in one.Judged.Calls)
            {
                if (seen.Add(call))
                {
                    calls.Add(call);
                }
            }
        }

        return calls;
    }

    private static string Words(IReadOnlyList<NativeWord> words) => string.Join(", ", words.Select(w => $"{w.Name} {w.Value}"));

    private sealed record Asked(int Index, AlertTransition Transition, JudgedState Judged);
}
