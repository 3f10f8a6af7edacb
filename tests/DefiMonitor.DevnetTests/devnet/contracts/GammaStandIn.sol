// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// The Gamma protocol's arithmetic, events and views in small, written from its description for tests. No token moves: who deposits or burns is taken to have it.
/// Collateral is the strike asset of a put and the underlying of a call.

contract GammaToken {
    string public symbol;
    uint8 public immutable decimals;

    constructor(string memory _symbol, uint8 _decimals) {
        symbol = _symbol;
        decimals = _decimals;
    }
}

/// A feed whose rounds can all be asked for. Ids count up within a phase, which stands in their upper 16 bits.
contract GammaFeed {
    struct Round {
        int256 answer;
        uint256 updatedAt;
    }

    uint8 public immutable decimals;
    uint80 public latest = 1 << 64;
    mapping(uint80 => Round) private rounds;

    constructor(uint8 _decimals, int256 answer) {
        decimals = _decimals;
        write(answer);
    }

    function write(int256 answer) public {
        rounds[++latest] = Round(answer, block.timestamp);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(latest);
    }

    function getRoundData(uint80 id) public view returns (uint80, int256, uint256, uint256, uint80) {
        Round memory round = rounds[id];
        require(round.updatedAt != 0, "no such round");
        return (id, round.answer, round.updatedAt, round.updatedAt, id);
    }
}

contract GammaPricer {
    GammaFeed public immutable aggregator;

    constructor(GammaFeed _aggregator) {
        aggregator = _aggregator;
    }

    function getPrice() external view returns (uint256) {
        (, int256 answer,,,) = aggregator.latestRoundData();
        return inEight(answer);
    }

    function getHistoricalPrice(uint80 id) external view returns (uint256, uint256) {
        (, int256 answer,, uint256 updatedAt,) = aggregator.getRoundData(id);
        return (inEight(answer), updatedAt);
    }

    function inEight(int256 answer) private view returns (uint256) {
        require(answer > 0, "price below zero");
        uint256 decimals = aggregator.decimals();
        return decimals > 8 ? uint256(answer) / 10 ** (decimals - 8) : uint256(answer) * 10 ** (8 - decimals);
    }
}

contract GammaOracle {
    struct Settled {
        uint256 price;
        uint256 since;
    }

    event PricerUpdated(address indexed asset, address indexed pricer);

    uint256 public constant dispute = 7200;
    mapping(address => GammaPricer) private pricers;
    mapping(address => uint256) private stable;
    mapping(address => mapping(uint256 => Settled)) private settled;

    function setPricer(address asset, GammaPricer pricer) external {
        pricers[asset] = pricer;
        emit PricerUpdated(asset, address(pricer));
    }

    function setStablePrice(address asset, uint256 price) external { stable[asset] = price; }

    /// May be told anew until it can't be disputed any more.
    function setExpiryPrice(address asset, uint256 expiry, uint256 price) external {
        require(block.timestamp >= expiry, "not expired");
        Settled storage there = settled[asset][expiry];
        require(there.since == 0 || block.timestamp <= there.since + dispute, "final");
        if (there.since == 0) there.since = block.timestamp;
        there.price = price;
    }

    function getPricer(address asset) external view returns (address) { return address(pricers[asset]); }

    function getPrice(address asset) external view returns (uint256) {
        if (stable[asset] != 0) return stable[asset];
        require(address(pricers[asset]) != address(0), "no pricer");
        return pricers[asset].getPrice();
    }

    function getChainlinkRoundData(address asset, uint80 id) external view returns (uint256, uint256) {
        require(address(pricers[asset]) != address(0), "no pricer");
        return pricers[asset].getHistoricalPrice(id);
    }

    function getExpiryPrice(address asset, uint256 expiry) external view returns (uint256, bool) {
        if (stable[asset] != 0) return (stable[asset], true);
        Settled memory there = settled[asset][expiry];
        return (there.price, there.since != 0 && block.timestamp > there.since + dispute);
    }
}

contract GammaOtoken {
    address public immutable collateralAsset;
    address public immutable underlyingAsset;
    address public immutable strikeAsset;
    uint256 public immutable strikePrice;
    uint256 public immutable expiryTimestamp;
    bool public immutable isPut;

    constructor(address underlying, address strike, uint256 price, uint256 expiry, bool put) {
        collateralAsset = put ? strike : underlying;
        underlyingAsset = underlying;
        strikeAsset = strike;
        strikePrice = price;
        expiryTimestamp = expiry;
        isPut = put;
    }

    function getOtokenDetails() external view returns (address, address, address, uint256, uint256, bool) {
        return (collateralAsset, underlyingAsset, strikeAsset, strikePrice, expiryTimestamp, isPut);
    }
}

/// Signed figures with 27 decimals, products and quotients cut toward zero; what does not fit reverts.
library Fine {
    int256 internal constant one = 1e27;

    function from(uint256 value, uint256 decimals) internal pure returns (int256) {
        value = decimals > 27 ? value / 10 ** (decimals - 27) : value * 10 ** (27 - decimals);
        require(value <= uint256(type(int256).max), "does not fit");
        return int256(value);
    }

    function down(int256 value, uint256 decimals) internal pure returns (uint256) { return uint256(value) / 10 ** (27 - decimals); }
    function up(int256 value, uint256 decimals) internal pure returns (uint256) { return (uint256(value) + 10 ** (27 - decimals) - 1) / 10 ** (27 - decimals); }
    function times(int256 a, int256 b) internal pure returns (int256) { return a * b / one; }
    function over(int256 a, int256 b) internal pure returns (int256) { return a * one / b; }
    function least(int256 a, int256 b) internal pure returns (int256) { return a < b ? a : b; }
    function positive(int256 a) internal pure returns (int256) { return a > 0 ? a : int256(0); }
}

struct Vault {
    address[] shortOtokens;
    address[] longOtokens;
    address[] collateralAssets;
    uint256[] shortAmounts;
    uint256[] longAmounts;
    uint256[] collateralAmounts;
}

contract GammaCalculator {
    using Fine for int256;

    struct Product {
        uint256 spotShock;
        uint256[] times;
        mapping(uint256 => uint256) values;
    }

    event CollateralDustUpdated(address indexed collateral, uint256 dust);
    event MaxPriceAdded(bytes32 indexed productHash, uint256 timeToExpiry, uint256 value);
    event MaxPriceUpdated(bytes32 indexed productHash, uint256 timeToExpiry, uint256 oldValue, uint256 newValue);
    event SpotShockUpdated(bytes32 indexed product, uint256 spotShock);
    event OracleDeviationUpdated(uint256 oracleDeviation);

    int256 private constant auction = 3600;
    GammaOracle public immutable oracle;
    uint256 public getOracleDeviation;
    mapping(address => uint256) public getCollateralDust;
    mapping(bytes32 => Product) private products;

    constructor(GammaOracle _oracle) {
        oracle = _oracle;
    }

    // What governors do

    function setOracleDeviation(uint256 share) external {
        getOracleDeviation = share;
        emit OracleDeviationUpdated(share);
    }

    function setCollateralDust(address asset, uint256 dust) external {
        getCollateralDust[asset] = dust;
        emit CollateralDustUpdated(asset, dust);
    }

    function setSpotShock(address underlying, address strike, address collateral, bool put, uint256 shock) external {
        bytes32 hash = productOf(underlying, strike, collateral, put);
        products[hash].spotShock = shock;
        emit SpotShockUpdated(hash, shock);
    }

    /// Times are added from the least up.
    function setMaxPrice(address underlying, address strike, address collateral, bool put, uint256 time, uint256 value) external {
        bytes32 hash = productOf(underlying, strike, collateral, put);
        Product storage product = products[hash];
        uint256 before = product.values[time];
        if (before == 0) {
            require(product.times.length == 0 || time > product.times[product.times.length - 1], "not in order");
            product.times.push(time);
            emit MaxPriceAdded(hash, time, value);
        } else {
            emit MaxPriceUpdated(hash, time, before, value);
        }
        product.values[time] = value;
    }

    // What is asked of it

    function getSpotShock(address underlying, address strike, address collateral, bool put) external view returns (uint256) {
        return products[productOf(underlying, strike, collateral, put)].spotShock;
    }

    function getTimesToExpiry(address underlying, address strike, address collateral, bool put) external view returns (uint256[] memory) {
        return products[productOf(underlying, strike, collateral, put)].times;
    }

    function getMaxPrice(address underlying, address strike, address collateral, bool put, uint256 time) external view returns (uint256) {
        return products[productOf(underlying, strike, collateral, put)].values[time];
    }

    function getNakedMarginRequired(
        address underlying, address strike, address collateral, uint256 amount, uint256 strikePrice, uint256 price, uint256 expiry, uint256 decimals, bool put
    ) external view returns (uint256) {
        bytes32 hash = productOf(underlying, strike, collateral, put);
        return nakedRequired(hash, Fine.from(strikePrice, 8), Fine.from(price, 8), expiry, put).times(Fine.from(amount, 8)).up(decimals);
    }

    /// In a round that is later than the vault's last change; the price of one oToken in the auction that began in it.
    function isLiquidatable(Vault memory vault, uint256 kind, uint256 changed, uint256 round) external view returns (bool, uint256, uint256) {
        require(kind == 1, "not naked");
        require(vault.shortOtokens.length == 1 && vault.shortOtokens[0] != address(0), "no short");
        GammaOtoken short = GammaOtoken(vault.shortOtokens[0]);
        require(block.timestamp < short.expiryTimestamp(), "expired");
        (uint256 price, uint256 at) = oracle.getChainlinkRoundData(short.underlyingAsset(), uint80(round));
        require(at > changed, "the round is not later than the vault");
        int256 held = heldIn(vault);
        if (held >= nakedRequiredOf(short, vault.shortAmounts[0], price)) return (false, 0, 0);
        return (true, debtPrice(short, held, vault.shortAmounts[0], price, block.timestamp - at), getCollateralDust[short.collateralAsset()]);
    }

    /// What may leave the vault, or that it lacks something.
    function getExcessCollateral(Vault memory vault, uint256 kind) external view returns (uint256, bool) {
        address option = first(vault.shortOtokens) != address(0) ? first(vault.shortOtokens) : first(vault.longOtokens);
        if (option == address(0)) return (vault.collateralAmounts.length == 0 ? 0 : vault.collateralAmounts[0], true);
        GammaOtoken series = GammaOtoken(option);
        int256 excess = heldIn(vault) - requiredOf(vault, kind, series);
        uint256 decimals = GammaToken(series.collateralAsset()).decimals();
        return excess >= 0 ? (excess.down(decimals), true) : ((-excess).up(decimals), false);
    }

    // Arithmetic

    function requiredOf(Vault memory vault, uint256 kind, GammaOtoken series) private view returns (int256) {
        if (block.timestamp >= series.expiryTimestamp()) return expiredRequired(vault, series);
        if (kind == 1) {
            require(first(vault.shortOtokens) != address(0) && first(vault.longOtokens) == address(0), "a naked vault has a short alone");
            uint256 lying = vault.collateralAmounts.length == 0 ? 0 : vault.collateralAmounts[0];
            require(lying == 0 || lying > getCollateralDust[series.collateralAsset()], "dust");
            return nakedRequiredOf(series, vault.shortAmounts[0], oracle.getPrice(series.underlyingAsset()));
        }
        (int256 sold, int256 soldStrike) = optionIn(vault.shortOtokens, vault.shortAmounts);
        (int256 bought, int256 boughtStrike) = optionIn(vault.longOtokens, vault.longAmounts);
        if (series.isPut()) return (sold.times(soldStrike) - boughtStrike.times(sold.least(bought))).positive();
        int256 uncovered = (sold - bought).positive();
        if (boughtStrike == 0) return uncovered;
        int256 worst = (boughtStrike - soldStrike).times(sold).over(boughtStrike);
        return worst > uncovered ? worst : uncovered;
    }

    function expiredRequired(Vault memory vault, GammaOtoken series) private view returns (int256) {
        uint256 expiry = series.expiryTimestamp();
        (uint256 price, bool isFinal) = oracle.getExpiryPrice(series.underlyingAsset(), expiry);
        (uint256 strikePrice, bool isStrikeFinal) = oracle.getExpiryPrice(series.strikeAsset(), expiry);
        require(isFinal && isStrikeFinal, "not final");
        int256 inStrike = Fine.one.times(Fine.from(price, 8)).over(Fine.from(strikePrice, 8));
        int256 owed = cashIn(vault.shortOtokens, vault.shortAmounts, inStrike) - cashIn(vault.longOtokens, vault.longAmounts, inStrike);
        return series.isPut() ? owed : owed.times(Fine.from(strikePrice, 8)).over(Fine.from(price, 8));
    }

    function cashIn(address[] memory otokens, uint256[] memory amounts, int256 price) private view returns (int256) {
        if (first(otokens) == address(0)) return 0;
        return cashOf(GammaOtoken(otokens[0]), price).times(Fine.from(amounts[0], 8));
    }

    function cashOf(GammaOtoken option, int256 price) private view returns (int256) {
        int256 strike = Fine.from(option.strikePrice(), 8);
        return (option.isPut() ? strike - price : price - strike).positive();
    }

    function optionIn(address[] memory otokens, uint256[] memory amounts) private view returns (int256, int256) {
        if (first(otokens) == address(0)) return (0, 0);
        return (Fine.from(amounts[0], 8), Fine.from(GammaOtoken(otokens[0]).strikePrice(), 8));
    }

    function nakedRequiredOf(GammaOtoken short, uint256 amount, uint256 price) private view returns (int256) {
        bytes32 hash = productOf(short.underlyingAsset(), short.strikeAsset(), short.collateralAsset(), short.isPut());
        return nakedRequired(hash, Fine.from(short.strikePrice(), 8), Fine.from(price, 8), short.expiryTimestamp(), short.isPut()).times(Fine.from(amount, 8));
    }

    /// Of one oToken: bound * min(whole, shocked) + max(whole - shocked, 0): of a put the strike and the shocked spot, of a call 1 and the strike over the shocked spot.
    function nakedRequired(bytes32 hash, int256 strike, int256 spot, uint256 expiry, bool put) private view returns (int256) {
        int256 shock = Fine.from(products[hash].spotShock, 27);
        int256 whole = put ? strike : Fine.one;
        int256 shocked = put ? shock.times(spot) : strike.times(shock).over(spot);
        return boundOf(hash, expiry - block.timestamp).times(whole.least(shocked)) + (whole - shocked).positive();
    }

    function boundOf(bytes32 hash, uint256 left) private view returns (int256) {
        uint256[] storage times = products[hash].times;
        for (uint256 i = 0; i < times.length; i++) if (times[i] >= left) return Fine.from(products[hash].values[times[i]], 27);
        revert("no bound for so long a time");
    }

    /// From the cash value less the deviation to all of the collateral, in an hour.
    function debtPrice(GammaOtoken short, int256 held, uint256 amount, uint256 price, uint256 elapsed) private view returns (uint256) {
        uint256 decimals = GammaToken(short.collateralAsset()).decimals();
        int256 ending = held.over(Fine.from(amount, 8));
        if (int256(elapsed) >= auction) return ending.down(decimals);
        int256 spot = Fine.from(price, 8);
        int256 starting = (cashOf(short, spot) - Fine.from(getOracleDeviation, 27).times(spot)).positive();
        if (!short.isPut()) starting = starting.over(spot);
        int256 now_ = starting + (ending - starting).times(int256(elapsed) * 1e9).over(auction * 1e9);
        return now_.least(ending).down(decimals);
    }

    function heldIn(Vault memory vault) private view returns (int256) {
        address asset = first(vault.collateralAssets);
        return asset == address(0) ? int256(0) : Fine.from(vault.collateralAmounts[0], GammaToken(asset).decimals());
    }

    function first(address[] memory list) private pure returns (address) { return list.length == 0 ? address(0) : list[0]; }

    function productOf(address underlying, address strike, address collateral, bool put) private pure returns (bytes32) {
        return keccak256(abi.encode(underlying, strike, collateral, put));
    }
}

contract GammaController {
    event VaultOpened(address indexed accountOwner, uint256 vaultId, uint256 indexed vaultType);
    event LongOtokenDeposited(address indexed otoken, address indexed accountOwner, address indexed from, uint256 vaultId, uint256 amount);
    event LongOtokenWithdrawed(address indexed otoken, address indexed AccountOwner, address indexed to, uint256 vaultId, uint256 amount);
    event CollateralAssetDeposited(address indexed asset, address indexed accountOwner, address indexed from, uint256 vaultId, uint256 amount);
    event CollateralAssetWithdrawed(address indexed asset, address indexed AccountOwner, address indexed to, uint256 vaultId, uint256 amount);
    event ShortOtokenMinted(address indexed otoken, address indexed AccountOwner, address indexed to, uint256 vaultId, uint256 amount);
    event ShortOtokenBurned(address indexed otoken, address indexed AccountOwner, address indexed from, uint256 vaultId, uint256 amount);
    event VaultSettled(address indexed accountOwner, address indexed oTokenAddress, address to, uint256 payout, uint256 vaultId, uint256 indexed vaultType);
    event VaultLiquidated(
        address indexed liquidator, address indexed receiver, address indexed vaultOwner, uint256 auctionPrice, uint256 auctionStartingRound, uint256 collateralPayout, uint256 debtAmount,
        uint256 vaultId);
    event SystemPartiallyPaused(bool isPaused);

    GammaCalculator public immutable calculator;
    bool public systemPartiallyPaused;
    bool public constant systemFullyPaused = false;
    mapping(address => uint256) public getAccountVaultCounter;
    mapping(address => mapping(uint256 => Vault)) private vaults;
    mapping(address => mapping(uint256 => uint256)) private kinds;
    mapping(address => mapping(uint256 => uint256)) private changed;

    constructor(GammaCalculator _calculator) {
        calculator = _calculator;
    }

    // What is asked of it

    function getVaultWithDetails(address owner, uint256 id) external view returns (Vault memory, uint256, uint256) {
        return (vaults[owner][id], kinds[owner][id], changed[owner][id]);
    }

    function isLiquidatable(address owner, uint256 id, uint256 round) public view returns (bool, uint256, uint256) {
        return calculator.isLiquidatable(vaults[owner][id], kinds[owner][id], changed[owner][id], round);
    }

    function getProceed(address owner, uint256 id) public view returns (uint256) {
        (uint256 amount, bool isExcess) = calculator.getExcessCollateral(vaults[owner][id], kinds[owner][id]);
        return isExcess ? amount : 0;
    }

    // What people do

    function openVault(uint256 kind) external {
        require(kind < 2);
        uint256 id = ++getAccountVaultCounter[msg.sender];
        kinds[msg.sender][id] = kind;
        changed[msg.sender][id] = block.timestamp;
        emit VaultOpened(msg.sender, id, kind);
    }

    function depositCollateral(uint256 id, address asset, uint256 amount) external {
        Vault storage vault = touch(msg.sender, id);
        add(vault.collateralAssets, vault.collateralAmounts, asset, amount);
        emit CollateralAssetDeposited(asset, msg.sender, msg.sender, id, amount);
    }

    function withdrawCollateral(uint256 id, address asset, uint256 amount) external {
        Vault storage vault = touch(msg.sender, id);
        take(vault.collateralAssets, vault.collateralAmounts, asset, amount);
        held(vault, id);
        emit CollateralAssetWithdrawed(asset, msg.sender, msg.sender, id, amount);
    }

    function depositLong(uint256 id, address otoken, uint256 amount) external {
        require(kinds[msg.sender][id] != 1, "a naked vault has no long");
        Vault storage vault = touch(msg.sender, id);
        add(vault.longOtokens, vault.longAmounts, otoken, amount);
        held(vault, id);
        emit LongOtokenDeposited(otoken, msg.sender, msg.sender, id, amount);
    }

    function withdrawLong(uint256 id, address otoken, uint256 amount) external {
        Vault storage vault = touch(msg.sender, id);
        take(vault.longOtokens, vault.longAmounts, otoken, amount);
        held(vault, id);
        emit LongOtokenWithdrawed(otoken, msg.sender, msg.sender, id, amount);
    }

    function mintOtoken(uint256 id, GammaOtoken otoken, uint256 amount) external {
        require(block.timestamp < otoken.expiryTimestamp(), "expired");
        Vault storage vault = touch(msg.sender, id);
        add(vault.shortOtokens, vault.shortAmounts, address(otoken), amount);
        held(vault, id);
        emit ShortOtokenMinted(address(otoken), msg.sender, msg.sender, id, amount);
    }

    function burnOtoken(uint256 id, GammaOtoken otoken, uint256 amount) external {
        require(block.timestamp < otoken.expiryTimestamp(), "expired");
        Vault storage vault = touch(msg.sender, id);
        take(vault.shortOtokens, vault.shortAmounts, address(otoken), amount);
        emit ShortOtokenBurned(address(otoken), msg.sender, msg.sender, id, amount);
    }

    function settleVault(uint256 id) external {
        Vault storage vault = vaults[msg.sender][id];
        address otoken = vault.shortOtokens.length > 0 && vault.shortOtokens[0] != address(0) ? vault.shortOtokens[0] : vault.longOtokens[0];
        require(block.timestamp >= GammaOtoken(otoken).expiryTimestamp(), "not expired");
        (uint256 payout, bool isExcess) = calculator.getExcessCollateral(vault, kinds[msg.sender][id]);
        require(isExcess, "lacks collateral");
        delete vaults[msg.sender][id];
        emit VaultSettled(msg.sender, otoken, msg.sender, payout, id, kinds[msg.sender][id]);
    }

    /// By anybody. No update of the vault. What is left of a part must be more than dust.
    function liquidate(address owner, uint256 id, uint256 amount, uint256 round) external {
        require(!systemPartiallyPaused, "paused");
        (bool isShort, uint256 price, uint256 dust) = isLiquidatable(owner, id, round);
        require(isShort, "not short");
        uint256 payout = price * amount / 1e8;
        sell(vaults[owner][id], amount, payout, dust);
        emit VaultLiquidated(msg.sender, msg.sender, owner, price, round, payout, amount, id);
    }

    function sell(Vault storage vault, uint256 amount, uint256 payout, uint256 dust) private {
        take(vault.shortOtokens, vault.shortAmounts, vault.shortOtokens[0], amount);
        take(vault.collateralAssets, vault.collateralAmounts, vault.collateralAssets[0], payout);
        require(vault.shortAmounts[0] == 0 || vault.collateralAmounts[0] > dust, "dust");
    }

    /// By anybody, and nothing tells of it.
    function sync(address owner, uint256 id) external {
        held(vaults[owner][id], owner, id);
        touch(owner, id);
    }

    function setSystemPartiallyPaused(bool isPaused) external {
        systemPartiallyPaused = isPaused;
        emit SystemPartiallyPaused(isPaused);
    }

    function touch(address owner, uint256 id) private returns (Vault storage) {
        require(id > 0 && id <= getAccountVaultCounter[owner], "no such vault");
        changed[owner][id] = block.timestamp;
        return vaults[owner][id];
    }

    function held(Vault storage vault, uint256 id) private view { held(vault, msg.sender, id); }

    function held(Vault storage vault, address owner, uint256 id) private view {
        (, bool isExcess) = calculator.getExcessCollateral(vault, kinds[owner][id]);
        require(isExcess, "lacks collateral");
    }

    /// A place that was emptied stays, with the address 0.
    function add(address[] storage tokens, uint256[] storage amounts, address token, uint256 amount) private {
        require(amount > 0 && (tokens.length == 0 || tokens[0] == address(0) || tokens[0] == token), "another one lies there");
        if (tokens.length == 0) {
            tokens.push();
            amounts.push();
        }
        tokens[0] = token;
        amounts[0] += amount;
    }

    function take(address[] storage tokens, uint256[] storage amounts, address token, uint256 amount) private {
        require(tokens.length > 0 && tokens[0] == token, "none of that lies there");
        amounts[0] -= amount;
        if (amounts[0] == 0) tokens[0] = address(0);
    }
}

contract GammaBook {
    event AddressAdded(bytes32 indexed id, address indexed add);

    address public immutable getController;

    constructor(address controller) {
        getController = controller;
        emit AddressAdded(keccak256("CONTROLLER"), controller);
    }
}
