using System.Text.Json;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Vectors;

/// <summary>The Aave files: outputs of the real contract code, so every expected field is compared.</summary>
internal static class AaveVectors
{
    public static void AccountData(JsonElement json, VectorCase vector)
    {
        var version = Version(json);
        var at = json.U64("timestamp");
        var user = new UserConfiguration(json.U256("userConfig"));
        var category = (byte)json.U64("userEMode");
        var (emode, priceSource) = ReadEMode(json, category);
        var legs = new List<AccountLeg>();
        foreach (var reserve in json.GetProperty("reserves").EnumerateArray())
        {
            var id = (int)reserve.U256("id");
            var configuration = new ReserveConfiguration(reserve.U256("configuration"));
            var indexes = ReadIndexes(reserve);
            var income = indexes.NormalizedIncome(at);
            var debtIndex = indexes.NormalizedDebt(version, at);
            vector.Expect($"reserve {id} normalizedIncome", income, reserve.U256("expectedNormalizedIncome"));
            vector.Expect($"reserve {id} normalizedVariableDebt", debtIndex, reserve.U256("expectedNormalizedVariableDebt"));
            if (!reserve.Flag("droppedFromList") && user.Uses(id))
            {
                var terms = LegTerms.Of(version, id, configuration, user, category, emode);
                var price = version <= AaveVersion.V31 && terms.InEMode && !priceSource.IsZero ? priceSource : reserve.U256("price");
                legs.Add(new AccountLeg(
                    id,
                    Address.Zero,
                    Balances.OfSupply(version, reserve.U256("scaledATokenBalance"), income),
                    Balances.OfDebt(version, reserve.U256("scaledVariableDebt"), debtIndex),
                    price,
                    configuration.Unit,
                    terms));
            }
        }

        var data = DefiMonitor.Protocols.AaveV3.AccountData.Of(version, legs.ToArray());
        var expected = json.GetProperty("expected");
        vector.Expect("totalCollateralBase", data.TotalCollateralBase, expected.U256("totalCollateralBase"));
        vector.Expect("totalDebtBase", data.TotalDebtBase, expected.U256("totalDebtBase"));
        vector.Expect("availableBorrowsBase", data.AvailableBorrowsBase, expected.U256("availableBorrowsBase"));
        vector.Expect("currentLiquidationThreshold", data.CurrentLiquidationThreshold, expected.U256("currentLiquidationThreshold"));
        vector.Expect("ltv", data.Ltv, expected.U256("ltv"));
        vector.Expect("healthFactor", data.HealthFactor, expected.U256("healthFactor"));
        vector.Expect("hasZeroLtvCollateral", data.HasZeroLtvCollateral, expected.Flag("hasZeroLtvCollateral"));
    }

    public static void Compounded(JsonElement json, VectorCase vector)
    {
        var version = json.Text("formula").StartsWith("v3.4", StringComparison.Ordinal) ? AaveVersion.V34 : AaveVersion.V30;
        vector.Expect("compounded", ReserveIndexes.Compounded(version, json.U256("rate"), json.U64("dt")), json.U256("expected"));
    }

    public static void Linear(JsonElement json, VectorCase vector) =>
        vector.Expect("linear", ReserveIndexes.Linear(json.U256("rate"), json.U64("dt")), json.U256("expected"));

    public static void LiquidationAmounts(JsonElement json, VectorCase vector)
    {
        var pair = new LiquidationPair(
            json.U256("borrowerCollateralBalance"),
            json.U256("collateralPrice"),
            json.U256("collateralUnit"),
            json.U256("debtToCover"),
            json.U256("debtPrice"),
            json.U256("debtUnit"),
            (uint)json.U256("liquidationBonusBps"),
            (uint)json.U256("liquidationProtocolFeeBps"));
        var amounts = LiquidationLogic.Amounts(Version(json), pair, json.U256("debtToCover"));
        var expected = json.GetProperty("expected");
        vector.Expect("collateralToLiquidator", amounts.ToLiquidator, expected.U256("collateralToLiquidator"));
        vector.Expect("debtRepaid", amounts.DebtRepaid, expected.U256("debtRepaid"));
        vector.Expect("protocolFeeCollateral", amounts.Fee, expected.U256("protocolFeeCollateral"));
    }

    public static void TokenEventRun(JsonElement json, VectorCase vector)
    {
        var version = Version(json);
        var side = json.Text("token") == "aToken" ? TokenSide.Supply : TokenSide.Debt;
        var scaled = new Dictionary<Address, UInt256>();
        var number = 0;
        foreach (var step in json.GetProperty("steps").EnumerateArray())
        {
            foreach (var log in step.GetProperty("events").EnumerateArray())
            {
                Apply(version, side, log, scaled);
            }

            foreach (var after in step.GetProperty("scaledBalancesAfter").EnumerateObject())
            {
                vector.Expect($"step {number} {after.Name}", scaled.GetValueOrDefault(Address.Parse(after.Name)), after.Value.ToU256());
            }

            number++;
        }
    }

    public static void CapoRatioPrice(JsonElement json, VectorCase vector)
    {
        var capo = new CapoRatio(
            json.U256("snapshotRatio"), json.U64("snapshotTimestamp"), (uint)json.U256("maxYearlyRatioGrowthPercentBps"), (int)json.U256("ratioDecimals"));
        var at = json.U64("timestamp");
        var ratio = json.Signed("ratio");
        var expected = json.GetProperty("expected");
        vector.Expect("price", capo.Price(json.Signed("basePrice"), ratio, at), expected.Signed("price"));
        vector.Expect("isCapped", capo.IsCapped(ratio, at), expected.Flag("isCapped"));
        vector.Expect("maxRatioGrowthPerSecondScaled", capo.GrowthPerSecondScaled, expected.U256("maxRatioGrowthPerSecondScaled"));
    }

    private static AaveVersion Version(JsonElement json) =>
        AaveVersions.OfName(json.Text("version")) ?? throw new FormatException($"'{json.Text("version")}' is no Aave version.");

    private static (EModeCategory Category, UInt256 PriceSource) ReadEMode(JsonElement json, byte category)
    {
        foreach (var emode in json.GetProperty("eModes").EnumerateArray())
        {
            if (emode.U256("id") == category)
            {
                var read = new EModeCategory(
                    (ushort)emode.U64("ltv"),
                    (ushort)emode.U64("liquidationThreshold"),
                    (ushort)emode.U64("liquidationBonus"),
                    (UInt128)emode.U256("collateralBitmap"),
                    (UInt128)emode.U256("ltvzeroBitmap"),
                    emode.Flag("isolated") ? (byte)1 : (byte)0);
                return (read, emode.U256("priceSourcePrice"));
            }
        }

        return default;
    }

    private static ReserveIndexes ReadIndexes(JsonElement reserve) => new(
        (UInt128)reserve.U256("liquidityIndex"),
        (UInt128)reserve.U256("currentLiquidityRate"),
        (UInt128)reserve.U256("variableBorrowIndex"),
        (UInt128)reserve.U256("currentVariableBorrowRate"),
        reserve.U64("lastUpdateTimestamp"));

    private static void Apply(AaveVersion version, TokenSide side, JsonElement log, Dictionary<Address, UInt256> scaled)
    {
        var value = log.U256("value");
        var index = log.U256("index");
        switch (log.Text("event"))
        {
            case "Mint":
                var receiver = Address.Parse(log.Text("onBehalfOf"));
                scaled[receiver] = TokenEvents.AfterMint(version, side, scaled.GetValueOrDefault(receiver), value, log.U256("balanceIncrease"), index);
                break;
            case "Burn":
                var holder = Address.Parse(log.Text("from"));
                scaled[holder] = TokenEvents.AfterBurn(version, side, scaled.GetValueOrDefault(holder), value, log.U256("balanceIncrease"), index);
                break;
            case "BalanceTransfer":
                var (from, to) = (Address.Parse(log.Text("from")), Address.Parse(log.Text("to")));
                scaled[from] = scaled.GetValueOrDefault(from) - value;
                scaled[to] = scaled.GetValueOrDefault(to) + value;
                break;
            default:
                throw new FormatException($"'{log.Text("event")}' is no token event.");
        }
    }
}
