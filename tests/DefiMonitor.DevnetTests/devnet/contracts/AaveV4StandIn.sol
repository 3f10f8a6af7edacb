// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// A small stand-in of our own for Aave V4, whose contracts are on no registry: the views and events of a hub and a Spoke, with interest, premium, keys, liquidation and
// deficit. No tokens move and anyone may govern. A liquidation has the largest bonus and no rule about dust. Asset amounts in the asset's decimals, ray = 10^27.

struct PremiumDelta {
    int256 sharesDelta;
    int256 offsetRayDelta;
    uint256 restoredPremiumRay;
}

library Rounded {
    uint256 internal constant RAY = 1e27;

    function up(uint256 a, uint256 b) internal pure returns (uint256) {
        return a == 0 ? 0 : (a - 1) / b + 1;
    }

    function premiumRay(uint256 shares, int256 offset, uint256 index) internal pure returns (uint256) {
        int256 owed = int256(shares * index) - offset;
        require(owed >= 0, "premium below zero");
        return uint256(owed);
    }
}

contract StandInToken {
    string public symbol;

    constructor(string memory _symbol) {
        symbol = _symbol;
    }
}

contract StandInHub {
    using Rounded for uint256;

    struct Asset {
        uint120 liquidity;
        uint120 realizedFees;
        uint8 decimals;
        uint120 addedShares;
        uint120 swept;
        int200 premiumOffsetRay;
        uint120 drawnShares;
        uint120 premiumShares;
        uint16 liquidityFee;
        uint120 drawnIndex;
        uint96 drawnRate;
        uint40 lastUpdateTimestamp;
        address underlying;
        address irStrategy;
        address reinvestmentController;
        address feeReceiver;
        uint200 deficitRay;
    }

    struct AssetConfig {
        address feeReceiver;
        uint16 liquidityFee;
        address irStrategy;
        address reinvestmentController;
    }

    struct SpokeConfig {
        uint40 addCap;
        uint40 drawCap;
        uint24 riskPremiumThreshold;
        bool active;
        bool halted;
    }

    event Add(uint256 indexed assetId, address indexed spoke, uint256 shares, uint256 amount);
    event Remove(uint256 indexed assetId, address indexed spoke, uint256 shares, uint256 amount);
    event Draw(uint256 indexed assetId, address indexed spoke, uint256 drawnShares, uint256 drawnAmount);
    event Restore(uint256 indexed assetId, address indexed spoke, uint256 drawnShares, PremiumDelta premiumDelta, uint256 drawnAmount, uint256 premiumAmount);
    event RefreshPremium(uint256 indexed assetId, address indexed spoke, PremiumDelta premiumDelta);
    event ReportDeficit(uint256 indexed assetId, address indexed spoke, uint256 drawnShares, PremiumDelta premiumDelta, uint256 deficitAmountRay);
    event MintFeeShares(uint256 indexed assetId, address indexed feeReceiver, uint256 shares, uint256 assets);
    event UpdateAsset(uint256 indexed assetId, uint256 drawnIndex, uint256 drawnRate, uint256 accruedFees);
    event UpdateAssetConfig(uint256 indexed assetId, AssetConfig config);
    event UpdateSpokeConfig(uint256 indexed assetId, address indexed spoke, SpokeConfig config);

    uint64 public constant HUB_REVISION = 1;
    uint256 private constant VIRTUAL = 1e6;
    uint256 private constant YEAR = 365 days;

    Asset[] private assets;
    mapping(uint256 => mapping(address => uint256)) public getSpokeDrawnShares;
    mapping(uint256 => mapping(address => SpokeConfig)) private configs;

    function addAsset(address underlying, uint8 decimals, uint16 fee) external {
        Asset storage a = assets.push();
        a.underlying = underlying;
        a.decimals = decimals;
        a.liquidityFee = fee;
        a.drawnIndex = uint120(Rounded.RAY);
        a.lastUpdateTimestamp = uint40(block.timestamp);
    }

    function getAsset(uint256 id) external view returns (Asset memory) {
        return assets[id];
    }

    function getSpokeConfig(uint256 id, address spoke) external view returns (SpokeConfig memory) {
        return configs[id][spoke];
    }

    function setSpokeConfig(uint256 id, address spoke, bool active, bool halted) external {
        configs[id][spoke] = SpokeConfig(0, 0, 0, active, halted);
        emit UpdateSpokeConfig(id, spoke, configs[id][spoke]);
    }

    function setFee(uint256 id, uint16 fee) external {
        accrue(id);
        assets[id].liquidityFee = fee;
        updated(id);
        emit UpdateAssetConfig(id, AssetConfig(address(0), fee, address(0), address(0)));
    }

    function mintFeeShares(uint256 id) external {
        accrue(id);
        Asset storage a = assets[id];
        uint256 fees = a.realizedFees;
        uint256 shares = fees * (a.addedShares + VIRTUAL) / (totalAdded(id) + VIRTUAL);
        if (shares > 0) {
            a.addedShares += uint120(shares);
            a.realizedFees = 0;
            emit MintFeeShares(id, address(this), shares, fees);
        }
        updated(id);
    }

    function index(uint256 id) public view returns (uint256) {
        Asset storage a = assets[id];
        if (a.lastUpdateTimestamp == block.timestamp || (a.drawnShares == 0 && a.premiumShares == 0)) return a.drawnIndex;
        uint256 growth = Rounded.RAY + uint256(a.drawnRate) * (block.timestamp - a.lastUpdateTimestamp) / YEAR;
        return (uint256(a.drawnIndex) * growth).up(Rounded.RAY);
    }

    function previewRemoveByShares(uint256 id, uint256 shares) public view returns (uint256) {
        return shares * (totalAdded(id) + VIRTUAL) / (assets[id].addedShares + VIRTUAL);
    }

    function previewAddByAssets(uint256 id, uint256 amount) public view returns (uint256) {
        return amount * (assets[id].addedShares + VIRTUAL) / (totalAdded(id) + VIRTUAL);
    }

    function add(uint256 id, uint256 amount) external returns (uint256 shares) {
        accrue(id);
        shares = previewAddByAssets(id, amount);
        require(shares > 0, "no shares");
        assets[id].addedShares += uint120(shares);
        assets[id].liquidity += uint120(amount);
        updated(id);
        emit Add(id, msg.sender, shares, amount);
    }

    function remove(uint256 id, uint256 amount) external returns (uint256 shares) {
        accrue(id);
        shares = (amount * (assets[id].addedShares + VIRTUAL)).up(totalAdded(id) + VIRTUAL);
        assets[id].addedShares -= uint120(shares);
        assets[id].liquidity -= uint120(amount);
        updated(id);
        emit Remove(id, msg.sender, shares, amount);
    }

    function draw(uint256 id, uint256 amount) external returns (uint256 shares) {
        accrue(id);
        shares = (amount * Rounded.RAY).up(assets[id].drawnIndex);
        assets[id].drawnShares += uint120(shares);
        assets[id].liquidity -= uint120(amount);
        getSpokeDrawnShares[id][msg.sender] += shares;
        updated(id);
        emit Draw(id, msg.sender, shares, amount);
    }

    function restore(uint256 id, uint256 shares, PremiumDelta calldata delta) external returns (uint256 paid) {
        accrue(id);
        uint256 drawn = (shares * assets[id].drawnIndex).up(Rounded.RAY);
        uint256 premium = delta.restoredPremiumRay.up(Rounded.RAY);
        assets[id].drawnShares -= uint120(shares);
        assets[id].liquidity += uint120(drawn + premium);
        getSpokeDrawnShares[id][msg.sender] -= shares;
        applyPremium(id, delta);
        updated(id);
        emit Restore(id, msg.sender, shares, delta, drawn, premium);
        return drawn + premium;
    }

    function refreshPremium(uint256 id, PremiumDelta calldata delta) external {
        accrue(id);
        applyPremium(id, delta);
        updated(id);
        emit RefreshPremium(id, msg.sender, delta);
    }

    function reportDeficit(uint256 id, uint256 shares, PremiumDelta calldata delta) external {
        accrue(id);
        uint256 deficit = shares * assets[id].drawnIndex + delta.restoredPremiumRay;
        assets[id].drawnShares -= uint120(shares);
        assets[id].deficitRay += uint200(deficit);
        getSpokeDrawnShares[id][msg.sender] -= shares;
        applyPremium(id, delta);
        updated(id);
        emit ReportDeficit(id, msg.sender, shares, delta, deficit);
    }

    function totalAdded(uint256 id) private view returns (uint256) {
        Asset storage a = assets[id];
        uint256 now_ = index(id);
        return uint256(a.liquidity) + a.swept + owedRay(a, now_).up(Rounded.RAY) - a.realizedFees - newFees(a, now_);
    }

    function newFees(Asset storage a, uint256 now_) private view returns (uint256) {
        return (owedRay(a, now_).up(Rounded.RAY) - owedRay(a, a.drawnIndex).up(Rounded.RAY)) * a.liquidityFee / 10_000;
    }

    function owedRay(Asset storage a, uint256 at) private view returns (uint256) {
        return a.drawnShares * at + Rounded.premiumRay(a.premiumShares, a.premiumOffsetRay, at) + a.deficitRay;
    }

    function accrue(uint256 id) private {
        Asset storage a = assets[id];
        uint256 now_ = index(id);
        a.realizedFees += uint120(newFees(a, now_));
        a.drawnIndex = uint120(now_);
        a.lastUpdateTimestamp = uint40(block.timestamp);
    }

    // One per cent a year and up to twenty with what is used.
    function updated(uint256 id) private {
        Asset storage a = assets[id];
        uint256 drawn = a.drawnShares * uint256(a.drawnIndex) / Rounded.RAY;
        a.drawnRate = uint96(Rounded.RAY / 100 + (drawn == 0 ? 0 : Rounded.RAY / 5 * drawn / (drawn + a.liquidity)));
        emit UpdateAsset(id, a.drawnIndex, a.drawnRate, a.realizedFees);
    }

    function applyPremium(uint256 id, PremiumDelta calldata delta) private {
        Asset storage a = assets[id];
        a.premiumShares = uint120(uint256(int256(uint256(a.premiumShares)) + delta.sharesDelta));
        a.premiumOffsetRay = int200(a.premiumOffsetRay + delta.offsetRayDelta);
    }
}

contract StandInSpoke {
    using Rounded for uint256;

    struct LiquidationConfig {
        uint128 targetHealthFactor;
        uint64 healthFactorForMaxBonus;
        uint16 liquidationBonusFactor;
    }

    struct Reserve {
        address underlying;
        StandInHub hub;
        uint16 assetId;
        uint8 decimals;
        uint24 collateralRisk;
        uint8 flags;
        uint32 dynamicConfigKey;
    }

    struct ReserveConfig {
        uint24 collateralRisk;
        bool paused;
        bool frozen;
        bool borrowable;
        bool receiveSharesEnabled;
    }

    struct DynamicReserveConfig {
        uint16 collateralFactor;
        uint32 maxLiquidationBonus;
        uint16 liquidationFee;
    }

    struct UserPosition {
        uint120 drawnShares;
        uint120 premiumShares;
        int200 premiumOffsetRay;
        uint120 suppliedShares;
        uint32 dynamicConfigKey;
    }

    struct UserAccountData {
        uint256 riskPremium;
        uint256 avgCollateralFactor;
        uint256 healthFactor;
        uint256 totalCollateralValue;
        uint256 totalDebtValueRay;
        uint256 activeCollateralCount;
        uint256 borrowCount;
    }

    event Supply(uint256 indexed reserveId, address indexed caller, address indexed user, uint256 suppliedShares, uint256 suppliedAmount);
    event Withdraw(uint256 indexed reserveId, address indexed caller, address indexed user, uint256 withdrawnShares, uint256 withdrawnAmount);
    event Borrow(uint256 indexed reserveId, address indexed caller, address indexed user, uint256 drawnShares, uint256 drawnAmount);
    event Repay(uint256 indexed reserveId, address indexed caller, address indexed user, uint256 drawnShares, uint256 totalAmountRepaid, PremiumDelta premiumDelta);
    event LiquidationCall(
        uint256 indexed collateralReserveId,
        uint256 indexed debtReserveId,
        address indexed user,
        address liquidator,
        bool receiveShares,
        uint256 debtAmountRestored,
        uint256 drawnSharesLiquidated,
        PremiumDelta premiumDelta,
        uint256 collateralAmountRemoved,
        uint256 collateralSharesLiquidated,
        uint256 collateralSharesToLiquidator
    );
    event ReportDeficit(uint256 indexed reserveId, address indexed user, uint256 drawnShares, PremiumDelta premiumDelta);
    event SetUsingAsCollateral(uint256 indexed reserveId, address indexed caller, address indexed user, bool usingAsCollateral);
    event RefreshAllUserDynamicConfig(address indexed user);
    event RefreshSingleUserDynamicConfig(address indexed user, uint256 reserveId);
    event RefreshPremiumDebt(uint256 indexed reserveId, address indexed user, PremiumDelta premiumDelta);
    event UpdateLiquidationConfig(LiquidationConfig config);
    event AddReserve(uint256 indexed reserveId, uint256 indexed assetId, address indexed hub);
    event UpdateReserveConfig(uint256 indexed reserveId, ReserveConfig config);
    event UpdateReservePriceSource(uint256 indexed reserveId, address indexed priceSource);
    event AddDynamicReserveConfig(uint256 indexed reserveId, uint32 indexed dynamicConfigKey, DynamicReserveConfig config);
    event UpdateDynamicReserveConfig(uint256 indexed reserveId, uint32 indexed dynamicConfigKey, DynamicReserveConfig config);

    error HealthFactorBelowThreshold();
    error HealthFactorNotBelowThreshold();

    uint64 public constant SPOKE_REVISION = 1;

    LiquidationConfig private liquidation = LiquidationConfig(1.05e18, 0.9e18, 3_000);
    Reserve[] private reserves;
    mapping(uint256 => address) public getReserveSource;
    mapping(uint256 => mapping(uint256 => DynamicReserveConfig)) private dynamics;
    mapping(address => mapping(uint256 => UserPosition)) private positions;
    mapping(address => mapping(uint256 => bool)) private isCollateral;
    mapping(address => uint256) public getUserLastRiskPremium;

    /// It is its own oracle.
    function ORACLE() external view returns (address) {
        return address(this);
    }

    function getReservePrice(uint256 id) public view returns (uint256) {
        (bool ok, bytes memory answer) = getReserveSource[id].staticcall(abi.encodeWithSignature("latestAnswer()"));
        require(ok && abi.decode(answer, (int256)) > 0, "no price");
        return uint256(abi.decode(answer, (int256)));
    }

    function getReservesPrices(uint256[] calldata ids) external view returns (uint256[] memory prices) {
        prices = new uint256[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) prices[i] = getReservePrice(ids[i]);
    }

    function getReserveCount() external view returns (uint256) {
        return reserves.length;
    }

    function getLiquidationConfig() external view returns (LiquidationConfig memory) {
        return liquidation;
    }

    function getReserve(uint256 id) external view returns (Reserve memory) {
        return reserves[id];
    }

    function getDynamicReserveConfig(uint256 id, uint32 key) external view returns (DynamicReserveConfig memory) {
        return dynamics[id][key];
    }

    function getUserPosition(uint256 id, address user) external view returns (UserPosition memory) {
        return positions[user][id];
    }

    function getUserReserveStatus(uint256 id, address user) external view returns (bool, bool) {
        return (isCollateral[user][id], positions[user][id].drawnShares > 0);
    }

    function addReserve(StandInHub hub, uint16 assetId, address underlying, uint8 decimals, address source, uint24 risk, DynamicReserveConfig calldata config) external {
        uint256 id = reserves.length;
        reserves.push(Reserve(underlying, hub, assetId, decimals, risk, 12, 0));
        getReserveSource[id] = source;
        dynamics[id][0] = config;
        emit UpdateReservePriceSource(id, source);
        emit AddReserve(id, assetId, address(hub));
        emit UpdateReserveConfig(id, ReserveConfig(risk, false, false, true, true));
        emit AddDynamicReserveConfig(id, 0, config);
    }

    function setReserve(uint256 id, uint24 risk, bool paused) external {
        reserves[id].collateralRisk = risk;
        reserves[id].flags = paused ? 13 : 12;
        emit UpdateReserveConfig(id, ReserveConfig(risk, paused, false, true, true));
    }

    function addKey(uint256 id, DynamicReserveConfig calldata config) external {
        uint32 key = ++reserves[id].dynamicConfigKey;
        dynamics[id][key] = config;
        emit AddDynamicReserveConfig(id, key, config);
    }

    function changeKey(uint256 id, uint32 key, DynamicReserveConfig calldata config) external {
        require(key <= reserves[id].dynamicConfigKey, "no such key");
        dynamics[id][key] = config;
        emit UpdateDynamicReserveConfig(id, key, config);
    }

    function setLiquidation(LiquidationConfig calldata config) external {
        liquidation = config;
        emit UpdateLiquidationConfig(config);
    }

    function supply(uint256 id, uint256 amount, address user) external {
        uint256 shares = reserves[id].hub.add(reserves[id].assetId, amount);
        positions[user][id].suppliedShares += uint120(shares);
        emit Supply(id, msg.sender, user, shares, amount);
    }

    function withdraw(uint256 id, uint256 amount, address user) external {
        uint256 most = reserves[id].hub.previewRemoveByShares(reserves[id].assetId, positions[user][id].suppliedShares);
        if (amount > most) amount = most;
        uint256 shares = reserves[id].hub.remove(reserves[id].assetId, amount);
        positions[user][id].suppliedShares -= uint120(shares);
        if (isCollateral[user][id]) refreshAll(user);
        emit Withdraw(id, msg.sender, user, shares, amount);
    }

    function borrow(uint256 id, uint256 amount, address user) external {
        uint256 shares = reserves[id].hub.draw(reserves[id].assetId, amount);
        positions[user][id].drawnShares += uint120(shares);
        refreshAll(user);
        emit Borrow(id, msg.sender, user, shares, amount);
    }

    /// Pays so many drawn shares, and the whole premium first.
    function repay(uint256 id, uint256 shares, address user) external {
        UserPosition storage p = positions[user][id];
        if (shares > p.drawnShares) shares = p.drawnShares;
        PremiumDelta memory delta = deltaOf(p, shares, indexOf(id), getUserLastRiskPremium[user], premiumOf(p, indexOf(id)));
        uint256 paid = reserves[id].hub.restore(reserves[id].assetId, shares, delta);
        change(p, shares, delta);
        emit Repay(id, msg.sender, user, shares, paid, delta);
    }

    function setUsingAsCollateral(uint256 id, bool on, address user) external {
        if (isCollateral[user][id] == on) return;
        isCollateral[user][id] = on;
        if (on) {
            positions[user][id].dynamicConfigKey = reserves[id].dynamicConfigKey;
            emit RefreshSingleUserDynamicConfig(user, id);
        } else {
            refreshAll(user);
        }
        emit SetUsingAsCollateral(id, msg.sender, user, on);
    }

    function updateUserDynamicConfig(address user) external {
        refreshAll(user);
    }

    function updateUserRiskPremium(address user) external {
        setRiskPremium(user, getUserAccountData(user).riskPremium);
    }

    /// Pays so many drawn shares with the whole premium, for collateral of that worth and the largest bonus; the protocol takes a tenth of the shares.
    function liquidationCall(uint256 collateral, uint256 debt, address user, uint256 shares, bool receiveShares) external {
        UserAccountData memory data = getUserAccountData(user);
        if (data.healthFactor >= 1e18) revert HealthFactorNotBelowThreshold();
        require(isCollateral[user][collateral] && positions[user][debt].drawnShares > 0, "no such pair");
        UserPosition storage p = positions[user][debt];
        if (shares > p.drawnShares) shares = p.drawnShares;
        uint256 premium = premiumOf(p, indexOf(debt));
        uint256 taken = seize(collateral, debt, user, shares * indexOf(debt) + premium);
        PremiumDelta memory delta = deltaOf(p, shares, indexOf(debt), getUserLastRiskPremium[user], premium);
        liquidate(collateral, debt, user, shares, taken, delta, receiveShares);
        bool isEmpty = positions[user][collateral].suppliedShares == 0;
        if (isEmpty && data.activeCollateralCount <= 1 && (p.drawnShares > 0 || data.borrowCount > 1)) {
            cancelDebts(user);
        } else {
            setRiskPremium(user, getUserAccountData(user).riskPremium);
        }
    }

    function getUserAccountData(address user) public view returns (UserAccountData memory data) {
        uint256[] memory values = new uint256[](reserves.length);
        uint256 weighted = 0;
        for (uint256 id = 0; id < reserves.length; id++) {
            UserPosition storage p = positions[user][id];
            if (!isCollateral[user][id] && p.drawnShares == 0) continue;
            uint256 unit = getReservePrice(id) * 10 ** (18 - reserves[id].decimals);
            uint256 factor = isCollateral[user][id] ? dynamics[id][p.dynamicConfigKey].collateralFactor : 0;
            if (factor > 0 && p.suppliedShares > 0) {
                values[id] = reserves[id].hub.previewRemoveByShares(reserves[id].assetId, p.suppliedShares) * unit;
                data.totalCollateralValue += values[id];
                data.activeCollateralCount++;
                weighted += factor * values[id];
            }
            if (p.drawnShares > 0) {
                data.totalDebtValueRay += (p.drawnShares * indexOf(id) + premiumOf(p, indexOf(id))) * unit;
                data.borrowCount++;
            }
        }
        data.healthFactor = data.totalDebtValueRay == 0 ? type(uint256).max : divided(weighted * 1e14, data.totalDebtValueRay);
        data.avgCollateralFactor = data.totalCollateralValue == 0 ? 0 : weighted * 1e14 / data.totalCollateralValue;
        data.riskPremium = riskPremiumOf(values, data.totalDebtValueRay.up(Rounded.RAY));
    }

    // floor(a * RAY / b), by long division in three digits of 10^9.
    function divided(uint256 a, uint256 b) private pure returns (uint256 quotient) {
        quotient = a / b;
        uint256 rest = a % b;
        for (uint256 i = 0; i < 3; i++) {
            quotient = quotient * 1e9 + rest * 1e9 / b;
            rest = rest * 1e9 % b;
        }
    }

    // The least risky collaterals cover the debt first.
    function riskPremiumOf(uint256[] memory values, uint256 debt) private view returns (uint256) {
        uint256 left = debt;
        uint256 weighted = 0;
        bool[] memory used = new bool[](values.length);
        for (uint256 round = 0; round < values.length && left > 0; round++) {
            uint256 best = type(uint256).max;
            for (uint256 id = 0; id < values.length; id++) {
                if (!used[id] && values[id] > 0 && (best == type(uint256).max || reserves[id].collateralRisk < reserves[best].collateralRisk)) best = id;
            }
            if (best == type(uint256).max) break;
            used[best] = true;
            uint256 covered = values[best] < left ? values[best] : left;
            weighted += covered * reserves[best].collateralRisk;
            left -= covered;
        }
        return left == debt ? 0 : weighted.up(debt - left);
    }

    function indexOf(uint256 id) private view returns (uint256) {
        return reserves[id].hub.index(reserves[id].assetId);
    }

    function premiumOf(UserPosition storage p, uint256 index) private view returns (uint256) {
        return Rounded.premiumRay(p.premiumShares, p.premiumOffsetRay, index);
    }

    function deltaOf(UserPosition storage p, uint256 taken, uint256 index, uint256 premium, uint256 restored) private view returns (PremiumDelta memory) {
        uint256 shares = ((p.drawnShares - taken) * premium).up(10_000);
        int256 offset = int256(shares * index) - int256(premiumOf(p, index) - restored);
        return PremiumDelta(int256(shares) - int256(uint256(p.premiumShares)), offset - p.premiumOffsetRay, restored);
    }

    function change(UserPosition storage p, uint256 repaid, PremiumDelta memory delta) private {
        p.drawnShares -= uint120(repaid);
        p.premiumShares = uint120(uint256(int256(uint256(p.premiumShares)) + delta.sharesDelta));
        p.premiumOffsetRay = int200(p.premiumOffsetRay + delta.offsetRayDelta);
    }

    function refreshAll(address user) private {
        for (uint256 id = 0; id < reserves.length; id++) {
            if (isCollateral[user][id]) positions[user][id].dynamicConfigKey = reserves[id].dynamicConfigKey;
        }
        UserAccountData memory data = getUserAccountData(user);
        emit RefreshAllUserDynamicConfig(user);
        if (data.healthFactor < 1e18) revert HealthFactorBelowThreshold();
        setRiskPremium(user, data.riskPremium);
    }

    function setRiskPremium(address user, uint256 premium) private {
        if (premium == 0 && getUserLastRiskPremium[user] == 0) return;
        getUserLastRiskPremium[user] = premium;
        for (uint256 id = 0; id < reserves.length; id++) {
            UserPosition storage p = positions[user][id];
            if (p.drawnShares == 0) continue;
            PremiumDelta memory delta = deltaOf(p, 0, indexOf(id), premium, 0);
            reserves[id].hub.refreshPremium(reserves[id].assetId, delta);
            change(p, 0, delta);
            emit RefreshPremiumDebt(id, user, delta);
        }
    }

    function seize(uint256 collateral, uint256 debt, address user, uint256 debtRay) private view returns (uint256 shares) {
        uint256 bonus = dynamics[collateral][positions[user][collateral].dynamicConfigKey].maxLiquidationBonus;
        uint256 value = debtRay.up(Rounded.RAY) * getReservePrice(debt) * 10 ** (18 - reserves[debt].decimals) * bonus / 10_000;
        shares = reserves[collateral].hub.previewAddByAssets(
            reserves[collateral].assetId, value / (getReservePrice(collateral) * 10 ** (18 - reserves[collateral].decimals)));
        if (shares > positions[user][collateral].suppliedShares) shares = positions[user][collateral].suppliedShares;
    }

    function liquidate(uint256 collateral, uint256 debt, address user, uint256 shares, uint256 taken, PremiumDelta memory delta, bool receiveShares) private {
        uint256 given = taken - taken / 10;
        uint256 amount = reserves[collateral].hub.previewRemoveByShares(reserves[collateral].assetId, taken);
        positions[user][collateral].suppliedShares -= uint120(taken);
        if (receiveShares) {
            positions[msg.sender][collateral].suppliedShares += uint120(given);
        } else {
            uint256 paidOut = reserves[collateral].hub.previewRemoveByShares(reserves[collateral].assetId, given);
            if (paidOut > 0) reserves[collateral].hub.remove(reserves[collateral].assetId, paidOut);
        }
        uint256 paid = reserves[debt].hub.restore(reserves[debt].assetId, shares, delta);
        change(positions[user][debt], shares, delta);
        emit LiquidationCall(collateral, debt, user, msg.sender, receiveShares, paid, shares, delta, amount, taken, given);
    }

    function cancelDebts(address user) private {
        getUserLastRiskPremium[user] = 0;
        for (uint256 id = 0; id < reserves.length; id++) {
            UserPosition storage p = positions[user][id];
            if (p.drawnShares == 0) continue;
            uint256 shares = p.drawnShares;
            PremiumDelta memory delta = deltaOf(p, shares, indexOf(id), 0, premiumOf(p, indexOf(id)));
            reserves[id].hub.reportDeficit(reserves[id].assetId, shares, delta);
            change(p, shares, delta);
            emit ReportDeficit(id, user, shares, delta);
        }
    }
}
