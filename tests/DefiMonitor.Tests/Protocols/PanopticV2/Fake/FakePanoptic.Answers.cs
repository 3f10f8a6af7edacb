using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols.PanopticV2;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.PanopticV2.Fake;

/// <summary>What the contracts answer, and what they revert with.</summary>
internal sealed partial class FakePanoptic
{
    public CallResult Answer(Call call)
    {
        var arguments = new AbiReader(call.Data[4..]);
        if (call.To == Engine)
        {
            return OfEngine(call, arguments);
        }

        if (call.To != Pool)
        {
            return PanopticAbi.Asset.Function.IsCall(call) ? AbiWords.Answer(call.To == Tracker0 ? Weth : Usdc)
                : PanopticAbi.Decimals.Function.IsCall(call) ? AbiWords.Answer(call.To == Tracker0 ? 18 : 6)
                : AbiWords.Text(call.To == Weth ? "WETH" : "USDC");
        }

        if (PanopticAbi.FullPositionsData.Function.IsCall(call))
        {
            return Data(arguments.Address(0), List(arguments, 2));
        }

        if (PanopticAbi.DispatchFrom.IsCall(call))
        {
            return Dispatch(List(arguments, 0), arguments.Address(32), List(arguments, 2), List(arguments, 3));
        }

        return PanopticAbi.RiskEngine.Function.IsCall(call) ? AbiWords.Answer(Engine)
            : PanopticAbi.Collateral0.Function.IsCall(call) ? AbiWords.Answer(Tracker0)
            : PanopticAbi.Collateral1.Function.IsCall(call) ? AbiWords.Answer(Tracker1)
            : PanopticAbi.PoolId.Function.IsCall(call) ? AbiWords.Answer(PoolId)
            : PanopticAbi.OracleTicks.Function.IsCall(call) ? AbiWords.Answer(Word(Tick), Word(Spot), Word(Spot), Word(Latest), 0u)
            : PanopticAbi.Twap.Function.IsCall(call) ? AbiWords.Answer(Word(Twap))
            : PanopticAbi.NumberOfLegs.Function.IsCall(call) ? AbiWords.Answer(users[arguments.Address(0)].Positions.Count)
            : AbiWords.Answer(users[arguments.Address(0)].Assets0, users[arguments.Address(0)].Assets1);
    }

    private CallResult OfEngine(Call call, AbiReader arguments)
    {
        if (PanopticAbi.CrossBuffer0.Function.IsCall(call) || PanopticAbi.CrossBuffer1.Function.IsCall(call))
        {
            return AbiWords.Answer(8_000_000u);
        }

        if (PanopticAbi.IsAccountSolvent.Function.IsCall(call))
        {
            return AbiWords.Answer(IsSolvent(arguments.Address(96), (int)(uint)(ulong)(arguments.UInt256(64) & (UInt256)uint.MaxValue)));
        }

        // The balances in the low halves, a tenth of them required.
        var user = users[arguments.Address(64)];
        return AbiWords.Answer(user.Assets0 | (user.Assets0 / 10u) << 128, user.Assets1 | (user.Assets1 / 10u) << 128, (UInt256)2_500u << 128 | (UInt256)1_500u << 144);
    }

    // A position that is not his reverts PositionNotOwned; the list itself is not held against the hash.
    private CallResult Data(Address owner, List<UInt256> list)
    {
        var user = users[owner];
        if (!list.TrueForAll(user.Positions.ContainsKey))
        {
            return Error("PositionNotOwned()");
        }

        var words = new List<object> { user.Premium, user.Premium * 2u };
        var at = 5 * 32;
        for (var i = 0; i < 3; i++)
        {
            words.Add(at);
            at += 32 * (1 + list.Count);
        }

        for (var i = 0; i < 3; i++)
        {
            words.Add(list.Count);
            words.AddRange(list.Select(id => (object)(i == 0 ? user.Positions[id].Balance : UInt256.Zero)));
        }

        return AbiWords.Answer([.. words]);
    }

    // PanopticPool.dispatchFrom, as far as errors go.
    private CallResult Dispatch(List<UInt256> from, Address owner, List<UInt256> to, List<UInt256> final)
    {
        if (PositionsHash.Of(to) != PositionsHash.Of(users[owner].Positions.Keys))
        {
            return Error("InputListFail()");
        }

        switch (VerdictOf(owner))
        {
            case PoolVerdict.Insolvent when to.Count == final.Count:
                return Error("AccountInsolvent(uint256,uint256)", 0u, TickCount);
            case PoolVerdict.Insolvent when final.Count > 0:
                return Error("InputListFail()");
            case PoolVerdict.Mixed:
                return Error("NotMarginCalled()");
            case PoolVerdict.Solvent when Math.Abs(Tick - Twap) > 513:
                return Error("StaleOracle()");
            case PoolVerdict.Solvent when to.Count == final.Count && SettlingFails is { } why:
                return Error(why, [.. SettlingFailsWith]);
            case PoolVerdict.Solvent when to.Count == final.Count + 1 && !IsExercisable:
                return Error("NoLegsExercisable()");
            case PoolVerdict.Solvent when to.Count > final.Count + 1:
                return Error(final.Count == 0 ? "NotMarginCalled()" : "InputListFail()");
        }

        from.Distinct().Count().ShouldBeLessThan(from.Count, "a call that might succeed");
        return Error("DuplicateTokenId()");
    }

    private static CallResult Error(string signature, params object[] arguments) => new(false, (byte[])[.. AbiSelector.Of(signature).ToArray(), .. AbiWords.Join(arguments)]);

    private static UInt256 Word(int tick) => tick >= 0 ? (UInt256)(ulong)tick : UInt256.MaxValue - (UInt256)(ulong)(-tick) + UInt256.One;

    private static List<UInt256> List(AbiReader arguments, int place)
    {
        var at = (int)arguments.ULong(place * 32);
        return [.. Enumerable.Range(1, (int)arguments.ULong(at)).Select(i => arguments.UInt256(at + (32 * i)))];
    }
}
