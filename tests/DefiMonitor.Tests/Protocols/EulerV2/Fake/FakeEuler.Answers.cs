using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.EulerV2;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.EulerV2.Fake;

/// <summary>What each contract answers.</summary>
internal sealed partial class FakeEuler
{
    public CallResult Answer(Call call)
    {
        if (EulerAbi.Symbol.Function.IsCall(call))
        {
            return AbiWords.Text($"T{call.To.ToHex()[^2..]}");
        }

        if (EulerAbi.Decimals.Function.IsCall(call))
        {
            return AbiWords.Answer((uint)DecimalsOf(call.To));
        }

        return Prices.Keys.Any(adapter => FeedBehind(adapter) == call.To) ? FeedAnswers.Feed(call, Header.Timestamp - 9)
            : call.To == Evc ? OfEvc(call)
            : call.To == Router || Prices.ContainsKey(call.To) || call.To == Cross ? OfOracle(call)
            : call.To == Liability.Address ? OfLiability(call) ?? OfVault(Liability, call)
            : Collaterals.FirstOrDefault(vault => vault.Address == call.To) is { } vault ? OfVault(vault, call)
            : call.To == Savings && EulerAbi.ConvertToAssets.Function.IsCall(call)
                ? AbiWords.Answer(UInt256.FromBigEndian(call.Data.Span[4..36]) * SavingsRate / UInt256.Pow10(18))
            : AbiWords.Reverted;
    }

    private static Address FeedBehind(Address adapter) => Address.FromBytes([.. new byte[] { 0x2f }, .. adapter.ToArray()[1..]]);

    private CallResult OfEvc(Call call)
    {
        var account = CallArguments.First(call);
        return EulerAbi.GetCollaterals.Function.IsCall(call) ? AbiWords.List(EnabledBy(account).Select(static vault => (object)vault))
            : EulerAbi.GetControllers.Function.IsCall(call) ? AbiWords.List(controlled.Contains(account) ? [Liability.Address] : [])
            : EulerAbi.LastStatusCheck.Function.IsCall(call) ? AbiWords.Answer(lastCheck.GetValueOrDefault(account))
            : AbiWords.Reverted;
    }

    private CallResult OfOracle(Call call)
    {
        if (EulerAbi.Name.Function.IsCall(call))
        {
            return AbiWords.Text(call.To == Router ? "EulerRouter" : call.To == Cross ? "CrossAdapter" : "ChainlinkOracle");
        }

        if (EulerAbi.GetQuote.Function.IsCall(call))
        {
            var (amount, from, quote) = CallArguments.Quote(call);
            var quoted = call.To == Router ? (quote == Unit ? QuoteThrough(amount, from) : null) : QuoteOf(call.To, amount, from, quote);
            return quoted is { } value ? AbiWords.Answer(value) : AbiWords.Reverted;
        }

        if (call.To == Router)
        {
            return EulerAbi.FallbackOracle.Function.IsCall(call) ? AbiWords.Answer(Address.Zero)
                : EulerAbi.ConfiguredOracle.Function.IsCall(call)
                    ? AbiWords.Answer(CallArguments.Pair(call) is var pair && pair.Quote == Unit ? configured.GetValueOrDefault(pair.Base) : Address.Zero)
                : EulerAbi.ResolvedVault.Function.IsCall(call) ? AbiWords.Answer(ResolvedOf(CallArguments.First(call)))
                : AbiWords.Reverted;
        }

        return call.To != Cross ? FeedAnswers.Adapter(call, "feed()", FeedBehind(call.To))
            : EulerAbi.Base.Function.IsCall(call) ? AbiWords.Answer(Wbtc)
            : EulerAbi.Cross.Function.IsCall(call) ? AbiWords.Answer(Weth)
            : EulerAbi.Quote.Function.IsCall(call) ? AbiWords.Answer(Unit)
            : EulerAbi.OracleBaseCross.Function.IsCall(call) ? AbiWords.Answer(BtcFeed)
            : EulerAbi.OracleCrossQuote.Function.IsCall(call) ? AbiWords.Answer(EthFeed)
            : AbiWords.Reverted;
    }

    private Address ResolvedOf(Address vault) =>
        Collaterals.FirstOrDefault(known => known.Address == vault) is { } evault ? evault.Asset : vault == Savings ? Dai : Address.Zero;

    private CallResult? OfLiability(Call call) =>
        EulerAbi.EvcOf.Function.IsCall(call) ? AbiWords.Answer(Evc)
        : EulerAbi.Oracle.Function.IsCall(call) ? AbiWords.Answer(Router)
        : EulerAbi.UnitOfAccount.Function.IsCall(call) ? AbiWords.Answer(Unit)
        : EulerAbi.LtvList.Function.IsCall(call) ? AbiWords.List(ltvs.Keys.Select(static vault => (object)vault))
        : EulerAbi.LtvFull.Function.IsCall(call) ? LtvWords(ltvs.GetValueOrDefault(CallArguments.First(call)))
        : EulerAbi.MaxLiquidationDiscount.Function.IsCall(call) ? AbiWords.Answer(Discount)
        : EulerAbi.LiquidationCoolOffTime.Function.IsCall(call) ? AbiWords.Answer(CoolOff)
        : EulerAbi.DebtOf.Function.IsCall(call) ? AbiWords.Answer(Owed.ToAssetsUp(OwedBy(CallArguments.First(call))))
        : EulerAbi.DebtOfExact.Function.IsCall(call) ? AbiWords.Answer(OwedBy(CallArguments.First(call)))
        : EulerAbi.AccountLiquidity.Function.IsCall(call)
            ? LiquidityOf(CallArguments.First(call)) is { } liquidity ? AbiWords.Answer(liquidity.Collateral, liquidity.Liability) : AbiWords.Reverted
        : null;

    private CallResult OfVault(FakeVault vault, Call call)
    {
        var totals = Now(vault);
        return EulerAbi.Asset.Function.IsCall(call) ? AbiWords.Answer(vault.Asset)
            : EulerAbi.HookConfig.Function.IsCall(call) ? AbiWords.Answer(vault.Hooks.Target, vault.Hooks.Operations)
            : EulerAbi.Cash.Function.IsCall(call) ? AbiWords.Answer(totals.Cash)
            : EulerAbi.TotalSupply.Function.IsCall(call) ? AbiWords.Answer(totals.TotalShares)
            : EulerAbi.TotalBorrowsExact.Function.IsCall(call) ? AbiWords.Answer(totals.TotalBorrows)
            : EulerAbi.InterestAccumulator.Function.IsCall(call) ? AbiWords.Answer(totals.InterestAccumulator)
            : EulerAbi.InterestRate.Function.IsCall(call) ? AbiWords.Answer(totals.InterestRate)
            : EulerAbi.InterestFee.Function.IsCall(call) ? AbiWords.Answer(totals.InterestFee)
            : EulerAbi.BalanceOf.Function.IsCall(call) ? AbiWords.Answer(vault.SharesOf(CallArguments.First(call)))
            : AbiWords.Reverted;
    }

    private static CallResult LtvWords(in LtvConfig ltv) =>
        AbiWords.Answer(ltv.BorrowLtv, ltv.LiquidationLtv, ltv.InitialLiquidationLtv, ltv.TargetTimestamp, ltv.RampDuration);
}
