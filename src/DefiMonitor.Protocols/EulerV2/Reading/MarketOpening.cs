using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>
/// The calls that open a market: the vault first, then its collaterals, and, round by round, every contract that a price passes on its way to the unit of account.
/// </summary>
internal sealed class MarketOpening(EulerMarket market)
{
    private readonly Address vault = market.Vault;

    public IEnumerable<Call> Next(CallResults soFar)
    {
        var asset = EulerAbi.Asset.Function.Call(vault);
        var oracle = EulerAbi.Oracle.Function.Call(vault);
        var unit = EulerAbi.UnitOfAccount.Function.Call(vault);
        var list = EulerAbi.LtvList.Function.Call(vault);
        var calls = new List<Call>
        {
            asset, oracle, unit, list,
            EulerAbi.EvcOf.Function.Call(vault),
            EulerAbi.MaxLiquidationDiscount.Function.Call(vault),
            EulerAbi.LiquidationCoolOffTime.Function.Call(vault),
            EulerAbi.HookConfig.Function.Call(vault),
        };
        calls.AddRange(TotalsOf(vault));
        if (!soFar.TryGet(asset, out var result) || !EulerAbi.Asset.TryDecode(result, out var assetToken, out _)
            || !soFar.TryGet(oracle, out result) || !EulerAbi.Oracle.TryDecode(result, out var root, out _)
            || !soFar.TryGet(unit, out result) || !EulerAbi.UnitOfAccount.TryDecode(result, out var unitToken, out _)
            || !soFar.TryGet(list, out result) || !EulerAbi.LtvList.TryDecode(result, out var collaterals, out _))
        {
            return calls;
        }

        calls.AddRange(FaceOf(assetToken));
        if (!UnitsOfAccount.IsCurrency(unitToken))
        {
            calls.AddRange(FaceOf(unitToken));
        }

        var facts = new AnswerFacts(soFar, calls);
        RouteWalk.Of(facts, root, assetToken, unitToken);
        foreach (var collateral in collaterals)
        {
            var shares = EulerAbi.Asset.Function.Call(collateral);
            calls.Add(EulerAbi.LtvFull.Function.Call(vault, collateral));
            calls.Add(shares);
            calls.Add(EulerAbi.HookConfig.Function.Call(collateral));
            calls.AddRange(FaceOf(collateral));
            if (soFar.TryGet(shares, out result) && EulerAbi.Asset.TryDecode(result, out var underlying, out _))
            {
                calls.AddRange(FaceOf(underlying));
            }

            RouteWalk.Of(facts, root, collateral, unitToken);
        }

        return calls;
    }

    /// <summary>An EVault's figures with interest up to the block; another contract reverts on the borrows.</summary>
    public static IEnumerable<Call> TotalsOf(Address evault)
    {
        yield return EulerAbi.Cash.Function.Call(evault);
        yield return EulerAbi.TotalSupply.Function.Call(evault);
        yield return EulerAbi.InterestAccumulator.Function.Call(evault);
        yield return EulerAbi.InterestRate.Function.Call(evault);
        yield return EulerAbi.InterestFee.Function.Call(evault);
        yield return EulerAbi.TotalBorrowsExact.Function.Call(evault);
    }

    private static IEnumerable<Call> FaceOf(Address token)
    {
        yield return EulerAbi.Decimals.Function.Call(token);
        yield return EulerAbi.Symbol.Function.Call(token);
    }

    /// <summary>Facts out of the answers so far; whatever is missing becomes a question.</summary>
    private sealed class AnswerFacts(CallResults soFar, List<Call> missing) : IRouteFacts
    {
        public AdapterRow? Adapter(in Address oracle)
        {
            var row = default(AdapterRow);
            foreach (var call in AdapterFacts.Questions(oracle))
            {
                missing.Add(call);
                if (soFar.TryGet(call, out var result))
                {
                    row = AdapterFacts.Take(row, call, result);
                }
            }

            return row.Asked == AdapterFields.All ? row : null;
        }

        public AddressFact? Configured(in Address router, in Address from, in Address quote) =>
            Fact(EulerAbi.ConfiguredOracle, EulerAbi.ConfiguredOracle.Function.Call(router, from, quote));

        public AddressFact? Resolved(in Address router, in Address vault) => Fact(EulerAbi.ResolvedVault, EulerAbi.ResolvedVault.Function.Call(router, vault));

        public bool? IsEVault(in Address vault)
        {
            bool? isEVault = null;
            foreach (var call in TotalsOf(vault))
            {
                missing.Add(call);
                isEVault = soFar.TryGet(call, out var result) ? result.Success : null;
            }

            return isEVault;
        }

        private AddressFact? Fact(Ethereum.Abi.AbiResult<Address> shape, Call call)
        {
            missing.Add(call);
            return !soFar.TryGet(call, out var result) ? null
                : shape.TryDecode(result, out var value, out _) ? new AddressFact(value, true)
                : new AddressFact(Address.Zero, false);
        }
    }
}
