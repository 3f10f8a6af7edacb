using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV4;

namespace DefiMonitor.Tests.Vectors;

/// <summary>Aave V4's Spoke and hub against what its contracts returned.</summary>
internal static class AaveV4Vectors
{
    /// <summary>getUserAccountData of one account at one instant.</summary>
    public static void Account(JsonElement json, VectorCase vector)
    {
        var data = new AccountAt(StateOf(json), json.U64("at")).Data;
        var words = json.GetProperty("expected").EnumerateArray().Select(VectorJson.ToU256).ToList();
        vector.Expect("words", (UInt256)(uint)words.Count, (uint)AccountData.WordCount);
        for (var i = 0; i < words.Count; i++)
        {
            vector.Expect(AccountData.WordNames[i], data.Word(i), words[i]);
        }
    }

    /// <summary>What one liquidationCall took, as its event tells it, from the state before it.</summary>
    public static void Liquidation(JsonElement json, VectorCase vector)
    {
        var config = json.GetProperty("liquidation");
        var state = StateOf(json) with
        {
            Liquidation = new LiquidationConfig((UInt128)config.U256("target"), config.U64("forMaxBonus"), (ushort)config.GetProperty("bonusFactor").GetInt32()),
        };
        var account = new AccountAt(state, json.U64("at"));
        var collateral = json.GetProperty("collateral").GetInt32();
        var expected = json.GetProperty("expected");
        if (Liquidations.Of(PairQuote.PairOf(account, collateral, json.GetProperty("debt").GetInt32()), json.U256("debtToCover")) is not { } amounts)
        {
            vector.Fail("ours would revert");
            return;
        }

        vector.Expect("sharesTaken", amounts.SharesTaken, expected.U256("sharesTaken"));
        vector.Expect("sharesToLiquidator", amounts.SharesToLiquidator, expected.U256("sharesToLiquidator"));
        vector.Expect("drawnShares", amounts.DrawnShares, expected.U256("drawnShares"));
        vector.Expect("premiumRay", amounts.PremiumRay, expected.U256("premiumRay"));
        vector.Expect("debtRepaid", amounts.DebtRepaid, expected.U256("debtRepaid"));
        vector.Expect("collateralRemoved", account.Legs[collateral].Supply.ToAssets(amounts.SharesTaken, Rounding.Down), expected.U256("collateralRemoved"));
    }

    private static AaveV4State StateOf(JsonElement json) => new(new MarginAccountId(new DeploymentId("aave-v4", new ChainId(1), "vector"), "account"), default!)
    {
        Reserves = [.. json.GetProperty("reserves").EnumerateArray().Select(ReserveOf)],
    };

    private static AaveV4ReserveState ReserveOf(JsonElement json)
    {
        var position = json.GetProperty("position");
        var terms = json.GetProperty("terms");
        return new AaveV4ReserveState
        {
            Id = (ushort)json.GetProperty("id").GetInt32(),
            Asset = Address.Zero,
            Symbol = "",
            Decimals = (byte)json.GetProperty("decimals").GetInt32(),
            CollateralRisk = (uint)json.GetProperty("risk").GetInt32(),
            Flags = ReserveFlags.None,
            IsActive = true,
            IsHalted = false,
            PriceSource = Address.Zero,
            Price = json.U256("price"),
            HubAsset = AssetOf(json.GetProperty("asset")),
            Position = new PositionRow(
                (UInt128)position.U256("drawnShares"),
                (UInt128)position.U256("premiumShares"),
                SignedRay.From(position.Signed("premiumOffsetRay")),
                (UInt128)position.U256("suppliedShares"),
                0,
                position.Flag("isCollateral")),
            Terms = new DynamicConfig(
                (ushort)terms.GetProperty("collateralFactor").GetInt32(),
                (uint)terms.GetProperty("maxLiquidationBonus").GetInt32(),
                (ushort)terms.GetProperty("liquidationFee").GetInt32()),
        };
    }

    private static HubAsset AssetOf(JsonElement json) => new(
        (UInt128)json.U256("liquidity"),
        (UInt128)json.U256("swept"),
        (UInt128)json.U256("realizedFees"),
        (UInt128)json.U256("addedShares"),
        (UInt128)json.U256("drawnShares"),
        (UInt128)json.U256("premiumShares"),
        SignedRay.From(json.Signed("premiumOffsetRay")),
        json.U256("deficitRay"),
        (UInt128)json.U256("drawnIndex"),
        (UInt128)json.U256("drawnRate"),
        json.U64("lastUpdate"),
        (ushort)json.GetProperty("liquidityFee").GetInt32());
}
