// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// A small stand-in of our own for Panoptic v2: a pool that knows its users' positions by a hash alone, two collateral trackers and a risk engine whose rule is simpler than the
// real one's. There is no Uniswap below it: ticks are what somebody set, premia run at a rate, and who closes a position pays what it is in the money. Anyone may govern.

struct PanopticLeg {
    uint256 asset;
    uint256 ratio;
    bool isLong;
    uint256 tokenType;
    int24 strike;
    uint256 width;
}

library PanopticMath {
    uint256 private constant lane = 2 ** 124 - 1;
    uint256 private constant one = 2 ** 128;

    /// 1.0001 to the power of minus `ticks`, 128 bits below the point: by squaring.
    function shrink(uint256 ticks) internal pure returns (uint256 result) {
        uint256 factor = one * 10_000 / 10_001;
        result = ticks & 1 == 1 ? factor : one;
        for (ticks >>= 1; ticks > 0; ticks >>= 1) {
            factor = factor * factor >> 128;
            if (ticks & 1 == 1) result = result * factor >> 128;
        }
    }

    /// So much at a price of 1.0001 to the power of `tick`, or divided by it.
    function scale(uint256 amount, int256 tick) internal pure returns (uint256) {
        require(amount < one, "too much");
        return tick <= 0 ? amount * shrink(uint256(-tick)) >> 128 : amount * one / shrink(uint256(tick));
    }

    function scaleUp(uint256 amount, int256 tick) internal pure returns (uint256) {
        return amount == 0 ? 0 : scale(amount, tick) + 1;
    }

    function legOf(uint256 tokenId, uint256 place) internal pure returns (PanopticLeg memory) {
        uint256 bits = tokenId >> (64 + 48 * place);
        return PanopticLeg(bits & 1, (bits >> 1) & 127, (bits >> 8) & 1 == 1, (bits >> 9) & 1, int24(uint24(bits >> 12)), (bits >> 36) & 4095);
    }

    function countLegs(uint256 tokenId) internal pure returns (uint256 count) {
        for (uint256 i = 0; i < 4; i++) if (legOf(tokenId, i).ratio != 0) count = i + 1;
    }

    /// What a leg moves of its own token.
    function movedBy(PanopticLeg memory leg, uint256 size) internal pure returns (uint256) {
        uint256 amount = size * leg.ratio;
        return leg.asset == leg.tokenType ? amount : scale(amount, leg.asset == 0 ? int256(leg.strike) : -int256(leg.strike));
    }

    /// What of that is lost to whoever is short of it, at a tick.
    function inTheMoney(PanopticLeg memory leg, uint256 amount, int256 tick) internal pure returns (uint256) {
        int256 past = leg.tokenType == 0 ? tick - leg.strike : leg.strike - tick;
        return leg.width == 0 || past <= 0 ? 0 : amount - scale(amount, -past);
    }

    /// Legs in the top byte, two lanes below it, each a sum of parts of the positions' hashes modulo a prime.
    function updated(uint256 hash, uint256 tokenId, bool add) internal pure returns (uint256) {
        uint256 part = uint256(keccak256(abi.encode(tokenId)));
        uint256 low = laneOf(hash & lane, part & lane, 2 ** 124 - 59, add);
        uint256 high = laneOf((hash >> 124) & lane, (part >> 124) & lane, 2 ** 124 - 615, add);
        uint256 legs = add ? (hash >> 248) + countLegs(tokenId) : (hash >> 248) - countLegs(tokenId);
        require(legs <= 26, "too many legs");
        return low | (high << 124) | (legs << 248);
    }

    function laneOf(uint256 sum, uint256 part, uint256 prime, bool add) private pure returns (uint256) {
        return (sum + (add ? part : prime - part % prime)) % prime;
    }
}

contract PanopticToken {
    string public symbol;

    constructor(string memory _symbol) { symbol = _symbol; }
}

/// Shares in what has been deposited.
contract PanopticTracker {
    address public immutable asset;
    string public symbol;
    uint8 public immutable decimals;
    address public pool;
    uint256 public totalAssets = 1;
    uint256 public totalShares = 1;
    mapping(address => uint256) public balanceOf;

    constructor(address _asset, string memory _symbol, uint8 _decimals) { (asset, symbol, decimals) = (_asset, _symbol, _decimals); }

    function setPool(address _pool) external { pool = _pool; }

    function assetsOf(address user) public view returns (uint256) { return balanceOf[user] * totalAssets / totalShares; }

    function deposit(address user, uint256 amount) external { credit(user, amount); }

    /// What everybody has grows.
    function donate(uint256 amount) external { totalAssets += amount; }

    function change(address user, int256 amount) external {
        require(msg.sender == pool, "not the pool");
        if (amount >= 0) credit(user, uint256(amount));
        else debit(user, uint256(-amount));
    }

    function credit(address user, uint256 amount) private {
        uint256 shares = amount * totalShares / totalAssets;
        balanceOf[user] += shares;
        totalShares += shares;
        totalAssets += amount;
    }

    function debit(address user, uint256 amount) private {
        uint256 shares = (amount * totalShares + totalAssets - 1) / totalAssets;
        require(shares <= balanceOf[user], "not enough tokens");
        balanceOf[user] -= shares;
        totalShares -= shares;
        totalAssets -= amount;
    }
}

/// Asks for a share of what short legs move and for what they are in the money, for a tenth of what long legs move, and for loans with a fifth more. Credits count as balance.
contract PanopticRiskEngine {
    using PanopticMath for PanopticLeg;

    uint256 constant DECIMALS = 10_000_000;

    uint256 public immutable CROSS_BUFFER_0;
    uint256 public immutable CROSS_BUFFER_1;

    struct Sums {
        uint256[2] balance;
        uint256[2] required;
        uint256[2] utilization;
    }

    constructor(uint256 buffer0, uint256 buffer1) { (CROSS_BUFFER_0, CROSS_BUFFER_1) = (buffer0, buffer1); }

    function getMargin(
        uint256[] calldata balances, int24 atTick, address user, uint256[] calldata list, uint256 shortPremia, uint256 longPremia, address ct0, address ct1
    ) external view returns (uint256, uint256, uint256) {
        Sums memory s = sumsOf(balances, atTick, user, list, shortPremia, longPremia, ct0, ct1);
        return (s.balance[0] | (s.required[0] << 128), s.balance[1] | (s.required[1] << 128), (s.utilization[0] << 128) | (s.utilization[1] << 144));
    }

    function isAccountSolvent(
        uint256[] calldata balances, uint256[] calldata list, int24 atTick, address user, uint256 shortPremia, uint256 longPremia, address ct0, address ct1, uint256 buffer
    ) external view returns (bool) {
        Sums memory s = sumsOf(balances, atTick, user, list, shortPremia, longPremia, ct0, ct1);
        for (uint256 i = 0; i < 2; i++) s.required[i] = (s.required[i] * buffer + DECIMALS - 1) / DECIMALS;
        uint256 surplus0 = surplusOf(s, 0, CROSS_BUFFER_0);
        uint256 surplus1 = surplusOf(s, 1, CROSS_BUFFER_1);
        int256 tick = atTick;
        // Counted in the token that is worth less.
        return tick < 0
            ? s.balance[0] + PanopticMath.scale(surplus1, -tick) >= s.required[0]
                && PanopticMath.scale(s.balance[1], -tick) + surplus0 >= PanopticMath.scaleUp(s.required[1], -tick)
            : PanopticMath.scale(s.balance[0], tick) + surplus1 >= PanopticMath.scaleUp(s.required[0], tick)
                && s.balance[1] + PanopticMath.scale(surplus0, tick) >= s.required[1];
    }

    /// What one position asks for of each token.
    function requiredBy(uint256 tokenId, uint256 size, int24 atTick, uint256[2] memory utilization) public pure returns (uint256[2] memory required, uint256[2] memory credits) {
        for (uint256 i = 0; i < PanopticMath.countLegs(tokenId); i++) {
            PanopticLeg memory leg = PanopticMath.legOf(tokenId, i);
            if (leg.ratio == 0) continue;
            uint256 amount = leg.movedBy(size);
            if (leg.width == 0 && leg.isLong) credits[leg.tokenType] += amount;
            else if (leg.width == 0) required[leg.tokenType] += 1 + amount * 12 / 10;
            else if (leg.isLong) required[leg.tokenType] += 1 + amount / 10;
            else required[leg.tokenType] += shortOf(leg, amount, atTick, sellerRatio(utilization[leg.tokenType]));
        }
    }

    // Half of the share where it is out of the money; the nearer the more.
    function shortOf(PanopticLeg memory leg, uint256 amount, int24 atTick, uint256 ratio) private pure returns (uint256) {
        uint256 base = 1 + amount * ratio / DECIMALS;
        uint256 lost = leg.inTheMoney(amount, atTick);
        int256 past = leg.tokenType == 0 ? int256(atTick) - leg.strike : int256(leg.strike) - atTick;
        // base * rho less what it is out of the money, which is amount * (rho - 1)
        uint256 near = PanopticMath.scale(base, -past);
        uint256 away = past < 0 ? PanopticMath.scale(amount, -past) - amount : 0;
        uint256 wanted = lost + (near > away ? near - away : 0);
        return wanted > base / 2 ? wanted : base / 2;
    }

    // A fifth, and all from 90 % on.
    function sellerRatio(uint256 utilization) private pure returns (uint256) {
        uint256 use = utilization * 1_000;
        if (use <= 6_666_667) return 2_000_000;
        return use >= 9_000_000 ? DECIMALS : 2_000_000 + 8_000_000 * (use - 6_666_667) / (9_000_000 - 6_666_667);
    }

    function surplusOf(Sums memory s, uint256 token, uint256 buffer) private pure returns (uint256) {
        if (s.balance[token] <= s.required[token]) return 0;
        uint256 use = s.utilization[token] * 1_000;
        uint256 ratio = use < 9_000_000 ? buffer : use > 9_500_000 ? 0 : buffer * (9_500_000 - use) / 500_000;
        return (s.balance[token] - s.required[token]) * ratio / DECIMALS;
    }

    function sumsOf(
        uint256[] calldata balances, int24 atTick, address user, uint256[] calldata list, uint256 shortPremia, uint256 longPremia, address ct0, address ct1
    ) private view returns (Sums memory s) {
        s.balance = [PanopticTracker(ct0).assetsOf(user) + uint128(shortPremia), PanopticTracker(ct1).assetsOf(user) + (shortPremia >> 128)];
        s.required = [uint256(uint128(longPremia)), longPremia >> 128];
        for (uint256 i = 0; i < list.length; i++) {
            for (uint256 token = 0; token < 2; token++) {
                uint256 use = uint16(balances[i] >> (128 + 16 * token));
                if (use > s.utilization[token]) s.utilization[token] = use;
            }
        }
        for (uint256 i = 0; i < list.length; i++) add(s, requiredAndCredits(list[i], balances[i], atTick, s.utilization));
    }

    function requiredAndCredits(uint256 tokenId, uint256 balance, int24 atTick, uint256[2] memory utilization) private pure returns (uint256[2][2] memory both) {
        (both[0], both[1]) = requiredBy(tokenId, uint128(balance), atTick, utilization);
    }

    function add(Sums memory s, uint256[2][2] memory both) private pure {
        for (uint256 token = 0; token < 2; token++) {
            s.required[token] += both[0][token];
            s.balance[token] += both[1][token];
        }
    }
}

contract PanopticPoolStandIn {
    using PanopticMath for PanopticLeg;

    event OptionMinted(address indexed recipient, uint256 indexed tokenId, uint256 balanceData);
    event OptionBurnt(address indexed recipient, uint128 positionSize, uint256 indexed tokenId, int256[4] premiaByLeg);
    event AccountLiquidated(address indexed liquidator, address indexed liquidatee, int256 bonusAmounts);

    error AccountInsolvent(uint256 solvent, uint256 ticks);
    error DuplicateTokenId();
    error InputListFail();
    error NoLegsExercisable();
    error NotMarginCalled();
    error PositionNotOwned();
    error StaleOracle();
    error WrongPoolId();

    uint256 constant noBuffer = 10_000_000;
    uint256 constant mintBuffer = 10_666_667;

    struct Position {
        uint256 balance;
        uint256 since;
    }

    PanopticRiskEngine public immutable riskEngine;
    PanopticTracker public immutable collateralToken0;
    PanopticTracker public immutable collateralToken1;
    uint64 public immutable poolId;
    int24 private current;
    int24 private spot;
    int24 private median;
    int24 private latest;
    int24 private twap;
    uint256 public liquidations;
    /// Of what a leg moves a second, 18 decimals.
    uint256 public premiumRate;
    uint256 private premium = 1e18;
    uint256 private grownAt = block.timestamp;
    mapping(address => uint256) private positionsHash;
    mapping(address => mapping(uint256 => Position)) private positions;

    constructor(PanopticRiskEngine engine, PanopticTracker ct0, PanopticTracker ct1, uint64 id) { (riskEngine, collateralToken0, collateralToken1, poolId) = (engine, ct0, ct1, id); }

    // Governors, and the market

    function setTicks(int24 _current, int24 _spot, int24 _median, int24 _latest, int24 _twap) external { (current, spot, median, latest, twap) = (_current, _spot, _median, _latest, _twap); }

    function setPremiumRate(uint256 rate) external {
        (premium, grownAt) = (premiumNow(), block.timestamp);
        premiumRate = rate;
    }

    // What is asked of it

    function getOracleTicks() external view returns (int24, int24, int24, int24, uint256) { return (current, spot, median, latest, 0); }

    function getTWAP() external view returns (int24) { return twap; }

    function numberOfLegs(address user) external view returns (uint256) { return positionsHash[user] >> 248; }

    function getAssetsOf(address user) external view returns (uint256, uint256) { return (collateralToken0.assetsOf(user), collateralToken1.assetsOf(user)); }

    /// Of a list that may lack positions: nobody proves it here.
    function getFullPositionsData(address user, bool includePending, uint256[] calldata list)
        public view returns (uint256 shortPremium, uint256 longPremium, uint256[] memory balances, uint256[] memory requirements, int256[] memory net)
    {
        balances = new uint256[](list.length);
        requirements = new uint256[](list.length);
        net = new int256[](list.length);
        for (uint256 i = 0; i < list.length; i++) {
            balances[i] = positions[user][list[i]].balance;
            if (balances[i] == 0) revert PositionNotOwned();
            (uint256 earned, uint256 owed) = premiaOf(user, list[i], includePending);
            shortPremium += earned;
            longPremium += owed;
            net[i] = int256(earned) - int256(owed);
            requirements[i] = requirementOf(list[i], balances[i]);
        }
    }

    // What people do

    /// `list` is what the caller has afterwards.
    function mint(uint256[] calldata list, uint256 tokenId, uint128 size, uint16 utilization0, uint16 utilization1) external {
        if (uint64(tokenId) != poolId) revert WrongPoolId();
        require(positions[msg.sender][tokenId].balance == 0 && size > 0 && PanopticMath.countLegs(tokenId) > 0, "no such mint");
        uint256 balance = uint256(size) | (uint256(utilization0) << 128) | (uint256(utilization1) << 144) | (uint256(uint24(current)) << 160)
            | (uint256(uint32(block.timestamp)) << 184) | (block.number << 216);
        positions[msg.sender][tokenId] = Position(balance, premiumNow());
        positionsHash[msg.sender] = PanopticMath.updated(positionsHash[msg.sender], tokenId, true);
        lend(msg.sender, tokenId, size, 1);
        emit OptionMinted(msg.sender, tokenId, balance);
        check(msg.sender, list);
    }

    function burn(uint256[] calldata list, uint256 tokenId) external {
        close(msg.sender, tokenId, false);
        check(msg.sender, list);
    }

    function withdraw(uint256[] calldata list, uint256 amount0, uint256 amount1) external {
        collateralToken0.change(msg.sender, -int256(amount0));
        collateralToken1.change(msg.sender, -int256(amount1));
        check(msg.sender, list);
    }

    /// Settles premia, exercises or liquidates, by how solvent the account is; and then the caller must be.
    function dispatchFrom(uint256[] calldata listFrom, address account, uint256[] calldata listTo, uint256[] calldata listFinal, uint256) external {
        prove(account, listTo);
        uint256 solvent = solventTicks(account, listTo);
        if (solvent == 4) {
            if (current - twap > 513 || twap - current > 513) revert StaleOracle();
            if (listTo.length == listFinal.length) settle(account, listTo);
            else if (listTo.length == listFinal.length + 1) exercise(account, listTo, listFinal);
            else if (listFinal.length == 0) revert NotMarginCalled();
            else revert InputListFail();
        } else if (solvent == 0) {
            if (listTo.length == listFinal.length) revert AccountInsolvent(0, 4);
            if (listFinal.length != 0) revert InputListFail();
            liquidate(account, listTo);
        } else {
            revert NotMarginCalled();
        }
        check(msg.sender, listFrom);
    }

    // The rest

    function solventTicks(address user, uint256[] calldata list) private view returns (uint256 count) {
        (uint256 shortPremium, uint256 longPremium, uint256[] memory balances,,) = getFullPositionsData(user, false, list);
        int24[4] memory ticks = [spot, twap, latest, current];
        for (uint256 i = 0; i < 4; i++) if (isSolvent(user, list, balances, shortPremium, longPremium, ticks[i], noBuffer)) count++;
    }

    function isSolvent(address user, uint256[] calldata list, uint256[] memory balances, uint256 shortPremium, uint256 longPremium, int24 tick, uint256 buffer) private view returns (bool) {
        return riskEngine.isAccountSolvent(balances, list, tick, user, shortPremium, longPremium, address(collateralToken0), address(collateralToken1), buffer);
    }

    function prove(address user, uint256[] calldata list) private view {
        uint256 hash = 0;
        for (uint256 i = 0; i < list.length; i++) {
            if (uint64(list[i]) != poolId) revert WrongPoolId();
            for (uint256 j = 0; j < i; j++) if (list[i] == list[j]) revert DuplicateTokenId();
            hash = PanopticMath.updated(hash, list[i], true);
        }
        if (hash != positionsHash[user]) revert InputListFail();
    }

    function check(address user, uint256[] calldata list) private view {
        prove(user, list);
        if (list.length == 0) return;
        (uint256 shortPremium, uint256 longPremium, uint256[] memory balances,,) = getFullPositionsData(user, false, list);
        if (!isSolvent(user, list, balances, shortPremium, longPremium, spot, mintBuffer)) revert AccountInsolvent(0, 1);
    }

    function requirementOf(uint256 tokenId, uint256 balance) private view returns (uint256) {
        (uint256[2] memory required,) = riskEngine.requiredBy(tokenId, uint128(balance), current, [uint256(uint16(balance >> 128)), uint16(balance >> 144)]);
        return required[0] | (required[1] << 128);
    }

    function premiumNow() private view returns (uint256) { return premium + premiumRate * (block.timestamp - grownAt); }

    // Token0 in the low half. Four fifths of what a short leg has earned are there already; who is long owes a fifth more than that.
    function premiaOf(address user, uint256 tokenId, bool includePending) private view returns (uint256 earned, uint256 owed) {
        Position memory p = positions[user][tokenId];
        for (uint256 i = 0; i < PanopticMath.countLegs(tokenId); i++) {
            PanopticLeg memory leg = PanopticMath.legOf(tokenId, i);
            if (leg.width == 0) continue;
            uint256 grown = leg.movedBy(uint128(p.balance)) * (premiumNow() - p.since) / 1e18;
            if (leg.isLong) owed += grown * 6 / 5 << (128 * leg.tokenType);
            else earned += (includePending ? grown : grown * 4 / 5) << (128 * leg.tokenType);
        }
    }

    function settle(address user, uint256[] calldata list) private {
        for (uint256 i = 0; i < list.length; i++) settleOne(user, list[i], false);
    }

    function settleOne(address user, uint256 tokenId, bool most) private {
        (uint256 earned, uint256 owed) = premiaOf(user, tokenId, false);
        positions[user][tokenId].since = premiumNow();
        pay(collateralToken0, user, int256(uint256(uint128(earned))) - int256(uint256(uint128(owed))), most);
        pay(collateralToken1, user, int256(earned >> 128) - int256(owed >> 128), most);
    }

    // With `most`, no more than there is.
    function pay(PanopticTracker tracker, address user, int256 amount, bool most) private {
        int256 there = int256(tracker.assetsOf(user));
        tracker.change(user, most && amount < -there ? -there : amount);
    }

    // Loans are paid out and back, credits in and out again.
    function lend(address user, uint256 tokenId, uint256 size, int256 sign) private {
        for (uint256 i = 0; i < PanopticMath.countLegs(tokenId); i++) {
            PanopticLeg memory leg = PanopticMath.legOf(tokenId, i);
            if (leg.width != 0 || leg.ratio == 0) continue;
            int256 amount = int256(leg.movedBy(size)) * (leg.isLong ? -sign : sign);
            pay(leg.tokenType == 0 ? collateralToken0 : collateralToken1, user, amount, sign < 0);
        }
    }

    function close(address user, uint256 tokenId, bool most) private {
        uint256 balance = positions[user][tokenId].balance;
        if (balance == 0) revert PositionNotOwned();
        settleOne(user, tokenId, most);
        lend(user, tokenId, uint128(balance), -1);
        for (uint256 i = 0; i < PanopticMath.countLegs(tokenId); i++) {
            PanopticLeg memory leg = PanopticMath.legOf(tokenId, i);
            int256 lost = int256(leg.inTheMoney(leg.movedBy(uint128(balance)), current));
            if (lost != 0) pay(leg.tokenType == 0 ? collateralToken0 : collateralToken1, user, leg.isLong ? lost : -lost, most);
        }
        delete positions[user][tokenId];
        positionsHash[user] = PanopticMath.updated(positionsHash[user], tokenId, false);
        int256[4] memory premia;
        emit OptionBurnt(user, uint128(balance), tokenId, premia);
    }

    // The position that is not in the final list, if any of its legs is long.
    function exercise(address user, uint256[] calldata list, uint256[] calldata left) private {
        for (uint256 i = 0; i < list.length; i++) {
            if (i < left.length && list[i] == left[i]) continue;
            bool isLong = false;
            for (uint256 j = 0; j < PanopticMath.countLegs(list[i]); j++) {
                PanopticLeg memory leg = PanopticMath.legOf(list[i], j);
                if (leg.isLong && leg.width != 0) isLong = true;
            }
            if (!isLong) revert NoLegsExercisable();
            close(user, list[i], true);
            prove(user, left);
            return;
        }
    }

    function liquidate(address user, uint256[] calldata list) private {
        for (uint256 i = 0; i < list.length; i++) close(user, list[i], true);
        int256 bonus0 = int256(collateralToken0.assetsOf(user) / 5);
        int256 bonus1 = int256(collateralToken1.assetsOf(user) / 5);
        collateralToken0.change(user, -bonus0);
        collateralToken1.change(user, -bonus1);
        collateralToken0.change(msg.sender, bonus0);
        collateralToken1.change(msg.sender, bonus1);
        liquidations++;
        emit AccountLiquidated(msg.sender, user, bonus0 | (bonus1 << 128));
    }
}
