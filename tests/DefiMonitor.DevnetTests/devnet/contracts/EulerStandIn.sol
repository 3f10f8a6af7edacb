// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IFeedOf8 {
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

interface IQuotes {
    function getQuote(uint256 amount, address base, address quote) external view returns (uint256);
}

// Euler v2's arithmetic, events and views in small, written from its description for tests. No token moves: who deposits is taken to have it; an account is its own
// owner, and every action checks its account at once.

contract EulerToken {
    string public symbol;
    uint8 public decimals;

    constructor(string memory _symbol, uint8 _decimals) {
        (symbol, decimals) = (_symbol, _decimals);
    }
}

/// One feed of 8 decimals, in dollars of 18 decimals.
contract EulerAdapter is IQuotes {
    string public constant name = "ChainlinkOracle";
    address immutable feed;
    uint256 immutable scale;

    constructor(address _feed, uint8 baseDecimals) {
        (feed, scale) = (_feed, 10 ** (8 + baseDecimals));
    }

    function getQuote(uint256 amount, address, address) external view returns (uint256) {
        (, int256 answer,,,) = IFeedOf8(feed).latestRoundData();
        require(answer > 0);
        return amount * 1e18 * uint256(answer) / scale;
    }
}

contract EulerRouterStandIn is IQuotes {
    event ConfigSet(address indexed asset0, address indexed asset1, address indexed oracle);
    event ResolvedVaultSet(address indexed vault, address indexed asset);

    string public constant name = "EulerRouter";
    address public constant fallbackOracle = address(0);
    mapping(address => address) public resolvedVaults;
    mapping(address => mapping(address => address)) private configured;

    function getConfiguredOracle(address base, address quote) external view returns (address) { return configured[base][quote]; }

    function set(address base, address quote, address oracle) external {
        (configured[base][quote], configured[quote][base]) = (oracle, oracle);
        (address a, address b) = base < quote ? (base, quote) : (quote, base);
        emit ConfigSet(a, b, oracle);
    }

    function resolve(address vault) external {
        resolvedVaults[vault] = EulerVaultStandIn(vault).asset();
        emit ResolvedVaultSet(vault, resolvedVaults[vault]);
    }

    function getQuote(uint256 amount, address base, address quote) external view returns (uint256) {
        while (base != quote) {
            address oracle = configured[base][quote];
            if (oracle != address(0)) return IQuotes(oracle).getQuote(amount, base, quote);
            address asset = resolvedVaults[base];
            require(asset != address(0), "not supported");
            (amount, base) = (EulerVaultStandIn(base).convertToAssets(amount), asset);
        }
        return amount;
    }
}

contract EvcStandIn {
    event CollateralStatus(address indexed account, address indexed collateral, bool enabled);
    event ControllerStatus(address indexed account, address indexed controller, bool enabled);
    event AccountStatusCheck(address indexed account, address indexed controller);

    mapping(address => address[]) private collaterals;
    mapping(address => address) public controllerOf;
    mapping(address => uint256) public getLastAccountStatusCheckTimestamp;

    function getCollaterals(address account) public view returns (address[] memory) { return collaterals[account]; }

    function getControllers(address account) external view returns (address[] memory list) {
        list = new address[](controllerOf[account] == address(0) ? 0 : 1);
        if (list.length > 0) list[0] = controllerOf[account];
    }

    function isEnabled(address account, address vault) public view returns (bool) {
        address[] memory list = collaterals[account];
        for (uint256 i = 0; i < list.length; i++) if (list[i] == vault) return true;
        return false;
    }

    function enableCollateral(address vault) external {
        require(!isEnabled(msg.sender, vault));
        collaterals[msg.sender].push(vault);
        emit CollateralStatus(msg.sender, vault, true);
        check(msg.sender);
    }

    function disableCollateral(address vault) external {
        address[] storage list = collaterals[msg.sender];
        for (uint256 i = 0; i < list.length; i++) {
            if (list[i] != vault) continue;
            list[i] = list[list.length - 1];
            list.pop();
            emit CollateralStatus(msg.sender, vault, false);
            check(msg.sender);
            return;
        }
        revert();
    }

    function enableController(address vault) external {
        require(controllerOf[msg.sender] == address(0));
        controllerOf[msg.sender] = vault;
        emit ControllerStatus(msg.sender, vault, true);
        check(msg.sender);
    }

    function check(address account) public {
        address controller = controllerOf[account];
        if (controller == address(0)) return;
        EulerVaultStandIn(controller).checkAccountStatus(account);
        getLastAccountStatusCheckTimestamp[account] = block.timestamp;
        emit AccountStatusCheck(account, controller);
    }
}

contract EulerVaultStandIn {
    struct Ltv {
        uint16 borrowLTV;
        uint16 liquidationLTV;
        uint16 initialLiquidationLTV;
        uint48 targetTimestamp;
        uint32 rampDuration;
    }

    struct Totals {
        uint256 cash;
        uint256 shares;
        uint256 borrows; // in 2^-31 of the asset's smallest unit
        uint256 accumulator;
        uint256 rate;
        uint256 at;
    }

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Borrow(address indexed account, uint256 assets);
    event Repay(address indexed account, uint256 assets);
    event PullDebt(address indexed from, address indexed to, uint256 assets);
    event Liquidate(address indexed liquidator, address indexed violator, address collateral, uint256 repayAssets, uint256 yieldBalance);
    event VaultStatus(uint256 totalShares, uint256 totalBorrows, uint256 accumulatedFees, uint256 cash, uint256 interestAccumulator, uint256 interestRate, uint256 timestamp);
    event GovSetLTV(address indexed collateral, uint16 borrowLTV, uint16 liquidationLTV, uint16 initialLiquidationLTV, uint48 targetTimestamp, uint32 rampDuration);
    event GovSetInterestFee(uint16 newFee);

    error AccountLiquidity();
    error NotLiquidatable();

    uint256 constant ray = 1e27;
    uint256 constant virtualDeposit = 1e6;
    uint16 public constant maxLiquidationDiscount = 1500;
    uint16 public constant liquidationCoolOffTime = 0;

    EvcStandIn immutable evc;
    address public immutable asset;
    address public immutable oracle;
    address public immutable unitOfAccount;
    bool immutable lax; // lends to anybody, for interest on what others pledge
    uint16 public interestFee = 1000;
    Totals private stored;
    mapping(address => uint256) public balanceOf;
    mapping(address => uint256) private owed;
    mapping(address => uint256) private accumulatorOf;
    mapping(address => Ltv) private ltvs;
    address[] private recognised;

    constructor(EvcStandIn _evc, address _asset, address _oracle, address unit, bool _lax) {
        (evc, asset, oracle, unitOfAccount, lax) = (_evc, _asset, _oracle, unit, _lax);
        stored.accumulator = ray;
        stored.at = block.timestamp;
    }

    // What is asked of it, with interest up to now

    function EVC() external view returns (address) { return address(evc); }
    function symbol() external view returns (string memory) { return string.concat("e", EulerToken(asset).symbol()); }
    function decimals() external view returns (uint8) { return EulerToken(asset).decimals(); }
    function LTVList() external view returns (address[] memory) { return recognised; }
    function hookConfig() external pure returns (address, uint32) { return (address(0), 0); }
    function cash() external view returns (uint256) { return stored.cash; }
    function totalSupply() external view returns (uint256) { return totals().shares; }
    function totalBorrowsExact() external view returns (uint256) { return totals().borrows; }
    function interestAccumulator() external view returns (uint256) { return totals().accumulator; }
    function interestRate() external view returns (uint256) { return stored.rate; }
    function debtOfExact(address account) public view returns (uint256) { return owedAt(account, totals().accumulator); }
    function debtOf(address account) public view returns (uint256) { return up(debtOfExact(account)); }

    function LTVFull(address collateral) external view returns (uint16, uint16, uint16, uint48, uint32) {
        Ltv memory l = ltvs[collateral];
        return (l.borrowLTV, l.liquidationLTV, l.initialLiquidationLTV, l.targetTimestamp, l.rampDuration);
    }

    function convertToAssets(uint256 shares) public view returns (uint256) {
        Totals memory t = totals();
        return shares * (t.cash + up(t.borrows) + virtualDeposit) / (t.shares + virtualDeposit);
    }

    /// Collateral by the liquidation LTV or the borrow LTV, debt; both in the unit of account.
    function accountLiquidity(address account, bool liquidation) public view returns (uint256 collateralValue, uint256 liabilityValue) {
        require(evc.controllerOf(account) == address(this));
        uint256 debt = debtOf(account);
        liabilityValue = debt == 0 ? 0 : IQuotes(oracle).getQuote(debt, asset, unitOfAccount);
        address[] memory list = evc.getCollaterals(account);
        for (uint256 i = 0; i < list.length; i++) {
            uint256 ltv = ltvOf(list[i], liquidation);
            uint256 held = ltv == 0 ? 0 : EulerVaultStandIn(list[i]).balanceOf(account);
            if (held > 0) collateralValue += IQuotes(oracle).getQuote(held, list[i], unitOfAccount) * ltv / 1e4;
        }
    }

    function checkAccountStatus(address account) external view {
        (uint256 collateral, uint256 liability) = accountLiquidity(account, false);
        if (liability > 0 && collateral <= liability) revert AccountLiquidity();
    }

    /// What a liquidator may take of one collateral and must take over of the debt; nothing where the account is safe.
    function checkLiquidation(address, address violator, address collateral) public view returns (uint256 repay_, uint256 yield_) {
        (uint256 worth, uint256 liability) = accountLiquidity(violator, true);
        if (liability == 0 || worth > liability || !evc.isEnabled(violator, collateral) || ltvs[collateral].targetTimestamp == 0) return (0, 0);
        uint256 factor = worth * 1e18 / liability;
        uint256 least = 1e18 - 1e18 * uint256(maxLiquidationDiscount) / 1e4;
        if (factor < least) factor = least;
        uint256 held = EulerVaultStandIn(collateral).balanceOf(violator);
        uint256 mid = held == 0 ? 0 : IQuotes(oracle).getQuote(held, collateral, unitOfAccount);
        if (mid == 0) return (0, held);
        uint256 most = liability * 1e18 / factor;
        (uint256 repayValue, uint256 yieldValue) = mid < most ? (mid * factor / 1e18, mid) : (liability, most);
        return (repayValue * debtOf(violator) / liability, yieldValue * held / mid);
    }

    // What people do

    function deposit(uint256 assets) external {
        update();
        uint256 shares = assets * (stored.shares + virtualDeposit) / (stored.cash + up(stored.borrows) + virtualDeposit);
        stored.cash += assets;
        stored.shares += shares;
        balanceOf[msg.sender] += shares;
        emit Transfer(address(0), msg.sender, shares);
        finish();
    }

    function redeem(uint256 shares) external {
        update();
        stored.cash -= convertToAssets(shares);
        stored.shares -= shares;
        balanceOf[msg.sender] -= shares;
        emit Transfer(msg.sender, address(0), shares);
        evc.check(msg.sender);
        finish();
    }

    function transfer(address to, uint256 shares) external {
        update();
        move(msg.sender, to, shares);
        evc.check(msg.sender);
        finish();
    }

    function borrow(uint256 assets) external {
        require(lax || evc.controllerOf(msg.sender) == address(this));
        update();
        write(msg.sender, debtOfExact(msg.sender) + (assets << 31));
        stored.cash -= assets;
        stored.borrows += assets << 31;
        emit Borrow(msg.sender, assets);
        evc.check(msg.sender);
        finish();
    }

    function repay(uint256 assets) external {
        update();
        uint256 exact = debtOfExact(msg.sender);
        if (assets > up(exact)) assets = up(exact);
        uint256 left = (up(exact) - assets) << 31;
        write(msg.sender, left);
        stored.cash += assets;
        stored.borrows = stored.borrows > exact ? stored.borrows - exact + left : left;
        emit Repay(msg.sender, assets);
        finish();
    }

    function pullDebt(uint256 assets, address from) external {
        require(from != msg.sender && evc.controllerOf(msg.sender) == address(this));
        update();
        moveDebt(from, msg.sender, assets);
        emit PullDebt(from, msg.sender, assets);
        evc.check(msg.sender);
        finish();
    }

    /// As much as may be taken; the liquidator takes the debt over.
    function liquidate(address violator, address collateral) external {
        require(violator != msg.sender && evc.controllerOf(msg.sender) == address(this));
        update();
        (uint256 assets, uint256 shares) = checkLiquidation(msg.sender, violator, collateral);
        if (assets == 0 && shares == 0) revert NotLiquidatable();
        moveDebt(violator, msg.sender, assets);
        EulerVaultStandIn(collateral).seize(violator, msg.sender, shares);
        emit Liquidate(msg.sender, violator, collateral, assets, shares);
        evc.check(msg.sender);
        finish();
    }

    /// Of the vault that an account owes to.
    function seize(address from, address to, uint256 shares) external {
        require(evc.controllerOf(from) == msg.sender);
        update();
        move(from, to, shares);
        finish();
    }

    function touch() external {
        update();
        finish();
    }

    function setLTV(address collateral, uint16 borrowLTV, uint16 liquidationLTV, uint32 ramp) external {
        if (ltvs[collateral].targetTimestamp == 0) recognised.push(collateral);
        uint16 initial = uint16(ltvOf(collateral, true));
        ltvs[collateral] = Ltv(borrowLTV, liquidationLTV, initial, uint48(block.timestamp + ramp), ramp);
        emit GovSetLTV(collateral, borrowLTV, liquidationLTV, initial, uint48(block.timestamp + ramp), ramp);
    }

    function setInterestFee(uint16 fee) external {
        update();
        finish();
        interestFee = fee;
        emit GovSetInterestFee(fee);
    }

    // Arithmetic

    function up(uint256 amount) private pure returns (uint256) { return (amount + (1 << 31) - 1) >> 31; }

    function owedAt(address account, uint256 accumulator) private view returns (uint256) {
        return owed[account] == 0 ? 0 : owed[account] * accumulator / accumulatorOf[account];
    }

    function write(address account, uint256 amount) private { (owed[account], accumulatorOf[account]) = (amount, stored.accumulator); }

    function move(address from, address to, uint256 shares) private {
        balanceOf[from] -= shares;
        balanceOf[to] += shares;
        emit Transfer(from, to, shares);
    }

    function moveDebt(address from, address to, uint256 assets) private {
        uint256 amount = assets << 31;
        uint256 exact = debtOfExact(from);
        if ((amount > exact ? amount - exact : exact - amount) < 1 << 31) amount = exact; // less than one unit is not left behind
        write(from, exact - amount);
        write(to, debtOfExact(to) + amount);
    }

    function ltvOf(address collateral, bool liquidation) private view returns (uint256) {
        Ltv memory l = ltvs[collateral];
        if (!liquidation) return l.borrowLTV;
        if (block.timestamp >= l.targetTimestamp || l.liquidationLTV >= l.initialLiquidationLTV) return l.liquidationLTV;
        return l.liquidationLTV + uint256(l.initialLiquidationLTV - l.liquidationLTV) * (l.targetTimestamp - block.timestamp) / l.rampDuration;
    }

    function totals() private view returns (Totals memory t) {
        t = stored;
        if (block.timestamp == t.at) return t;
        uint256 accumulator = t.accumulator * power(ray + t.rate, block.timestamp - t.at) / ray;
        uint256 borrows = t.borrows * accumulator / t.accumulator;
        uint256 fee = (borrows - t.borrows) * interestFee / (1e4 << 31);
        if (fee > 0) {
            uint256 assets = t.cash + up(borrows);
            t.shares = assets * t.shares / (assets - fee);
        }
        (t.accumulator, t.borrows, t.at) = (accumulator, borrows, block.timestamp);
    }

    /// x^n in ray by squaring, half up at every step.
    function power(uint256 x, uint256 n) private pure returns (uint256 z) {
        z = n % 2 == 0 ? ray : x;
        for (n /= 2; n > 0; n /= 2) {
            x = (x * x + ray / 2) / ray;
            if (n % 2 == 1) z = (z * x + ray / 2) / ray;
        }
    }

    function update() private { stored = totals(); }

    /// The rate follows what is lent; it stands until the next action.
    function finish() private {
        uint256 lent = up(stored.borrows);
        stored.rate = stored.cash + lent == 0 ? 0 : 8e18 * lent / (stored.cash + lent);
        emit VaultStatus(stored.shares, lent, 0, stored.cash, stored.accumulator, stored.rate, block.timestamp);
    }
}
