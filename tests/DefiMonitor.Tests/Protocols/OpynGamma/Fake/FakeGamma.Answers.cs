using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.OpynGamma;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;

namespace DefiMonitor.Tests.Protocols.OpynGamma.Fake;

/// <summary>What the contracts answer.</summary>
internal sealed partial class FakeGamma
{
    public CallResult Answer(Call call)
    {
        var arguments = new AbiReader(call.Data[4..]);
        return retired.Contains(call.To) ? OfRetired(call)
            : call.To == Book ? AbiWords.Answer(Controller)
            : call.To == Controller ? OfController(call, arguments)
            : call.To == Calculator ? OfCalculator(call, arguments)
            : call.To == Oracle ? OfOracle(call, arguments)
            : call.To == Pricer || call.To == StakedPricer ? AbiWords.Answer(Feed)
            : call.To == Feed ? OfFeed(call)
            : GammaAbi.Symbol.Function.IsCall(call) ? AbiWords.Text(SymbolOf(call.To))
            : GammaAbi.Decimals.Function.IsCall(call) ? AbiWords.Answer(DecimalsOf(call.To))
            : OfOtoken(call);
    }

    private CallResult OfController(Call call, AbiReader arguments)
    {
        if (GammaAbi.CalculatorOf.Function.IsCall(call))
        {
            return AbiWords.Answer(Calculator);
        }

        if (GammaAbi.PartiallyPaused.Function.IsCall(call) || GammaAbi.FullyPaused.Function.IsCall(call))
        {
            return AbiWords.Answer(IsPaused && GammaAbi.PartiallyPaused.Function.IsCall(call));
        }

        var owner = arguments.Address(0);
        if (GammaAbi.VaultCounter.Function.IsCall(call))
        {
            return AbiWords.Answer(counters.GetValueOrDefault(owner));
        }

        var id = arguments.ULong(32);
        var vault = vaults.TryGetValue(new VaultKey(owner, id), out var known) ? known : new FakeVault { Type = 0 };
        if (GammaAbi.Vault.Function.IsCall(call))
        {
            return VaultAnswer(vault);
        }

        var state = StateOf(id, vault);
        if (GammaAbi.GetProceed.Function.IsCall(call))
        {
            return VaultMargin.Proceed(state, Header.Timestamp) is { } proceed ? AbiWords.Answer(proceed) : AbiWords.Reverted;
        }

        GammaAbi.IsLiquidatable.Function.IsCall(call).ShouldBeTrue($"the fake controller knows no {call}");
        var round = Rounds.Single(one => one.RoundId == (UInt128)arguments.UInt256(64));
        if (!state.IsLiveNaked(Header.Timestamp) || round.UpdatedAt <= vault.LatestUpdate)
        {
            return AbiWords.Reverted;
        }

        return VaultMargin.IsShort(state, round.Price, Header.Timestamp)
            ? AbiWords.Answer(true, AuctionPrice(state, round), DustOf(state.Short!.Collateral.Address))
            : AbiWords.Answer(false, 0u, 0u);
    }

    private UInt256 AuctionPrice(VaultState state, RoundState round) => MarginCalculator.DebtPrice(
        state.Short!.IsPut, VaultMargin.Held(state), Fpi.FromScaledUint(state.ShortAmount, 8), Fpi.FromScaledUint(state.Short.StrikePrice, 8), Fpi.FromScaledUint(round.Price, 8),
        Deviation, Header.Timestamp - round.UpdatedAt, state.Collateral?.Decimals ?? 0);

    private CallResult OfCalculator(Call call, AbiReader arguments)
    {
        if (GammaAbi.OracleOf.Function.IsCall(call))
        {
            return AbiWords.Answer(Oracle);
        }

        if (GammaAbi.OracleDeviation.Function.IsCall(call))
        {
            return AbiWords.Answer(Deviation);
        }

        if (GammaAbi.CollateralDust.Function.IsCall(call))
        {
            return AbiWords.Answer(DustOf(arguments.Address(0)));
        }

        if (GammaAbi.SpotShock.Function.IsCall(call))
        {
            return AbiWords.Answer(SpotShock);
        }

        if (GammaAbi.TimesToExpiry.Function.IsCall(call))
        {
            return AbiWords.List(Steps.Keys.Select(static time => (object)time));
        }

        if (GammaAbi.MaxPrice.Function.IsCall(call))
        {
            return AbiWords.Answer(Steps.TryGetValue(arguments.ULong(128), out var value) ? value : UInt256.Zero);
        }

        GammaAbi.NakedMarginRequired.Function.IsCall(call).ShouldBeTrue($"the fake calculator knows no {call}");
        if (arguments.ULong(192) < Header.Timestamp)
        {
            return AbiWords.Reverted;
        }

        var (amount, strike, price) = (arguments.UInt256(96), arguments.UInt256(128), arguments.UInt256(160));
        var bounds = Steps.Select(static step => new UpperBound(step.Key, step.Value)).ToList();
        var required = MarginCalculator.NakedRequired(
            arguments.Bool(256), MarginCalculator.UpperBoundValue(bounds, arguments.ULong(192), Header.Timestamp), Fpi.FromScaledUint(SpotShock, 27),
            Fpi.FromScaledUint(amount, 8), Fpi.FromScaledUint(strike, 8), Fpi.FromScaledUint(price, 8));
        return AbiWords.Answer(Fpi.ToScaledUint(required, (int)arguments.ULong(224), roundDown: false));
    }

    private CallResult OfOracle(Call call, AbiReader arguments)
    {
        if (GammaAbi.GetPrice.Function.IsCall(call))
        {
            return AbiWords.Answer(PriceOf(arguments.Address(0)));
        }

        if (GammaAbi.GetPricer.Function.IsCall(call))
        {
            return AbiWords.Answer(arguments.Address(0) == Staked ? StakedPricer : Pricer);
        }

        if (GammaAbi.GetRound.Function.IsCall(call))
        {
            var past = Rounds.Find(one => one.RoundId == (UInt128)arguments.UInt256(32));
            return past.UpdatedAt == 0 ? AbiWords.Reverted : AbiWords.Answer(past.Price, past.UpdatedAt);
        }

        var price = SettledAt(arguments.Address(0), arguments.ULong(32));
        return AbiWords.Answer(price.Price, price.IsFinal);
    }

    private CallResult OfFeed(Call call) => GammaAbi.Decimals.Function.IsCall(call)
        ? AbiWords.Answer(FeedDecimals)
        : AbiWords.Answer(Rounds[^1].RoundId, AnswerOf(Rounds[^1]), Rounds[^1].UpdatedAt, Rounds[^1].UpdatedAt, Rounds[^1].RoundId);

    // As the feed has it: ChainlinkPricer._scaleToBase makes the price of it.
    private UInt256 AnswerOf(RoundState round) => FeedDecimals > 8 ? round.Price * UInt256.Pow10(FeedDecimals - 8) : round.Price / UInt256.Pow10(8 - FeedDecimals);

    // A former calculator, or its oracle.
    private static CallResult OfRetired(Call call) =>
        GammaAbi.TimesToExpiry.Function.IsCall(call) ? AbiWords.List([(object)7UL]) : AbiWords.Answer(UInt256.One, UInt256.One);

    private CallResult OfOtoken(Call call)
    {
        var of = series.Single(one => one.Otoken == call.To);
        if (GammaAbi.GetOtokenDetails.Function.IsCall(call))
        {
            return IsFirstVersion ? AbiWords.Reverted : AbiWords.Answer(of.Collateral, of.Underlying, Usdc, of.StrikePrice, of.Expiry, of.IsPut);
        }

        object? term = GammaAbi.CollateralAsset.Function.IsCall(call) ? of.Collateral
            : GammaAbi.UnderlyingAsset.Function.IsCall(call) ? of.Underlying
            : GammaAbi.StrikeAsset.Function.IsCall(call) ? Usdc
            : GammaAbi.StrikePrice.Function.IsCall(call) ? of.StrikePrice
            : GammaAbi.ExpiryTimestamp.Function.IsCall(call) ? of.Expiry
            : GammaAbi.IsPut.Function.IsCall(call) ? of.IsPut : null;
        return AbiWords.Answer(term.ShouldNotBeNull($"the fake market knows no {call}"));
    }

    // A place that was emptied stays in its list with the address 0.
    private static CallResult VaultAnswer(FakeVault vault)
    {
        var words = new List<object> { 96u, vault.Type, vault.LatestUpdate };
        var lists = new List<object[]>
        {
            Places(vault.Short?.Otoken, vault), Places(vault.Long?.Otoken, vault), Places(vault.Collateral, vault),
            Amounts(vault.Short is not null, vault.ShortAmount, vault), Amounts(vault.Long is not null, vault.LongAmount, vault), Amounts(vault.Collateral is not null, vault.CollateralAmount, vault),
        };
        var offset = 6 * 32;
        foreach (var list in lists)
        {
            words.Add(offset);
            offset += 32 * (1 + list.Length);
        }

        foreach (var list in lists)
        {
            words.Add(list.Length);
            words.AddRange(list);
        }

        return AbiWords.Answer([.. words]);
    }

    private static object[] Places(Address? token, FakeVault vault) => token is { } known ? [known] : vault.IsEmpty ? [] : [default(Address)];

    private static object[] Amounts(bool isThere, UInt256 amount, FakeVault vault) => isThere ? [amount] : vault.IsEmpty ? [] : [UInt256.Zero];
}
