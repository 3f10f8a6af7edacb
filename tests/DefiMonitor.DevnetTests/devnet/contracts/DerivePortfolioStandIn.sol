// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {DeriveCash, DeriveForwardFeed, DeriveMath, DerivePerp, DeriveRateFeed, DeriveSpotFeed, DeriveSubAccounts, DeriveVolFeed, IDeriveManager} from './DeriveStandIn.sol';

// The portfolio manager of the second kind (PMRM_2) for our stand-in of Derive v2, in small: one underlying, margined by the worst of a list of scenarios. Anyone may govern.

/// Parameters, each group by the getter of its name.
contract DerivePortfolioLib {
    struct Basis { int256 scenarioSpotUp; int256 scenarioSpotDown; int256 basisContAddFactor; int256 basisContMultFactor; }

    struct Other {
        int256 pegLossThreshold;
        int256 pegLossFactor;
        int256 confThreshold;
        int256 confMargin;
        int256 MMPerpPercent;
        int256 IMPerpPercent;
        int256 MMOptionPercent;
        int256 IMOptionPercent;
    }

    struct Margin {
        int256 imFactor;
        int256 mmFactor;
        int256 shortRateMultScale;
        int256 longRateMultScale;
        int256 shortRateAddScale;
        int256 longRateAddScale;
        int256 shortBaseStaticDiscount;
        int256 longBaseStaticDiscount;
    }

    struct VolShock { int256 volRangeUp; int256 volRangeDown; int256 shortTermPower; int256 longTermPower; uint256 dteFloor; int256 minVolUpShock; }

    struct Skew {
        int256 linearBaseCap;
        int256 absBaseCap;
        int256 linearCBase;
        int256 absCBase;
        int256 minKStar;
        int256 widthScale;
        int256 volParamStatic;
        int256 volParamScale;
    }

    struct Collateral { bool isEnabled; bool isRiskCancelling; int256 MMHaircut; int256 IMHaircut; }

    Basis public getBasisContingencyParams;
    Other public getOtherContingencyParams;
    Margin public getMarginParams;
    VolShock public getVolShockParams;
    Skew public getSkewShockParams;
    mapping(address => Collateral) public getCollateralParameters;

    function setParams(Basis calldata basis, Other calldata other, Margin calldata margin, VolShock calldata vol, Skew calldata skew) external {
        (getBasisContingencyParams, getOtherContingencyParams, getMarginParams, getVolShockParams, getSkewShockParams) = (basis, other, margin, vol, skew);
    }

    function setCollateral(address asset, Collateral calldata collateral) external { getCollateralParameters[asset] = collateral; }

    // For the manager: structs, not words.
    function basis() external view returns (Basis memory) { return getBasisContingencyParams; }
    function other() external view returns (Other memory) { return getOtherContingencyParams; }
    function margin() external view returns (Margin memory) { return getMarginParams; }
    function vol() external view returns (VolShock memory) { return getVolShockParams; }
    function skew() external view returns (Skew memory) { return getSkewShockParams; }
    function collateral(address asset) external view returns (Collateral memory) { return getCollateralParameters[asset]; }
}

contract DerivePortfolioManager is IDeriveManager {
    using DeriveMath for int256;

    enum Shock { None, Up, Down, Linear, Abs }

    struct Scenario { int256 spotShock; Shock volShock; int256 dampeningFactor; }

    struct Feeds { DeriveSpotFeed spot; DeriveForwardFeed forward; DeriveRateFeed rate; DeriveVolFeed vol; DeriveSpotFeed stable; }

    struct Option { int256 strike; bool isCall; int256 balance; int256 vol; }

    struct Expiry {
        uint64 expiry;
        uint256 left;
        int256 fixedPart;
        int256 variable;
        int256 confidence;
        int256 discount;
        int256 gains;
        int256 losses;
        int256 volUp;
        int256 volDown;
        int256 mark;
        Option[] options;
    }

    struct Book {
        DerivePortfolioLib lib;
        int256 spot;
        int256 confidence;
        int256 stable;
        int256 moving;
        int256 mark;
        int256 basis;
        int256 maintenanceCharge;
        int256 initialCharge;
        Expiry[] expiries;
    }

    event LibOverrideUpdated(uint256 indexed accountId, address libOverride);

    int256 constant RAY = 1e27;
    uint256 constant thirtyDays = 30 days;

    DeriveSubAccounts public immutable accounts;
    DeriveCash public immutable cash;
    address public immutable option;
    DerivePerp public immutable perp;
    DeriveSpotFeed public immutable spotFeed;
    DeriveForwardFeed public immutable forwardFeed;
    DeriveRateFeed public immutable interestRateFeed;
    DeriveVolFeed public immutable volFeed;
    DeriveSpotFeed public immutable stableFeed;
    DerivePortfolioLib public lib;
    mapping(uint256 => DerivePortfolioLib) public getAccountLib;
    mapping(address => DeriveSpotFeed) public collateralSpotFeeds;
    Scenario[] private scenarios;

    constructor(DeriveSubAccounts _accounts, DeriveCash _cash, address _option, DerivePerp _perp, Feeds memory feeds, DerivePortfolioLib _lib, Scenario[] memory list) {
        (accounts, cash, option, perp, lib) = (_accounts, _cash, _option, _perp, _lib);
        (spotFeed, forwardFeed, interestRateFeed, volFeed, stableFeed) = (feeds.spot, feeds.forward, feeds.rate, feeds.vol, feeds.stable);
        for (uint256 i = 0; i < list.length; i++) scenarios.push(list[i]);
    }

    function setCollateral(address asset, DeriveSpotFeed feed) external { collateralSpotFeeds[asset] = feed; }

    function setScenario(uint256 place, Scenario calldata scenario) external { scenarios[place] = scenario; }

    function setAccountLib(uint256 id, DerivePortfolioLib own) external {
        getAccountLib[id] = own;
        emit LibOverrideUpdated(id, address(own));
    }

    function getScenarios() external view returns (Scenario[] memory) { return scenarios; }

    function getMargin(uint256 id, bool isInitial) public view returns (int256) {
        Book memory b = bookOf(id);
        int256 worst = b.basis;
        for (uint256 i = 0; i < scenarios.length; i++) worst = DeriveMath.min(worst, profitOf(b, scenarios[i]));
        return marginOf(b, worst, isInitial);
    }

    /// By one scenario, which an auction names.
    function getMarginAndMarkToMarket(uint256 id, bool isInitial, uint256 scenarioId) external view returns (int256, int256) {
        Book memory b = bookOf(id);
        return (marginOf(b, DeriveMath.min(b.basis, profitOf(b, scenarios[scenarioId])), isInitial), b.mark);
    }

    function afterTrade(uint256 id) external view { require(getMargin(id, true) >= 0, "not margined"); }

    function settlePerps(uint256 id) external {
        if (accounts.getBalance(id, address(perp), 0) == 0) return;
        int256 won = perp.take(id);
        if (won != 0) accounts.adjustByModule(id, address(cash), 0, won);
    }

    function marginOf(Book memory b, int256 worst, bool isInitial) private view returns (int256) {
        DerivePortfolioLib.Margin memory margin = b.lib.margin();
        if (!isInitial) return worst.mul(margin.mmFactor) - b.maintenanceCharge + b.mark;
        DerivePortfolioLib.Other memory other = b.lib.other();
        int256 factor = margin.imFactor + DeriveMath.max(0, other.pegLossThreshold - b.stable).mul(other.pegLossFactor);
        return worst.mul(factor) - b.initialCharge - b.maintenanceCharge + b.mark;
    }

    function bookOf(uint256 id) private view returns (Book memory b) {
        b.lib = address(getAccountLib[id]) == address(0) ? lib : getAccountLib[id];
        b.mark = accounts.getBalance(id, address(cash), 0);
        (uint256 spot, uint256 sure) = spotFeed.getSpot();
        (uint256 stable,) = stableFeed.getSpot();
        (b.spot, b.confidence, b.stable) = (int256(spot), int256(sure), int256(stable));
        DeriveSubAccounts.AssetBalance[] memory held = accounts.getAccountBalances(id);
        for (uint256 i = 0; i < held.length; i++) if (held[i].asset == address(perp)) addPerp(b, id, held[i].balance);
        for (uint256 i = 0; i < held.length; i++) if (held[i].asset != address(perp) && held[i].asset != option && held[i].asset != address(cash)) addCollateral(b, held[i], int256(sure));
        addOptions(b, held);
    }

    function addPerp(Book memory b, uint256 id, int256 balance) private view {
        (uint256 price, uint256 sure) = perp.getPerpPrice();
        DerivePortfolioLib.Other memory other = b.lib.other();
        b.confidence = DeriveMath.min(b.confidence, int256(sure));
        b.mark += perp.getUnsettledAndUnrealizedCash(id);
        b.moving += balance.mul(int256(price));
        int256 notional = balance.size().mul(b.spot);
        b.maintenanceCharge += notional.mul(other.MMPerpPercent);
        b.initialCharge += notional.mul(other.IMPerpPercent) + doubt(other, b.confidence, notional);
    }

    function addCollateral(Book memory b, DeriveSubAccounts.AssetBalance memory held, int256 spotConfidence) private view {
        DerivePortfolioLib.Collateral memory terms = b.lib.collateral(held.asset);
        require(terms.isEnabled && address(collateralSpotFeeds[held.asset]) != address(0), "no collateral");
        (uint256 price, uint256 sure) = collateralSpotFeeds[held.asset].getSpot();
        int256 worth = held.balance.mul(int256(price)) * 1e18 / b.stable;
        b.mark += worth;
        if (terms.isRiskCancelling) b.moving += worth;
        b.maintenanceCharge += worth.mul(terms.MMHaircut);
        b.initialCharge += worth.mul(terms.IMHaircut) + doubt(b.lib.other(), DeriveMath.min(int256(sure), spotConfidence), worth);
    }

    function addOptions(Book memory b, DeriveSubAccounts.AssetBalance[] memory held) private view {
        b.expiries = new Expiry[](held.length);
        uint256 count = 0;
        for (uint256 i = 0; i < held.length; i++) {
            if (held[i].asset != option) continue;
            uint64 expiry = uint32(held[i].subId);
            bool isKnown = false;
            for (uint256 j = 0; j < i; j++) if (held[j].asset == option && uint32(held[j].subId) == expiry) isKnown = true;
            if (isKnown) continue;
            b.expiries[count] = expiryOf(b, held, expiry);
            addExpiry(b, b.expiries[count++]);
        }
        Expiry[] memory list = b.expiries;
        assembly { mstore(list, count) }
    }

    function expiryOf(Book memory b, DeriveSubAccounts.AssetBalance[] memory held, uint64 expiry) private view returns (Expiry memory e) {
        e.expiry = expiry;
        e.left = block.timestamp < expiry ? expiry - block.timestamp : 0;
        {
            (uint256 fixedPart, uint256 variable, uint256 sure) = forwardFeed.getForwardPricePortions(expiry);
            (e.fixedPart, e.variable, e.confidence) = (int256(fixedPart), int256(variable), DeriveMath.min(int256(sure), b.confidence));
        }
        e.options = new Option[](held.length);
        uint256 count = 0;
        for (uint256 i = 0; i < held.length; i++) {
            if (held[i].asset != option || uint32(held[i].subId) != expiry) continue;
            int256 strike = int256((held[i].subId >> 32) & (2 ** 63 - 1)) * 1e10;
            (uint256 vol, uint256 sure) = volFeed.getVol(uint128(uint256(strike)), expiry);
            e.confidence = DeriveMath.min(e.confidence, int256(sure));
            e.options[count++] = Option(strike, held[i].subId >> 95 != 0, held[i].balance, int256(vol));
        }
        Option[] memory list = e.options;
        assembly { mstore(list, count) }
        addRate(b, e);
        addVols(b, e);
        e.mark = valueOf(e, 1e18, 1e18, 0);
    }

    // What gains and losses are discounted by, beyond the interest.
    function addRate(Book memory b, Expiry memory e) private view {
        (int256 rate, uint256 sure) = interestRateFeed.getInterestRate(e.expiry);
        e.confidence = DeriveMath.min(e.confidence, int256(sure));
        rate = DeriveMath.max(0, rate);
        DerivePortfolioLib.Margin memory margin = b.lib.margin();
        int256 time = int256(e.left) * 1e27 / int256(DeriveMath.YEAR);
        e.discount = DeriveMath.expOfMinus(rate * time / 1e18);
        e.gains = margin.longBaseStaticDiscount * DeriveMath.expOfMinus((rate.mul(margin.longRateMultScale) + margin.longRateAddScale) * time / 1e18) / 1e18;
        int256 losses = margin.shortBaseStaticDiscount * DeriveMath.exp((rate.mul(margin.shortRateMultScale) + margin.shortRateAddScale) * time / 1e18) / 1e18;
        e.losses = DeriveMath.min(RAY * RAY / e.discount, losses);
    }

    // Volatilities move the more the nearer the expiry is.
    function addVols(Book memory b, Expiry memory e) private view {
        DerivePortfolioLib.VolShock memory vol = b.lib.vol();
        uint256 floored = e.left > vol.dteFloor ? e.left : vol.dteFloor;
        int256 power = e.left <= thirtyDays ? vol.shortTermPower : vol.longTermPower;
        int256 scale = DeriveMath.exp(DeriveMath.ln(int256(thirtyDays * 1e27 / floored)) * power / 1e18);
        e.volUp = 1e18 + vol.volRangeUp * scale / RAY;
        e.volDown = DeriveMath.max(0, 1e18 - vol.volRangeDown * scale / RAY);
    }

    function addExpiry(Book memory b, Expiry memory e) private view {
        DerivePortfolioLib.Basis memory basis = b.lib.basis();
        DerivePortfolioLib.Other memory other = b.lib.other();
        b.mark += e.mark;
        int256 worst = DeriveMath.min(valueOf(e, basis.scenarioSpotUp, 1e18, 0), valueOf(e, basis.scenarioSpotDown, 1e18, 0)) - e.mark;
        int256 time = int256(e.left) * 1e18 / int256(DeriveMath.YEAR);
        b.basis += DeriveMath.min(0, worst).mul(basis.basisContAddFactor + basis.basisContMultFactor.mul(time));
        (int256 naked, int256 size) = sizesOf(e);
        b.maintenanceCharge += naked.mul(b.spot).mul(other.MMOptionPercent);
        b.initialCharge += naked.mul(b.spot).mul(other.IMOptionPercent) + doubt(other, e.confidence, size.mul(b.spot));
    }

    // Of each strike what is short beyond what is long, whichever the kind.
    function sizesOf(Expiry memory e) private pure returns (int256 naked, int256 size) {
        for (uint256 i = 0; i < e.options.length; i++) {
            size += e.options[i].balance.size();
            int256 net = 0;
            bool isFirst = true;
            for (uint256 j = 0; j < e.options.length; j++) {
                if (e.options[j].strike != e.options[i].strike) continue;
                if (j < i) isFirst = false;
                net += e.options[j].balance;
            }
            if (isFirst && net < 0) naked -= net;
        }
    }

    function doubt(DerivePortfolioLib.Other memory other, int256 confidence, int256 notional) private pure returns (int256) {
        return confidence < other.confThreshold ? (1e18 - confidence).mul(other.confMargin).mul(notional) : int256(0);
    }

    function profitOf(Book memory b, Scenario memory s) private view returns (int256 sum) {
        sum = b.moving.mul(s.spotShock - 1e18);
        for (uint256 i = 0; i < b.expiries.length; i++) sum += profitIn(b, b.expiries[i], s);
        return sum.mul(s.dampeningFactor);
    }

    function profitIn(Book memory b, Expiry memory e, Scenario memory s) private view returns (int256) {
        bool isSkewed = s.volShock == Shock.Linear || s.volShock == Shock.Abs;
        int256 worth = isSkewed ? skewedOf(b, e, s.volShock == Shock.Linear)
            : s.volShock == Shock.Up ? valueOf(e, s.spotShock, e.volUp, b.lib.vol().minVolUpShock)
            : valueOf(e, s.spotShock, s.volShock == Shock.Down ? e.volDown : int256(1e18), 0);
        int256 profit = worth * (worth >= 0 ? e.gains : e.losses) / RAY - e.mark;
        return isSkewed ? -profit.size() : profit;
    }

    function valueOf(Expiry memory e, int256 spotShock, int256 volFactor, int256 least) private pure returns (int256 sum) {
        int256 forward = e.variable.mul(spotShock) + e.fixedPart;
        for (uint256 i = 0; i < e.options.length; i++) {
            Option memory o = e.options[i];
            sum += DeriveMath.black76(o.isCall, forward, o.strike, DeriveMath.max(least, o.vol.mul(volFactor)), e.left).mul(o.balance);
        }
        return sum * e.discount / RAY;
    }

    function skewedOf(Book memory b, Expiry memory e, bool isLinear) private view returns (int256 sum) {
        int256 forward = e.variable + e.fixedPart;
        (int256 cap, int256 width) = skewOf(b.lib.skew(), e.left, isLinear);
        for (uint256 i = 0; i < e.options.length; i++) {
            Option memory o = e.options[i];
            int256 vol = o.vol * tiltOf(DeriveMath.ln(o.strike * RAY / forward), cap, width, isLinear) / RAY;
            sum += DeriveMath.black76(o.isCall, forward, o.strike, vol, e.left).mul(o.balance);
        }
        return sum * e.discount / RAY;
    }

    function skewOf(DerivePortfolioLib.Skew memory skew, uint256 left, bool isLinear) private pure returns (int256 cap, int256 width) {
        int256 root = int256(DeriveMath.sqrt(left * 1e36 / DeriveMath.YEAR));
        cap = isLinear ? skew.linearCBase.mul(root) + skew.linearBaseCap : skew.absCBase.mul(root) + skew.absBaseCap;
        width = DeriveMath.max(skew.minKStar, root.mul(skew.widthScale).mul(skew.volParamStatic + root.mul(skew.volParamScale)));
    }

    // The smile tilted, or its wings raised.
    function tiltOf(int256 k, int256 cap, int256 width, bool isLinear) private pure returns (int256) {
        int256 tilt = (isLinear ? k : k.size()) * cap / width;
        return DeriveMath.max(0, RAY + DeriveMath.max(-cap * 1e9, DeriveMath.min(cap * 1e9, tilt)));
    }
}
