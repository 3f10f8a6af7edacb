using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>
/// Our words against the contract's: its principal, totals and balances, its balanceOf and borrowBalanceOf with interest, and its isLiquidatable and
/// isBorrowCollateralized, which take the index as stored. Whether an absorb would go through, interest first, follows from its own figures.
/// </summary>
internal sealed class Agreements(CometMarket market)
{
    private readonly Address comet = market.Deployment.Comet;

    public Agreement Compare(CompoundV3State state, CallResults results)
    {
        // Out of the state alone: the tables may stand at a later block by now.
        var parameters = state.Parameters;
        if (parameters.BasePriceFeed.IsZero)
        {
            return WordAgreement.Unreadable(state.Unknown ?? "The market has not been read.");
        }

        var user = market.UserOf(state.Account);
        var read = new Answers(results);
        var basic = read.Of(CometAbi.UserBasic, CometAbi.UserBasic.Function.Call(comet, user));
        var totals = read.Of(CometAbi.TotalsBasic, CometAbi.TotalsBasic.Function.Call(comet)).Totals;
        var balance = read.Of(CometAbi.BalanceOf, CometAbi.BalanceOf.Function.Call(comet, user));
        var debt = read.Of(CometAbi.BorrowBalanceOf, CometAbi.BorrowBalanceOf.Function.Call(comet, user));
        var liquidatable = read.Of(CometAbi.IsLiquidatable, CometAbi.IsLiquidatable.Function.Call(comet, user));
        var collateralized = read.Of(CometAbi.IsBorrowCollateralized, CometAbi.IsBorrowCollateralized.Function.Call(comet, user));
        var basePrice = read.Of(CometAbi.LatestRoundData, CometAbi.LatestRoundData.Function.Call(parameters.BasePriceFeed)).Answer;
        var held = new List<HeldAsset>();
        foreach (var collateral in state.Collaterals)
        {
            var amount = read.Of(CometAbi.UserCollateral, CometAbi.UserCollateral.Function.Call(comet, user, collateral.Asset)).Balance;
            var price = read.Of(CometAbi.LatestRoundData, CometAbi.LatestRoundData.Function.Call(collateral.PriceFeed)).Answer;
            held.Add(new HeldAsset(collateral.Held.Terms, amount, (UInt128)Int128.Max(0, price)));
        }

        if (read.Missing is { } missing)
        {
            return WordAgreement.Unreadable(missing);
        }

        if (!state.IsCertain && basic.Principal != state.Principal)
        {
            return WordAgreement.Unreadable("The principal has moved since it was read in its turn.");
        }

        try
        {
            var accrued = totals.Accrue(parameters.Rates, state.Block.Timestamp);
            var health = Health.Of((UInt128)debt, (UInt128)Int128.Max(0, basePrice), parameters.BaseScale, held.ToArray());
            return WordAgreement.Of(
                state.Unknown,
                () => ReportBuilder.WordsOf(state, ReportBuilder.AccountOf(state, state.Block.Timestamp, Shock.None)),
                ReportBuilder.Words(basic.Principal, basic.Held, accrued, balance, debt, health, liquidatable, collateralized),
                state.Unknown is null ? health.IsLiquidatable : null);
        }
        catch (ArithmeticException overflow)
        {
            return WordAgreement.Unreadable($"The contract reverts on this account: {overflow.Message}");
        }
    }

    /// <summary>Reads one answer after the other and remembers what the first that was missing was.</summary>
    private sealed class Answers(CallResults results)
    {
        public string? Missing { get; private set; }

        public T Of<T>(Ethereum.Abi.AbiResult<T> shape, Call call)
            where T : struct
        {
            string? error = "The contract's own view was not read.";
            if (results.TryGet(call, out var result) && shape.TryDecode(result, out var value, out error))
            {
                return value;
            }

            Missing ??= error;
            return default;
        }
    }
}
