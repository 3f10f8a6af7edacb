// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IPriceFeed {
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

/// A token that is nothing but a name.
contract NamedToken {
    string public symbol;

    constructor(string memory _symbol) {
        symbol = _symbol;
    }
}

/// Compound III's arithmetic, events and views in small, written from its description for tests: one base token, a few collaterals. No token moves: who supplies is
/// taken to have it. Indexes have a scale of 10^15, factors and rates of 10^18.
contract CometStandIn {
    struct Rates {
        uint64 kink;
        uint64 slopeLow;
        uint64 slopeHigh;
        uint64 base;
    }

    struct AssetInfo {
        uint8 offset;
        address asset;
        address priceFeed;
        uint64 scale;
        uint64 borrowCollateralFactor;
        uint64 liquidateCollateralFactor;
        uint64 liquidationFactor;
        uint128 supplyCap;
    }

    struct TotalsBasic {
        uint64 baseSupplyIndex;
        uint64 baseBorrowIndex;
        uint64 trackingSupplyIndex;
        uint64 trackingBorrowIndex;
        uint104 totalSupplyBase;
        uint104 totalBorrowBase;
        uint40 lastAccrualTime;
        uint8 pauseFlags;
    }

    event Supply(address indexed from, address indexed dst, uint256 amount);
    event Withdraw(address indexed src, address indexed to, uint256 amount);
    event Transfer(address indexed from, address indexed to, uint256 amount);
    event SupplyCollateral(address indexed from, address indexed dst, address indexed asset, uint256 amount);
    event TransferCollateral(address indexed from, address indexed to, address indexed asset, uint256 amount);
    event WithdrawCollateral(address indexed src, address indexed to, address indexed asset, uint256 amount);
    event AbsorbDebt(address indexed absorber, address indexed borrower, uint256 basePaidOut, uint256 usdValue);
    event AbsorbCollateral(address indexed absorber, address indexed borrower, address indexed asset, uint256 collateralAbsorbed, uint256 usdValue);

    error BadPrice();
    error BorrowTooSmall();
    error NotCollateralized();
    error NotLiquidatable();
    error Paused();

    uint256 constant indexScale = 1e15;
    uint256 constant factorScale = 1e18;
    uint8 constant absorbPaused = 8;

    address public immutable baseToken;
    address public immutable baseTokenPriceFeed;
    uint256 public immutable baseScale;
    uint256 public immutable baseBorrowMin;
    Rates private supplyRates;
    Rates private borrowRates;
    AssetInfo[] private assets;
    TotalsBasic private totals;
    mapping(address => int104) private principals;
    mapping(address => mapping(address => uint128)) private balances;
    mapping(address => uint128) private totalBalances;

    constructor(address _baseToken, address feed, uint256 scale, uint256 borrowMin, Rates memory supplySide, Rates memory borrowSide, AssetInfo[] memory list) {
        baseToken = _baseToken;
        baseTokenPriceFeed = feed;
        baseScale = scale;
        baseBorrowMin = borrowMin;
        supplyRates = supplySide;
        borrowRates = borrowSide;
        for (uint256 i = 0; i < list.length; i++) assets.push(list[i]);
        totals.baseSupplyIndex = uint64(indexScale);
        totals.baseBorrowIndex = uint64(indexScale);
        totals.lastAccrualTime = uint40(block.timestamp);
    }

    // What is asked of it

    function totalsBasic() external view returns (TotalsBasic memory) { return totals; }
    function numAssets() external view returns (uint8) { return uint8(assets.length); }
    function getAssetInfo(uint8 i) external view returns (AssetInfo memory) { return assets[i]; }
    function totalsCollateral(address asset) external view returns (uint128, uint128) { return (totalBalances[asset], 0); }
    function userCollateral(address user, address asset) external view returns (uint128, uint128) { return (balances[user][asset], 0); }
    function supplyKink() external view returns (uint256) { return supplyRates.kink; }
    function supplyPerSecondInterestRateSlopeLow() external view returns (uint256) { return supplyRates.slopeLow; }
    function supplyPerSecondInterestRateSlopeHigh() external view returns (uint256) { return supplyRates.slopeHigh; }
    function supplyPerSecondInterestRateBase() external view returns (uint256) { return supplyRates.base; }
    function borrowKink() external view returns (uint256) { return borrowRates.kink; }
    function borrowPerSecondInterestRateSlopeLow() external view returns (uint256) { return borrowRates.slopeLow; }
    function borrowPerSecondInterestRateSlopeHigh() external view returns (uint256) { return borrowRates.slopeHigh; }
    function borrowPerSecondInterestRateBase() external view returns (uint256) { return borrowRates.base; }

    function userBasic(address user) external view returns (int104, uint64, uint64, uint16, uint8) {
        uint16 bits;
        for (uint256 i = 0; i < assets.length; i++) if (balances[user][assets[i].asset] != 0) bits |= uint16(1 << i);
        return (principals[user], 0, 0, bits, 0);
    }

    /// With interest up to now.
    function balanceOf(address user) external view returns (uint256) {
        (uint64 supplyIndex,) = accrued();
        int104 principal = principals[user];
        return principal > 0 ? presentOf(uint104(principal), supplyIndex) : 0;
    }

    function borrowBalanceOf(address user) external view returns (uint256) {
        (, uint64 borrowIndex) = accrued();
        int104 principal = principals[user];
        return principal < 0 ? presentOf(uint104(-principal), borrowIndex) : 0;
    }

    /// On the index as it is stored.
    function isLiquidatable(address user) public view returns (bool) { return lacks(user, false); }

    function isBorrowCollateralized(address user) public view returns (bool) { return !lacks(user, true); }

    // What people do

    function accrueAccount(address) external { accrue(); }

    function supply(address asset, uint128 amount) external {
        if (asset == baseToken) {
            accrue();
            uint104 supplied = credit(msg.sender, amount);
            emit Supply(msg.sender, msg.sender, amount);
            minted(msg.sender, supplied);
        } else {
            balances[msg.sender][asset] += amount;
            totalBalances[asset] += amount;
            emit SupplyCollateral(msg.sender, msg.sender, asset, amount);
        }
    }

    function withdraw(address asset, uint128 amount) external {
        if (asset == baseToken) {
            accrue();
            uint104 withdrawn = debit(msg.sender, amount);
            emit Withdraw(msg.sender, msg.sender, amount);
            burnt(msg.sender, withdrawn);
        } else {
            balances[msg.sender][asset] -= amount;
            totalBalances[asset] -= amount;
            if (!isBorrowCollateralized(msg.sender)) revert NotCollateralized();
            emit WithdrawCollateral(msg.sender, msg.sender, asset, amount);
        }
    }

    function transferAsset(address dst, address asset, uint128 amount) external {
        require(dst != msg.sender);
        if (asset == baseToken) {
            accrue();
            uint104 withdrawn = debit(msg.sender, amount);
            uint104 supplied = credit(dst, amount);
            burnt(msg.sender, withdrawn);
            minted(dst, supplied);
        } else {
            balances[msg.sender][asset] -= amount;
            balances[dst][asset] += amount;
            if (!isBorrowCollateralized(msg.sender)) revert NotCollateralized();
            emit TransferCollateral(msg.sender, dst, asset, amount);
        }
    }

    /// All collateral goes; what it is worth by its liquidation factor is the account's from now on.
    function absorb(address user) external {
        if (totals.pauseFlags & absorbPaused != 0) revert Paused();
        accrue();
        if (!isLiquidatable(user)) revert NotLiquidatable();
        int104 old = principals[user];
        uint256 basePrice = priceOf(baseTokenPriceFeed);
        uint256 worth;
        for (uint256 i = 0; i < assets.length; i++) {
            AssetInfo memory info = assets[i];
            uint128 seized = balances[user][info.asset];
            if (seized == 0) continue;
            balances[user][info.asset] = 0;
            totalBalances[info.asset] -= seized;
            uint256 value = uint256(seized) * priceOf(info.priceFeed) / info.scale;
            worth += value * info.liquidationFactor / factorScale;
            emit AbsorbCollateral(msg.sender, user, info.asset, seized, value);
        }
        int256 owed = presentValue(old);
        int256 left = owed + int256(worth * baseScale / basePrice);
        if (left < 0) left = 0;
        int104 principal = principalValue(left);
        principals[user] = principal;
        totals.totalSupplyBase += uint104(principal);
        totals.totalBorrowBase -= uint104(-old);
        uint256 paidOut = uint256(left - owed);
        emit AbsorbDebt(msg.sender, user, paidOut, paidOut * basePrice / baseScale);
        minted(user, uint104(principal));
    }

    function pause(uint8 flags) external { totals.pauseFlags = flags; }

    // Arithmetic

    function accrued() private view returns (uint64, uint64) {
        uint256 dt = block.timestamp - totals.lastAccrualTime;
        (uint256 s, uint256 b) = (totals.baseSupplyIndex, totals.baseBorrowIndex);
        if (dt > 0) {
            uint256 lent = presentOf(totals.totalSupplyBase, totals.baseSupplyIndex);
            uint256 use = lent == 0 ? 0 : presentOf(totals.totalBorrowBase, totals.baseBorrowIndex) * factorScale / lent;
            s += s * (rate(supplyRates, use) * dt) / factorScale;
            b += b * (rate(borrowRates, use) * dt) / factorScale;
        }
        require(s <= type(uint64).max && b <= type(uint64).max);
        return (uint64(s), uint64(b));
    }

    function accrue() private {
        (totals.baseSupplyIndex, totals.baseBorrowIndex) = accrued();
        totals.lastAccrualTime = uint40(block.timestamp);
    }

    function rate(Rates memory r, uint256 use) private pure returns (uint256) {
        return use <= r.kink
            ? r.base + r.slopeLow * use / factorScale
            : r.base + uint256(r.slopeLow) * r.kink / factorScale + r.slopeHigh * (use - r.kink) / factorScale;
    }

    function presentOf(uint256 principal, uint256 index) private pure returns (uint256) { return principal * index / indexScale; }

    function presentValue(int104 principal) private view returns (int256) {
        return principal >= 0
            ? int256(presentOf(uint104(principal), totals.baseSupplyIndex))
            : -int256(presentOf(uint104(-principal), totals.baseBorrowIndex));
    }

    function principalValue(int256 value) private view returns (int104) {
        return value >= 0
            ? int104(int256(uint256(value) * indexScale / totals.baseSupplyIndex))
            : -int104(int256((uint256(-value) * indexScale + totals.baseBorrowIndex - 1) / totals.baseBorrowIndex));
    }

    /// Returns by how much the principal grew on the supply side; against its own direction, by rounding, no total moves.
    function credit(address user, uint128 amount) private returns (uint104 supplied) {
        int104 old = principals[user];
        int104 now_ = principalValue(presentValue(old) + int256(uint256(amount)));
        principals[user] = now_;
        if (now_ < old) return 0;
        supplied = positive(now_) - positive(old);
        totals.totalSupplyBase += supplied;
        totals.totalBorrowBase -= positive(-old) - positive(-now_);
    }

    function debit(address user, uint128 amount) private returns (uint104 withdrawn) {
        int104 old = principals[user];
        int256 left = presentValue(old) - int256(uint256(amount));
        int104 now_ = principalValue(left);
        principals[user] = now_;
        if (now_ <= old) {
            withdrawn = positive(old) - positive(now_);
            totals.totalSupplyBase -= withdrawn;
            totals.totalBorrowBase += positive(-now_) - positive(-old);
        }
        if (left < 0) {
            if (uint256(-left) < baseBorrowMin) revert BorrowTooSmall();
            if (!isBorrowCollateralized(user)) revert NotCollateralized();
        }
    }

    function positive(int104 value) private pure returns (uint104) { return value > 0 ? uint104(value) : 0; }

    function minted(address user, uint104 principal) private {
        if (principal > 0) emit Transfer(address(0), user, presentOf(principal, totals.baseSupplyIndex));
    }

    function burnt(address user, uint104 principal) private {
        if (principal > 0) emit Transfer(user, address(0), presentOf(principal, totals.baseSupplyIndex));
    }

    /// Whether debt is left when all collateral counts by the one factor or the other. Feeds of later collaterals are not read once it is covered.
    function lacks(address user, bool toBorrow) private view returns (bool) {
        int104 principal = principals[user];
        if (principal >= 0) return false;
        int256 liquidity = presentValue(principal) * int256(priceOf(baseTokenPriceFeed)) / int256(baseScale);
        for (uint256 i = 0; i < assets.length && liquidity < 0; i++) {
            AssetInfo memory info = assets[i];
            uint256 held = balances[user][info.asset];
            if (held == 0) continue;
            uint256 factor = toBorrow ? info.borrowCollateralFactor : info.liquidateCollateralFactor;
            liquidity += int256(held * priceOf(info.priceFeed) / info.scale * factor / factorScale);
        }
        return liquidity < 0;
    }

    function priceOf(address feed) private view returns (uint256) {
        (, int256 answer,,,) = IPriceFeed(feed).latestRoundData();
        if (answer <= 0) revert BadPrice();
        return uint256(answer);
    }
}
