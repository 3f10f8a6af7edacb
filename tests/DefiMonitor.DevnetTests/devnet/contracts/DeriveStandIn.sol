// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// A small stand-in of our own for Derive v2, whose contracts are on no registry: sub-accounts, cash with interest, options, perpetuals, wrapped tokens, feeds, the Standard
// Manager and the auction house, written from published formulas. No token moves, and anyone may govern and feed. Figures have 18 decimals.

/// Elementary functions in 27 decimals, and Black-76.
library DeriveMath {
    int256 internal constant RAY = 1e27;
    int256 private constant LN2 = 693147180559945309417232121;
    int256 private constant SQRT_TAU = 2506628274631000502415765285;
    uint256 internal constant YEAR = 31_536_000;

    function mul(int256 a, int256 b) internal pure returns (int256) { return a * b / 1e18; }

    function max(int256 a, int256 b) internal pure returns (int256) { return a > b ? a : b; }

    function min(int256 a, int256 b) internal pure returns (int256) { return a < b ? a : b; }

    function size(int256 a) internal pure returns (int256) { return a < 0 ? -a : a; }

    /// Newton's iteration from above.
    function sqrt(uint256 x) internal pure returns (uint256 root) {
        if (x == 0) return 0;
        root = 1;
        for (uint256 rest = x; rest > 0; rest >>= 2) root <<= 1;
        for (uint256 next = (root + x / root) >> 1; next < root; next = (root + x / root) >> 1) root = next;
    }

    /// exp(-x) for x of 0 or more: a power of two, and Taylor's series of a sixteenth of the rest.
    function expOfMinus(int256 x) internal pure returns (int256 result) {
        if (x > 120 * RAY) return 0;
        unchecked {
            int256 twos = x / LN2;
            int256 r = (x - twos * LN2) / 16;
            int256 term = RAY;
            result = RAY;
            for (int256 n = 1; n < 14; n++) {
                term = -term * r / (n * RAY);
                result += term;
            }
            for (uint256 i = 0; i < 4; i++) result = result * result / RAY;
            result >>= uint256(twos);
        }
    }

    function exp(int256 x) internal pure returns (int256) { return x < 0 ? expOfMinus(-x) : RAY * RAY / expOfMinus(x); }

    /// By the series of the inverse hyperbolic tangent, once x is between the root of a half and of two.
    function ln(int256 x) internal pure returns (int256 result) {
        require(x > 0, "ln");
        unchecked {
            int256 twos = 0;
            for (; x > 1414213562373095048801688724; twos++) x >>= 1;
            for (; x < 707106781186547524400844362; twos--) x <<= 1;
            int256 z = (x - RAY) * RAY / (x + RAY);
            int256 square = z * z / RAY;
            for (int256 n = 1; z != 0; n += 2) {
                result += z / n;
                z = z * square / RAY;
            }
            result = 2 * result + twos * LN2;
        }
    }

    /// The normal distribution: a series of its density near 0, a continued fraction of its tail.
    function normal(int256 x) internal pure returns (int256) {
        unchecked {
            int256 a = size(x);
            if (a > 14 * RAY) return x > 0 ? RAY : int256(0);
            int256 density = expOfMinus(a * a / (2 * RAY)) * RAY / SQRT_TAU;
            int256 tail;
            if (a < 5 * RAY) {
                int256 term = a;
                int256 sum = a;
                int256 square = a * a / RAY;
                for (int256 n = 3; term > 10; n += 2) {
                    term = term * square / (n * RAY);
                    sum += term;
                }
                tail = RAY / 2 - density * sum / RAY;
            } else {
                int256 fraction = a;
                for (int256 n = 40; n > 0; n--) fraction = a + n * RAY * RAY / fraction;
                tail = density * RAY / fraction;
            }
            return x > 0 ? RAY - tail : tail;
        }
    }

    /// Undiscounted, of one option; without volatility or time it is the payoff.
    function black76(bool isCall, int256 forward, int256 strike, int256 vol, uint256 secondsLeft) internal pure returns (int256) {
        int256 payoff = max(0, isCall ? forward - strike : strike - forward);
        int256 deviation = vol * int256(sqrt(secondsLeft * 1e54 / YEAR)) / 1e18;
        if (deviation == 0 || forward == 0 || strike == 0) return payoff;
        if (deviation >= 24 * RAY) return isCall ? forward : strike;
        int256 d1 = ln(forward * RAY / strike) * RAY / deviation + deviation / 2;
        int256 call = (forward * normal(d1) - strike * normal(d1 - deviation)) / RAY;
        return max(payoff, isCall ? call : call - forward + strike);
    }
}

contract DeriveToken {
    string public symbol;

    constructor(string memory _symbol) { symbol = _symbol; }
}

// Feeds: what was told last, with how sure it is, until it is older than the heartbeat

contract DeriveSpotFeed {
    uint64 public heartbeat = 1_200;
    uint256 public price;
    uint256 public confidence;
    uint256 public told;

    function set(uint256 _price, uint256 _confidence) public virtual { (price, confidence, told) = (_price, _confidence, block.timestamp); }

    function getSpot() public view returns (uint256, uint256) {
        require(block.timestamp <= told + heartbeat, "stale spot");
        return (price, confidence);
    }
}

/// A forward is the spot and a difference; in the last half hour the average of the spot so far takes its place, and at the end it is the settlement price.
contract DeriveForwardFeed is DeriveSpotFeed {
    uint256 constant window = 1_800;

    DeriveSpotFeed public immutable spotFeed;
    mapping(uint64 => int256) public difference;
    mapping(uint64 => uint256) public confidenceOf;
    mapping(uint64 => uint256) public toldOf;
    /// Price times seconds of the window, up to when.
    mapping(uint64 => uint256) public sum;
    mapping(uint64 => uint256) public upTo;

    constructor(DeriveSpotFeed _spotFeed) { spotFeed = _spotFeed; }

    function setForward(uint64 expiry, int256 _difference, uint256 _confidence) external {
        collect(expiry);
        (difference[expiry], confidenceOf[expiry], toldOf[expiry]) = (_difference, _confidence, block.timestamp);
    }

    /// The spot as it stands counts for all of the window that has gone by uncounted.
    function collect(uint64 expiry) public {
        uint256 to = block.timestamp < expiry ? block.timestamp : expiry;
        uint256 from = upTo[expiry] == 0 ? expiry - window : upTo[expiry];
        if (to <= from) return;
        sum[expiry] += spotFeed.price() * (to - from);
        upTo[expiry] = to;
    }

    function getForwardPricePortions(uint64 expiry) external view returns (uint256 fixedPart, uint256 variable, uint256) {
        uint256 at = block.timestamp < expiry ? block.timestamp : expiry;
        require(toldOf[expiry] != 0 && at <= toldOf[expiry] + heartbeat, "stale forward");
        if (at == expiry) {
            require(upTo[expiry] == expiry, "not settled");
            return (sum[expiry] / window, 0, 1e18);
        }
        (uint256 spot,) = spotFeed.getSpot();
        variable = uint256(int256(spot) + difference[expiry]);
        if (at + window > expiry) {
            // Known up to the last collection; the rest of the window is still open.
            uint256 left = upTo[expiry] == 0 ? window : expiry - upTo[expiry];
            (fixedPart, variable) = (sum[expiry] / window, variable * left / window);
        }
        return (fixedPart, variable, confidenceOf[expiry]);
    }
}

/// A slice of total variance an expiry (raw SVI), as it was fitted: it is not annualised anew while time goes by.
contract DeriveVolFeed {
    using DeriveMath for int256;

    struct Slice {
        int256 a;
        int256 b;
        int256 rho;
        int256 m;
        int256 sigma;
        int256 forward;
        uint256 refTau;
        uint256 confidence;
        uint256 told;
    }

    uint64 public heartbeat = 1_200;
    mapping(uint64 => Slice) public slices;

    function set(uint64 expiry, Slice calldata slice) external {
        slices[expiry] = slice;
        slices[expiry].told = block.timestamp;
    }

    function getVol(uint128 strike, uint64 expiry) external view returns (uint256, uint256) {
        Slice memory s = slices[expiry];
        uint256 at = block.timestamp < expiry ? block.timestamp : expiry;
        require(s.told != 0 && at <= s.told + heartbeat, "stale volatility");
        if (strike == 0) return (0, s.confidence);
        int256 k = DeriveMath.ln(int256(uint256(strike)) * 1e27 / s.forward) / 1e9;
        int256 reach = 4 * root(s.a + s.b.mul(s.sigma));
        k = DeriveMath.max(-reach, DeriveMath.min(reach, k));
        int256 y = k - s.m;
        int256 w = s.a + s.b.mul(s.rho.mul(y) + root(y.mul(y) + s.sigma.mul(s.sigma)));
        require(w >= 0, "variance below 0");
        w = DeriveMath.min(w, 144e18);
        return (DeriveMath.sqrt(uint256(w) * 1e36 / s.refTau), s.confidence);
    }

    function root(int256 x) private pure returns (int256) { return int256(DeriveMath.sqrt(uint256(x) * 1e18)); }
}

contract DeriveRateFeed {
    uint64 public heartbeat = 1_200;
    mapping(uint64 => int256) public rate;
    mapping(uint64 => uint256) public confidence;
    mapping(uint64 => uint256) public told;

    function setRate(uint64 expiry, int256 _rate, uint256 _confidence) external { (rate[expiry], confidence[expiry], told[expiry]) = (_rate, _confidence, block.timestamp); }

    function getInterestRate(uint64 expiry) external view returns (int256, uint256) {
        uint256 at = block.timestamp < expiry ? block.timestamp : expiry;
        require(told[expiry] != 0 && at <= told[expiry] + heartbeat, "stale rate");
        return (rate[expiry], confidence[expiry]);
    }
}

interface IDeriveAsset {
    function adjusted(uint256 accountId, int256 pre, int256 amount) external returns (int256 post);
}

interface IDeriveManager {
    function afterTrade(uint256 accountId) external view;
}

contract DeriveSubAccounts {
    struct AssetBalance {
        address asset;
        uint256 subId;
        int256 balance;
    }

    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event AccountManagerChanged(uint256 indexed accountId, address indexed oldManager, address indexed newManager);
    event BalanceAdjusted(
        uint256 indexed accountId, address indexed manager, bytes32 indexed assetAndSubId, int256 amount, int256 preBalance, int256 postBalance, uint256 tradeId);

    uint256 public lastAccountId;
    uint256 public lastTradeId;
    mapping(uint256 => address) private owners;
    mapping(uint256 => address) public manager;
    mapping(address => uint256) public balanceOf;
    mapping(uint256 => mapping(address => mapping(uint256 => int256))) public getBalance;
    mapping(uint256 => AssetBalance[]) private held;
    mapping(uint256 => mapping(address => mapping(uint256 => uint256))) private place;
    /// Managers, assets and the auction house.
    mapping(address => bool) public trusted;
    /// Accounts that an auction holds.
    mapping(uint256 => bool) public locked;

    function trust(address module) external { trusted[module] = true; }

    function ownerOf(uint256 id) external view returns (address) {
        require(owners[id] != address(0), "no such account");
        return owners[id];
    }

    function getAccountBalances(uint256 id) external view returns (AssetBalance[] memory list) {
        list = held[id];
        for (uint256 i = 0; i < list.length; i++) list[i].balance = getBalance[id][list[i].asset][list[i].subId];
    }

    function createAccount(address owner, address _manager) external returns (uint256 id) {
        id = ++lastAccountId;
        owners[id] = owner;
        manager[id] = _manager;
        balanceOf[owner]++;
        emit Transfer(address(0), owner, id);
        emit AccountManagerChanged(id, address(0), _manager);
    }

    function transferFrom(address from, address to, uint256 id) external {
        require(owners[id] == from && msg.sender == from && to != address(0), "not his");
        owners[id] = to;
        balanceOf[from]--;
        balanceOf[to]++;
        emit Transfer(from, to, id);
    }

    function changeManager(uint256 id, address to) external {
        require(owners[id] == msg.sender && manager[id] != to && !locked[id], "not his to change");
        emit AccountManagerChanged(id, manager[id], to);
        manager[id] = to;
        IDeriveManager(to).afterTrade(id);
    }

    /// So much of an asset against so much cash; both sides must be margined afterwards.
    function trade(uint256 from, uint256 to, address asset, uint256 subId, int256 amount, address cash, int256 price) external {
        require(owners[from] == msg.sender && from != to && !locked[from] && !locked[to], "may not trade");
        lastTradeId++;
        adjust(from, asset, subId, -amount);
        adjust(to, asset, subId, amount);
        adjust(from, cash, 0, price);
        adjust(to, cash, 0, -price);
        IDeriveManager(manager[from]).afterTrade(from);
        IDeriveManager(manager[to]).afterTrade(to);
    }

    function adjustByModule(uint256 id, address asset, uint256 subId, int256 amount) external {
        require(trusted[msg.sender], "not trusted");
        lastTradeId++;
        adjust(id, asset, subId, amount);
    }

    function lock(uint256 id, bool on) external {
        require(trusted[msg.sender], "not trusted");
        locked[id] = on;
    }

    function adjust(uint256 id, address asset, uint256 subId, int256 amount) private {
        int256 pre = getBalance[id][asset][subId];
        int256 post = IDeriveAsset(asset).adjusted(id, pre, amount);
        getBalance[id][asset][subId] = post;
        if (pre == 0 && post != 0) {
            held[id].push(AssetBalance(asset, subId, 0));
            place[id][asset][subId] = held[id].length;
        } else if (pre != 0 && post == 0) {
            // The last takes its place.
            AssetBalance memory last = held[id][held[id].length - 1];
            uint256 at = place[id][asset][subId];
            held[id][at - 1] = last;
            place[id][last.asset][last.subId] = at;
            held[id].pop();
        }
        emit BalanceAdjusted(id, manager[id], bytes32((uint256(uint160(asset)) << 96) | subId), amount, pre, post, lastTradeId);
    }
}

// Assets

/// A wrapped token, and options: what is adjusted is what they become.
contract DeriveAsset is IDeriveAsset {
    DeriveSubAccounts internal immutable accounts;
    address public immutable wrappedAsset;

    constructor(DeriveSubAccounts _accounts, address token) {
        accounts = _accounts;
        wrappedAsset = token;
    }

    function adjusted(uint256, int256 pre, int256 amount) external virtual returns (int256 post) {
        require(msg.sender == address(accounts), "not the accounts");
        post = pre + amount;
        require(wrappedAsset == address(0) || post >= 0, "none to borrow");
    }

    function deposit(uint256 id, int256 amount) external {
        require(amount > 0);
        accounts.adjustByModule(id, address(this), 0, amount);
    }

    function withdraw(uint256 id, int256 amount) external {
        require(amount > 0 && accounts.ownerOf(id) == msg.sender && !accounts.locked(id), "not his to take");
        accounts.adjustByModule(id, address(this), 0, -amount);
        IDeriveManager(accounts.manager(id)).afterTrade(id);
    }
}

/// Who owes pays by an index, who has earns four fifths of it.
contract DeriveCash is DeriveAsset {
    using DeriveMath for int256;

    int256 public borrowIndex = 1e18;
    int256 public supplyIndex = 1e18;
    int256 public totalBorrow;
    int256 public totalSupply;
    uint256 public lastTimestamp = block.timestamp;
    mapping(uint256 => int256) private indexOf;

    constructor(DeriveSubAccounts _accounts, address token) DeriveAsset(_accounts, token) {}

    function adjusted(uint256 id, int256 pre, int256 amount) external override returns (int256 post) {
        require(msg.sender == address(accounts), "not the accounts");
        accrueInterest();
        int256 due = withInterest(id, pre, borrowIndex, supplyIndex);
        post = due + amount;
        totalSupply += DeriveMath.max(0, post) - DeriveMath.max(0, due);
        totalBorrow += DeriveMath.max(0, -post) - DeriveMath.max(0, -due);
        indexOf[id] = post < 0 ? borrowIndex : supplyIndex;
    }

    /// No view, as in the real one: what follows in the same call sees that interest was accrued.
    function calculateBalanceWithInterest(uint256 id) external returns (int256) {
        accrueInterest();
        return withInterest(id, accounts.getBalance(id, address(this), 0), borrowIndex, supplyIndex);
    }

    function accrueInterest() public {
        (borrowIndex, supplyIndex, totalBorrow, totalSupply) = accrued();
        lastTimestamp = block.timestamp;
    }

    function settleInterest(uint256 id) external { accounts.adjustByModule(id, address(this), 0, 0); }

    function withInterest(uint256 id, int256 balance, int256 borrow, int256 supply) private view returns (int256) {
        return balance == 0 ? int256(0) : balance * (balance < 0 ? borrow : supply) / indexOf[id];
    }

    // 2 % a year and 8 % times the use, 90 % of what is above 85 %; compounded without an end.
    function accrued() private view returns (int256, int256, int256, int256) {
        int256 dt = int256(block.timestamp - lastTimestamp);
        if (dt == 0 || totalBorrow <= 0 || totalSupply <= 0) return (borrowIndex, supplyIndex, totalBorrow, totalSupply);
        int256 use = DeriveMath.min(1e18, totalBorrow * 1e18 / totalSupply);
        int256 rate = 0.02e18 + use.mul(0.08e18) + DeriveMath.max(0, use - 0.85e18).mul(0.82e18);
        int256 grown = 1e45 / DeriveMath.expOfMinus(rate * 1e9 * dt / int256(DeriveMath.YEAR)) - 1e18;
        int256 earned = totalBorrow.mul(grown) * 4 / 5;
        return (borrowIndex + borrowIndex.mul(grown), supplyIndex + supplyIndex * earned / totalSupply, totalBorrow + totalBorrow.mul(grown), totalSupply + earned);
    }
}

/// What has been won and paid in funding since a position was touched is the account's to settle.
contract DerivePerp is IDeriveAsset {
    using DeriveMath for int256;

    struct Position {
        int256 mark;
        int256 funding;
        int256 won;
    }

    DeriveSubAccounts private immutable accounts;
    DeriveSpotFeed public immutable perpFeed;
    int256 public fundingRate = 0.1e18;
    int256 public funding;
    uint256 public fundedAt = block.timestamp;
    mapping(uint256 => Position) private positions;

    constructor(DeriveSubAccounts _accounts, DeriveSpotFeed feed) {
        accounts = _accounts;
        perpFeed = feed;
    }

    function getPerpPrice() external view returns (uint256, uint256) { return perpFeed.getSpot(); }

    function getUnsettledAndUnrealizedCash(uint256 id) external view returns (int256) {
        (uint256 price,) = perpFeed.getSpot();
        return owed(id, accounts.getBalance(id, address(this), 0), int256(price), fundingNow());
    }

    function adjusted(uint256 id, int256 pre, int256 amount) external returns (int256) {
        require(msg.sender == address(accounts), "not the accounts");
        touch(id, pre);
        return pre + amount;
    }

    /// Takes what is to be settled.
    function take(uint256 id) external returns (int256 won) {
        require(accounts.trusted(msg.sender), "not trusted");
        touch(id, accounts.getBalance(id, address(this), 0));
        won = positions[id].won;
        positions[id].won = 0;
    }

    /// What is counted here is not counted anew at another price.
    function accrue() public { (funding, fundedAt) = (fundingNow(), block.timestamp); }

    function setFundingRate(int256 rate) external {
        accrue();
        fundingRate = rate;
    }

    function touch(uint256 id, int256 balance) private {
        (uint256 price,) = perpFeed.getSpot();
        accrue();
        positions[id] = Position(int256(price), funding, owed(id, balance, int256(price), funding));
    }

    function owed(uint256 id, int256 balance, int256 price, int256 now_) private view returns (int256) {
        Position storage p = positions[id];
        return p.won + balance.mul(price - p.mark) - balance.mul(now_ - p.funding);
    }

    // Of one perpetual; a year's rate on the price as it was told last.
    function fundingNow() private view returns (int256) {
        return funding + fundingRate.mul(int256(perpFeed.price())) * int256(block.timestamp - fundedAt) / int256(DeriveMath.YEAR);
    }
}

/// The margin of each market for itself, and the cash.
contract DeriveStandardManager is IDeriveManager {
    using DeriveMath for int256;

    struct Feeds {
        DeriveSpotFeed spot;
        DeriveForwardFeed forward;
        DeriveVolFeed vol;
    }

    struct PerpReq { int256 mmPerpReq; int256 imPerpReq; }

    struct OptionReq {
        int256 maxSpotReq;
        int256 minSpotReq;
        int256 mmCallSpotReq;
        int256 mmPutSpotReq;
        int256 MMPutMtMReq;
        int256 unpairedIMScale;
        int256 unpairedMMScale;
        int256 mmOffsetScale;
    }

    struct BaseReq { int256 marginFactor; int256 IMScale; }

    struct Contingency { int256 perpThreshold; int256 optionThreshold; int256 baseThreshold; int256 OCFactor; }

    struct Depeg { int256 threshold; int256 depegFactor; }

    struct Option { uint64 expiry; int256 strike; bool isCall; int256 balance; bool counted; }

    struct Book {
        int256 perp;
        int256 base;
        uint256 count;
        Option[] options;
    }

    struct Expiry {
        uint64 expiry;
        int256 forward;
        int256 confidence;
        int256 isolated;
        int256 shorts;
        int256 netCalls;
        int256 worst;
        int256 mark;
    }

    struct View {
        uint256 market;
        bool isInitial;
        int256 spot;
        int256 confidence;
        int256 stable;
        int256 penalised;
    }

    event AssetWhitelisted(address asset, uint256 marketId, uint8 assetType);
    event OraclesSet(uint256 marketId, address spotOracle, address forwardOracle, address volFeed);

    uint8 constant isOption = 1;
    uint8 constant isPerp = 2;
    uint8 constant isBase = 3;

    DeriveSubAccounts public immutable accounts;
    DeriveCash public immutable cash;
    DeriveSpotFeed public immutable stableFeed;
    uint256 public lastMarketId;
    mapping(uint256 => mapping(uint8 => address)) public assetMap;
    mapping(address => uint256) public marketOf;
    mapping(address => uint8) public typeOf;
    mapping(uint256 => Feeds) public getMarketFeeds;
    mapping(uint256 => PerpReq) public perpMarginRequirements;
    mapping(uint256 => OptionReq) public optionMarginParams;
    mapping(uint256 => BaseReq) public baseMarginParams;
    mapping(uint256 => Contingency) public oracleContingencyParams;
    Depeg public depegParams;

    constructor(DeriveSubAccounts _accounts, DeriveCash _cash, DeriveSpotFeed stable) {
        accounts = _accounts;
        cash = _cash;
        stableFeed = stable;
    }

    // Governors

    function createMarket() external { lastMarketId++; }

    function whitelist(address asset, uint256 market, uint8 kind) external {
        assetMap[market][kind] = asset;
        (marketOf[asset], typeOf[asset]) = (market, kind);
        emit AssetWhitelisted(asset, market, kind);
    }

    function setOracles(uint256 market, Feeds calldata feeds) external {
        getMarketFeeds[market] = feeds;
        emit OraclesSet(market, address(feeds.spot), address(feeds.forward), address(feeds.vol));
    }

    function setPerpReq(uint256 market, PerpReq calldata req) external { perpMarginRequirements[market] = req; }
    function setOptionReq(uint256 market, OptionReq calldata req) external { optionMarginParams[market] = req; }
    function setBaseReq(uint256 market, BaseReq calldata req) external { baseMarginParams[market] = req; }
    function setContingency(uint256 market, Contingency calldata req) external { oracleContingencyParams[market] = req; }
    function setDepeg(Depeg calldata depeg) external { depegParams = depeg; }

    // Margin

    function getMargin(uint256 id, bool isInitial) external view returns (int256 margin) { (margin,) = marginOf(id, isInitial); }

    function getMarginAndMarkToMarket(uint256 id, bool isInitial, uint256) external view returns (int256, int256) { return marginOf(id, isInitial); }

    function afterTrade(uint256 id) external view {
        (int256 margin,) = marginOf(id, true);
        require(margin >= 0, "not margined");
    }

    function marginOf(uint256 id, bool isInitial) private view returns (int256 margin, int256 mark) {
        DeriveSubAccounts.AssetBalance[] memory held = accounts.getAccountBalances(id);
        margin = accounts.getBalance(id, address(cash), 0);
        mark = margin;
        (uint256 stable,) = stableFeed.getSpot();
        for (uint256 market = 1; market <= lastMarketId; market++) {
            Book memory book = bookOf(held, market);
            if (book.count == 0) continue;
            (uint256 spot, uint256 confidence) = getMarketFeeds[market].spot.getSpot();
            View memory v = View(market, isInitial, int256(spot), int256(confidence), int256(stable), 0);
            (int256 ofPerp, int256 perpMark) = perpMargin(v, id, book.perp);
            (int256 ofBase, int256 baseMark) = baseMargin(v, book.base);
            (int256 ofOptions, int256 optionMark) = optionMargin(v, book.options);
            margin += ofPerp + ofBase + ofOptions - depegOf(v);
            mark += perpMark + baseMark + optionMark;
        }
    }

    function bookOf(DeriveSubAccounts.AssetBalance[] memory held, uint256 market) private view returns (Book memory book) {
        book.options = new Option[](held.length);
        uint256 options = 0;
        for (uint256 i = 0; i < held.length; i++) {
            if (held[i].asset == address(cash)) continue;
            require(marketOf[held[i].asset] != 0, "an asset of no market");
            if (marketOf[held[i].asset] != market) continue;
            book.count++;
            uint8 kind = typeOf[held[i].asset];
            if (kind == isPerp) book.perp = held[i].balance;
            else if (kind == isBase) book.base = held[i].balance;
            else book.options[options++] = optionOf(held[i].subId, held[i].balance);
        }
        Option[] memory list = book.options;
        assembly { mstore(list, options) }
    }

    function optionOf(uint256 subId, int256 balance) private pure returns (Option memory) {
        return Option(uint64(uint32(subId)), int256((subId >> 32) & (2 ** 63 - 1)) * 1e10, subId >> 95 != 0, balance, false);
    }

    function depegOf(View memory v) private view returns (int256) {
        return v.isInitial ? v.penalised.mul(DeriveMath.max(0, depegParams.threshold - v.stable).mul(depegParams.depegFactor)).mul(v.spot) : int256(0);
    }

    function doubt(View memory v, int256 confidence, int256 threshold) private view returns (int256) {
        return v.isInitial && confidence < threshold ? (1e18 - confidence).mul(oracleContingencyParams[v.market].OCFactor).mul(v.spot) : int256(0);
    }

    function perpMargin(View memory v, uint256 id, int256 balance) private view returns (int256 margin, int256 mark) {
        if (balance == 0) return (0, 0);
        DerivePerp perp = DerivePerp(assetMap[v.market][isPerp]);
        mark = perp.getUnsettledAndUnrealizedCash(id);
        v.penalised += balance.size();
        margin = mark - perpReqOf(v, perp).mul(balance.size());
    }

    function perpReqOf(View memory v, DerivePerp perp) private view returns (int256) {
        (uint256 price, uint256 confidence) = perp.getPerpPrice();
        PerpReq storage req = perpMarginRequirements[v.market];
        return int256(price).mul(v.isInitial ? req.imPerpReq : req.mmPerpReq)
            + doubt(v, DeriveMath.min(v.confidence, int256(confidence)), oracleContingencyParams[v.market].perpThreshold);
    }

    function baseMargin(View memory v, int256 balance) private view returns (int256 margin, int256 mark) {
        if (balance == 0) return (0, 0);
        int256 worth = balance.mul(v.spot);
        BaseReq memory req = baseMarginParams[v.market];
        margin = worth.mul(req.marginFactor);
        if (v.isInitial) margin = margin.mul(req.IMScale);
        if (margin != 0) margin -= doubt(v, v.confidence, oracleContingencyParams[v.market].baseThreshold).mul(balance);
        mark = worth * 1e18 / v.stable;
    }

    // Expiry by expiry.
    function optionMargin(View memory v, Option[] memory options) private view returns (int256 margin, int256 mark) {
        for (uint256 i = 0; i < options.length; i++) {
            if (options[i].counted) continue;
            (int256 one, int256 worth) = expiryMargin(v, options, options[i].expiry);
            margin += one;
            mark += worth;
        }
    }

    function expiryMargin(View memory v, Option[] memory options, uint64 expiry) private view returns (int256, int256) {
        Expiry memory e;
        e.expiry = expiry;
        {
            (uint256 fixedPart, uint256 variable, uint256 sure) = getMarketFeeds[v.market].forward.getForwardPricePortions(expiry);
            e.forward = int256(fixedPart + variable);
            e.confidence = DeriveMath.min(v.confidence, int256(sure));
        }
        e.worst = payoffAt(options, expiry, 0);
        for (uint256 i = 0; i < options.length; i++) {
            if (options[i].expiry != expiry) continue;
            options[i].counted = true;
            e.worst = DeriveMath.min(e.worst, payoffAt(options, expiry, options[i].strike));
            count(v, e, options[i]);
        }
        OptionReq storage req = optionMarginParams[v.market];
        if (e.netCalls < 0) e.worst += e.netCalls.mul(v.isInitial ? req.unpairedIMScale : req.unpairedMMScale).mul(e.forward);
        v.penalised += e.shorts;
        int256 doubted = doubt(v, e.confidence, oracleContingencyParams[v.market].optionThreshold).mul(e.shorts);
        return (DeriveMath.max(e.isolated, e.worst) - doubted, e.mark);
    }

    function count(View memory v, Expiry memory e, Option memory o) private view {
        (uint256 vol, uint256 sure) = getMarketFeeds[v.market].vol.getVol(uint128(uint256(o.strike)), o.expiry);
        uint256 left = block.timestamp < o.expiry ? o.expiry - block.timestamp : 0;
        int256 worth = DeriveMath.black76(o.isCall, e.forward, o.strike, int256(vol), left).mul(o.balance);
        e.confidence = DeriveMath.min(e.confidence, int256(sure));
        e.mark += worth;
        if (o.isCall) e.netCalls += o.balance;
        if (o.balance < 0) {
            e.shorts -= o.balance;
            e.isolated += o.isCall ? shortCall(v, o, worth) : shortPut(v, o, worth);
        }
    }

    // What all of an expiry would pay at a price, where that is a loss.
    function payoffAt(Option[] memory options, uint64 expiry, int256 price) private pure returns (int256 sum) {
        for (uint256 i = 0; i < options.length; i++) {
            Option memory o = options[i];
            if (o.expiry == expiry) sum += DeriveMath.max(0, o.isCall ? price - o.strike : o.strike - price).mul(o.balance);
        }
        return DeriveMath.min(0, sum);
    }

    function shortCall(View memory v, Option memory o, int256 worth) private view returns (int256) {
        return (v.isInitial ? initialShare(v, o.strike - v.spot) : optionMarginParams[v.market].mmCallSpotReq).mul(v.spot).mul(o.balance) + worth;
    }

    function shortPut(View memory v, Option memory o, int256 worth) private view returns (int256) {
        OptionReq storage req = optionMarginParams[v.market];
        int256 maintenance = DeriveMath.min(req.mmPutSpotReq.mul(v.spot).mul(o.balance), req.MMPutMtMReq.mul(worth)) + worth;
        if (!v.isInitial) return maintenance;
        return DeriveMath.min(initialShare(v, v.spot - o.strike).mul(v.spot).mul(o.balance) + worth, maintenance.mul(req.mmOffsetScale));
    }

    function initialShare(View memory v, int256 outOfTheMoney) private view returns (int256) {
        OptionReq storage req = optionMarginParams[v.market];
        return DeriveMath.max(req.maxSpotReq - DeriveMath.max(0, outOfTheMoney) * 1e18 / v.spot, req.minSpotReq);
    }

    // Settlement, by anybody

    function settlePerps(uint256 id) public {
        for (uint256 market = 1; market <= lastMarketId; market++) {
            address perp = assetMap[market][isPerp];
            if (perp == address(0) || accounts.getBalance(id, perp, 0) == 0) continue;
            int256 won = DerivePerp(perp).take(id);
            if (won != 0) accounts.adjustByModule(id, address(cash), 0, won);
        }
    }

    function settleOptions(uint256 id) external {
        DeriveSubAccounts.AssetBalance[] memory held = accounts.getAccountBalances(id);
        for (uint256 i = 0; i < held.length; i++) {
            if (typeOf[held[i].asset] != isOption) continue;
            Option memory o = optionOf(held[i].subId, held[i].balance);
            if (o.expiry > block.timestamp) continue;
            (uint256 price,,) = getMarketFeeds[marketOf[held[i].asset]].forward.getForwardPricePortions(o.expiry);
            int256 paid = DeriveMath.max(0, o.isCall ? int256(price) - o.strike : o.strike - int256(price)).mul(o.balance);
            accounts.adjustByModule(id, held[i].asset, held[i].subId, -o.balance);
            accounts.adjustByModule(id, address(cash), 0, paid);
        }
    }
}

/// Starts where the maintenance margin is below 0; who bids takes a share of everything at a discount that grows.
contract DeriveAuction {
    using DeriveMath for int256;

    struct Auction {
        uint256 accountId;
        uint256 scenarioId;
        bool insolvent;
        bool ongoing;
        uint256 cachedMM;
        uint256 startTime;
        uint256 reservedCash;
    }

    struct Terms {
        int256 startingMtMPercentage;
        int256 fastAuctionCutoffPercentage;
        int256 fastAuctionLength;
        int256 slowAuctionLength;
        int256 insolventAuctionLength;
        int256 liquidatorFeeRate;
        int256 bufferMarginPercentage;
    }

    event SolventAuctionStarted(uint256 accountId, uint256 scenarioId, int256 markToMarket, uint256 fee);
    event InsolventAuctionStarted(uint256 accountId, uint256 scenarioId, int256 maintenanceMargin);
    event AuctionEnded(uint256 accountId, uint256 endTime);
    event Bid(uint256 accountId, uint256 bidderId, uint256 finalPercentage, uint256 cashFromBidder, uint256 cashToBidder);

    error AccountIsAboveMaintenanceMargin();
    error AuctionAlreadyStarted();
    error ManagerNotWhitelisted();

    DeriveSubAccounts private immutable accounts;
    DeriveCash private immutable cash;
    uint256 private immutable securityModule;
    Terms public getAuctionParams;
    mapping(uint256 => Auction) private auctions;
    mapping(address => bool) public managerWhitelisted;
    int256 public mtmCutoff;

    constructor(DeriveSubAccounts _accounts, DeriveCash _cash, Terms memory terms) {
        accounts = _accounts;
        cash = _cash;
        getAuctionParams = terms;
        securityModule = _accounts.createAccount(address(this), address(0));
    }

    function whitelistManager(address manager, bool on) external { managerWhitelisted[manager] = on; }

    function setMtmCutoff(int256 cutoff) external { mtmCutoff = cutoff; }

    function getAuction(uint256 id) external view returns (Auction memory) { return auctions[id]; }

    function startAuction(uint256 id, uint256 scenarioId) external {
        DeriveStandardManager manager = DeriveStandardManager(accounts.manager(id));
        if (!managerWhitelisted[address(manager)]) revert ManagerNotWhitelisted();
        if (auctions[id].ongoing) revert AuctionAlreadyStarted();
        cash.settleInterest(id);
        manager.settlePerps(id);
        (int256 maintenance, int256 mark) = manager.getMarginAndMarkToMarket(id, false, scenarioId);
        if (maintenance >= 0) revert AccountIsAboveMaintenanceMargin();
        accounts.lock(id, true);
        auctions[id] = Auction(id, scenarioId, mark <= 0, true, 0, block.timestamp, 0);
        if (mark > 0) {
            int256 fee = shareOf(maintenance, mark, 1e18, 0).mul(mark).mul(getAuctionParams.liquidatorFeeRate);
            move(id, securityModule, address(cash), 0, fee);
            emit SolventAuctionStarted(id, scenarioId, mark, uint256(fee));
        } else {
            emit InsolventAuctionStarted(id, scenarioId, maintenance);
        }
    }

    function bid(uint256 id, uint256 bidder, int256 most) external {
        Auction storage a = auctions[id];
        require(a.ongoing && id != bidder && !accounts.locked(bidder), "nothing to bid on");
        (int256 maintenance, int256 mark) = DeriveStandardManager(accounts.manager(id)).getMarginAndMarkToMarket(id, false, a.scenarioId);
        int256 reserved = int256(a.reservedCash);
        int256 share = most;
        int256 paid;
        if (a.insolvent) {
            int256 gone = DeriveMath.min(1e18, int256(block.timestamp - a.startTime) * 1e18 / getAuctionParams.insolventAuctionLength);
            paid = (mark + (maintenance - mark).mul(gone)).mul(share);
        } else {
            int256 discount = discountAt(a.startTime);
            share = DeriveMath.min(most, shareOf(maintenance, mark, discount, reserved));
            paid = DeriveMath.max(0, mark - reserved).mul(discount).mul(share);
        }
        hand(id, bidder, share, reserved);
        move(bidder, paid > 0 ? id : securityModule, address(cash), 0, paid);
        if (paid > 0) a.reservedCash += uint256(paid);
        emit Bid(id, bidder, uint256(share), paid > 0 ? uint256(paid) : 0, paid < 0 ? uint256(-paid) : 0);
        DeriveStandardManager(accounts.manager(bidder)).afterTrade(bidder);
        (maintenance, mark) = DeriveStandardManager(accounts.manager(id)).getMarginAndMarkToMarket(id, false, a.scenarioId);
        if (share >= 1e18 || bufferOf(maintenance, mark) >= 0) end(id);
    }

    /// Where it is margined again, with a buffer.
    function terminateAuction(uint256 id) external {
        require(auctions[id].ongoing, "no auction");
        (int256 maintenance, int256 mark) = DeriveStandardManager(accounts.manager(id)).getMarginAndMarkToMarket(id, false, auctions[id].scenarioId);
        require(bufferOf(maintenance, mark) >= 0, "not margined");
        end(id);
    }

    function bufferOf(int256 maintenance, int256 mark) private view returns (int256) {
        return maintenance + getAuctionParams.bufferMarginPercentage.mul(maintenance - mark);
    }

    // What a bidder has to take so that the buffer is whole; all of what is worth too little to be sold in parts.
    function shareOf(int256 maintenance, int256 mark, int256 discount, int256 reserved) private view returns (int256) {
        if (mark < mtmCutoff) return 1e18;
        int256 buffer = bufferOf(maintenance, mark);
        if (buffer >= 0) return 0;
        return DeriveMath.min(1e18, buffer * 1e18 / (buffer - mark.mul(discount) - reserved.mul(1e18 - discount)));
    }

    function discountAt(uint256 start) private view returns (int256) {
        Terms memory t = getAuctionParams;
        int256 gone = int256(block.timestamp - start);
        if (gone < t.fastAuctionLength) return t.startingMtMPercentage - (t.startingMtMPercentage - t.fastAuctionCutoffPercentage) * gone / t.fastAuctionLength;
        return DeriveMath.max(0, t.fastAuctionCutoffPercentage - t.fastAuctionCutoffPercentage * (gone - t.fastAuctionLength) / t.slowAuctionLength);
    }

    // So much of everything but the reserved cash.
    function hand(uint256 from, uint256 to, int256 share, int256 reserved) private {
        DeriveSubAccounts.AssetBalance[] memory held = accounts.getAccountBalances(from);
        for (uint256 i = 0; i < held.length; i++) {
            int256 amount = held[i].asset == address(cash) ? held[i].balance - reserved : held[i].balance;
            move(from, to, held[i].asset, held[i].subId, amount.mul(share));
        }
    }

    function move(uint256 from, uint256 to, address asset, uint256 subId, int256 amount) private {
        if (amount == 0) return;
        accounts.adjustByModule(from, asset, subId, -amount);
        accounts.adjustByModule(to, asset, subId, amount);
    }

    function end(uint256 id) private {
        auctions[id].ongoing = false;
        accounts.lock(id, false);
        emit AuctionEnded(id, block.timestamp);
    }
}
