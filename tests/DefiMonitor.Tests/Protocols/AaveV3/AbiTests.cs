using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>Topics and selectors, computed from contracts-abi, against what is known of the deployed contracts.</summary>
public sealed class AbiTests
{
    [Theory]
    [InlineData("Borrow", "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0")]
    [InlineData("LiquidationCall", "0xe413a321e8681d831f4dbccbca790d2952b56f977908e45be37335533e005286")]
    [InlineData("ReserveDataUpdated", "0x804c9b842b2748a22bb64b345453a3de7ca54a6ca45ce00d415894979e22897a")]
    [InlineData("ReserveUsedAsCollateralEnabled", "0x00058a56ea94653cdf4f152d227ace22d4c00ad99e2a43f58cb7d9e3feb295f2")]
    [InlineData("ReserveUsedAsCollateralDisabled", "0x44c58d81365b66dd4b1a7f36c25aa97b8c71c361ee4937adc1a00000227db5dd")]
    [InlineData("UserEModeSet", "0xd728da875fc88944cbf17638bcbe4af0eedaef63becd1d1c57cc097eb4608d84")]
    [InlineData("IsolationModeTotalDebtUpdated", "0xaef84d3b40895fd58c561f3998000f0583abb992a52fbdc99ace8e8de4d676a5")]
    [InlineData("SwapBorrowRateMode", "0x7962b394d85a534033ba2efcf43cd36de57b7ebeb3de0ca4428965d9b3ddc481")]
    [InlineData("RebalanceStableBorrowRate", "0x9f439ae0c81e41a04d3fdfe07aed54e6a179fb0db15be7702eb66fa8ef6f5300")]
    [InlineData("Mint", "0x458f5fa412d0f69b08dd84872b0215675cc67bc1d5b6fd93300a1c3878b86196")]
    [InlineData("Burn", "0x4cf25bc1d991c17529c25213d3cc0cda295eeaad5f13f361969b12ea48015f90")]
    [InlineData("BalanceTransfer", "0x4beccb90f994c31aced7a23b5611020728a23d8ec5cddd1a3e9d97b96fda8666")]
    [InlineData("CollateralConfigurationChanged", "0x637febbda9275aea2e85c0ff690444c8d87eb2e8339bbede9715abcc89cb0995")]
    [InlineData("EModeCategoryAdded", "0x0acf8b4a3cace10779798a89a206a0ae73a71b63acdd3be2801d39c2ef7ab3cb")]
    [InlineData("AssetCollateralInEModeChanged", "0x79409190108b26fcb0e4570f8e240f627bf18fd01a55f751010224d5bd486098")]
    [InlineData("AssetLtvzeroInEModeChanged", "0xc0a450fbad635333e47f3322ec028a8e0b3909f79c721312a356a0fab5fa8b94")]
    [InlineData("EModeCategoryIsolationChanged", "0xea07f8a4f488dcc1dc8c27b9c526ac8ba2d04b8024e206616f306c51d9b16826")]
    [InlineData("EModeAssetCategoryChanged", "0x5bb69795b6a2ea222d73a5f8939c23471a1f85a99c7ca43c207f1b71f10c6264")]
    [InlineData("ReserveInitialized", "0x3a0ca721fc364424566385a1aa271ed508cc2c0949c2272575fb3013a163a45f")]
    [InlineData("ReserveDropped", "0xeeec4c06f7adad215cbdb4d2960896c83c26aedce02dde76d36fa28588d62da4")]
    [InlineData("ReservePaused", "0xe188d542a5f11925d3a3af33703cdd30a43cb3e8066a3cf68b1b57f61a5a94b5")]
    [InlineData("ReserveFrozen", "0x0c4443d258a350d27dc50c378b2ebf165e6469725f786d21b30cab16823f5587")]
    [InlineData("ReserveActive", "0xc36c7d11ba01a5869d52aa4a3781939dab851cbc9ee6e7fdcedc7d58898a3f1e")]
    [InlineData("ReserveBorrowing", "0x2443ba28e8d1d88d531a3d90b981816a4f3b3c7f1fd4085c6029e81d1b7a570d")]
    [InlineData("ReserveFactorChanged", "0xb46e2b82b0c2cf3d7d9dece53635e165c53e0eaa7a44f904d61a2b7174826aef")]
    [InlineData("LiquidationProtocolFeeChanged", "0xb5b0a963825337808b6e3154de8e98027595a5cad4219bb3a9bc55b192f4b391")]
    [InlineData("LiquidationGracePeriodChanged", "0xdf4f96448786bcd6fecc9f1fa25f1fbbbee6a5c9e76d635a615ac57bb5983d10")]
    [InlineData("LiquidationGracePeriodDisabled", "0x1df36dc1651d06d990805068d22811a3a9ca4396190787ef59f9102e61868fff")]
    [InlineData("PendingLtvChanged", "0x6a3fa1f355f7c7ab43e41cb277d1f8471f2693c63dca91049d5ec127bb588e10")]
    [InlineData("DebtCeilingChanged", "0x6824a6c7fbc10d2979b1f1ccf2dd4ed0436541679a661dedb5c10bd4be830682")]
    [InlineData("ATokenUpgraded", "0xa76f65411ec66a7fb6bc467432eb14767900449ae4469fa295e4441fe5e1cb73")]
    [InlineData("VariableDebtTokenUpgraded", "0x9439658a562a5c46b1173589df89cf001483d685bad28aedaff4a88656292d81")]
    [InlineData("StableDebtTokenUpgraded", "0x7a943a5b6c214bf7726c069a878b1e2a8e7371981d516048b84e03743e67bc28")]
    [InlineData("PoolUpdated", "0x90affc163f1a2dfedcd36aa02ed992eeeba8100a4014f0b4cdc20ea265a66627")]
    [InlineData("PoolConfiguratorUpdated", "0x8932892569eba59c8382a089d9b732d1f49272878775235761a2a6b0309cd465")]
    [InlineData("PriceOracleUpdated", "0x56b5f80d8cac1479698aa7d01605fd6111e90b15fc4d2b377417f46034876cbd")]
    [InlineData("PriceOracleSentinelUpdated", "0x5326514eeca90494a14bedabcff812a0e683029ee85d1e23824d44fd14cd6ae7")]
    public void The_topic_is_the_deployed_one(string name, string topic) =>
        Contracts.SelectMany(contract => contract.Events).Single(log => log.Name == name).Topic0.ToString().ShouldBe(topic);

    [Fact]
    public void An_upgrade_is_known_by_the_topic_of_EIP_1967() => AaveAbi.Upgraded.Topic0.ToString().ShouldStartWith("0xbc7cd75a");

    [Theory]
    [InlineData("getUserAccountData", "0xbf92857c")]
    [InlineData("getUserConfiguration", "0x4417a583")]
    [InlineData("getUserEMode", "0xeddf1b79")]
    [InlineData("getReserveData", "0x35ea6a75")]
    [InlineData("getReservesList", "0xd1946dbc")]
    [InlineData("getAssetPrice", "0xb3596f07")]
    [InlineData("getAssetsPrices", "0x9d23d9f2")]
    [InlineData("scaledBalanceOf", "0x1da24f3e")]
    [InlineData("getLiquidationGracePeriod", "0x5c9a8b18")]
    [InlineData("getEModeCategoryCollateralConfig", "0xb286f467")]
    [InlineData("getEModeCategoryCollateralBitmap", "0xb0771dba")]
    [InlineData("getEModeCategoryLtvzeroBitmap", "0xfd89dee5")]
    [InlineData("getIsEModeCategoryIsolated", "0x05f68acb")]
    [InlineData("getEModeCategoryData", "0x6c6f6ae1")]
    [InlineData("POOL_REVISION", "0x0148170e")]
    [InlineData("balanceOf", "0x70a08231")]
    [InlineData("symbol", "0x95d89b41")]
    public void The_selector_is_the_deployed_one(string name, string selector) =>
        Convert.ToHexStringLower(Contracts.SelectMany(contract => contract.Functions).Single(function => function.Name == name).Selector.Span).ShouldBe(selector[2..]);

    [Fact]
    public void Every_event_of_the_configurator_is_folded_in_one_way_or_another()
    {
        var folded = AaveAbi.OneReserve.Concat(AaveAbi.Reopening).Concat(
            [AaveAbi.EModeCategoryAdded.Definition, AaveAbi.EModeCollateral.Definition, AaveAbi.EModeLtvzero.Definition, AaveAbi.EModeIsolation.Definition, AaveAbi.RateData.Definition]);
        AaveAbi.Configurator.Events.Except(folded).ShouldBeEmpty();
    }

    private static IReadOnlyList<ContractAbi> Contracts =>
        [AaveAbi.Pool, AaveAbi.Configurator, AaveAbi.Provider, AaveAbi.Oracle, AaveAbi.Sentinel, AaveAbi.Token, AaveAbi.Proxy];
}
