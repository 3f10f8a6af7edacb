using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

// What the view calls answer and the events carry, shaped as their ABI says: opynfinance/GammaProtocol at 841f81d9. Each list of a vault has one element at most.
internal readonly record struct VaultAnswer(
    IReadOnlyList<Address> ShortOtokens, IReadOnlyList<Address> LongOtokens, IReadOnlyList<Address> CollateralAssets,
    IReadOnlyList<UInt256> ShortAmounts, IReadOnlyList<UInt256> LongAmounts, IReadOnlyList<UInt256> CollateralAmounts);

internal readonly record struct VaultWithDetails(VaultAnswer Vault, UInt256 VaultType, UInt256 LatestUpdate)
{
    /// <summary>What lies in a list that the contract keeps to one element; an address of 0 is an empty place.</summary>
    public static (Address Token, UInt256 Amount) Only(IReadOnlyList<Address> tokens, IReadOnlyList<UInt256> amounts) =>
        tokens.Count == 0 || tokens[0].IsZero ? default : (tokens[0], amounts[0]);

    /// <summary>False for what MarginCalculator._checkIsValidVault refuses by the vault alone, and so no vault can be: longer lists, or a long in a naked vault.</summary>
    public bool IsWellFormed =>
        IsPair(Vault.ShortOtokens, Vault.ShortAmounts) && IsPair(Vault.LongOtokens, Vault.LongAmounts) && IsPair(Vault.CollateralAssets, Vault.CollateralAmounts)
        && (VaultType != UInt256.One || Only(Vault.LongOtokens, Vault.LongAmounts).Token.IsZero);

    private static bool IsPair(IReadOnlyList<Address> tokens, IReadOnlyList<UInt256> amounts) => tokens.Count <= 1 && tokens.Count == amounts.Count;
}

internal readonly record struct LiquidationAnswer(bool IsLiquidatable, UInt256 Price, UInt256 Dust);

internal readonly record struct OtokenDetails(Address CollateralAsset, Address UnderlyingAsset, Address StrikeAsset, UInt256 StrikePrice, UInt256 ExpiryTimestamp, bool IsPut);

/// <param name="Price">8 decimals.</param>
internal readonly record struct PastRound(UInt256 Price, UInt256 Timestamp);

internal readonly record struct ExpiryPrice(UInt256 Price, bool IsFinalized);

internal readonly record struct AddressAdded(Hash32 Id, Address Add);

/// <summary>The controller stands behind a proxy (packages/oz/upgradeability/UpgradeabilityProxy.sol).</summary>
internal readonly record struct Upgraded(Address Implementation);

internal readonly record struct VaultOpened(Address AccountOwner, UInt256 VaultId, UInt256 VaultType);

internal readonly record struct LongOtokenDeposited(Address Otoken, Address AccountOwner, Address From, UInt256 VaultId, UInt256 Amount);

internal readonly record struct LongOtokenWithdrawed(Address Otoken, Address AccountOwner, Address To, UInt256 VaultId, UInt256 Amount);

internal readonly record struct CollateralAssetDeposited(Address Asset, Address AccountOwner, Address From, UInt256 VaultId, UInt256 Amount);

internal readonly record struct CollateralAssetWithdrawed(Address Asset, Address AccountOwner, Address To, UInt256 VaultId, UInt256 Amount);

internal readonly record struct ShortOtokenMinted(Address Otoken, Address AccountOwner, Address To, UInt256 VaultId, UInt256 Amount);

internal readonly record struct ShortOtokenBurned(Address Otoken, Address AccountOwner, Address From, UInt256 VaultId, UInt256 Amount);

internal readonly record struct VaultSettled(Address AccountOwner, Address OTokenAddress, Address To, UInt256 Payout, UInt256 VaultId, UInt256 VaultType);

internal readonly record struct VaultLiquidated(
    Address Liquidator, Address Receiver, Address VaultOwner, UInt256 AuctionPrice, UInt256 AuctionStartingRound, UInt256 CollateralPayout, UInt256 DebtAmount, UInt256 VaultId);

internal readonly record struct SystemPaused(bool IsPaused);

internal readonly record struct CollateralDustUpdated(Address Collateral, UInt256 Dust);

internal readonly record struct MaxPriceAdded(Hash32 ProductHash, UInt256 TimeToExpiry, UInt256 Value);

internal readonly record struct MaxPriceUpdated(Hash32 ProductHash, UInt256 TimeToExpiry, UInt256 OldValue, UInt256 NewValue);

internal readonly record struct SpotShockUpdated(Hash32 Product, UInt256 SpotShock);

internal readonly record struct OracleDeviationUpdated(UInt256 OracleDeviation);

internal readonly record struct PricerUpdated(Address Asset, Address Pricer);
