// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IFeed {
    function latestAnswer() external view returns (int256);
}

/// An oracle for Morpho Blue over two price feeds in one currency: what one unit of the collateral is worth in the loan token, scaled by 10^36.
contract MorphoFeedOracle {
    IFeed public immutable collateral;
    IFeed public immutable loan;
    uint256 public immutable scale;

    constructor(IFeed _collateral, IFeed _loan, uint8 collateralDecimals, uint8 loanDecimals) {
        collateral = _collateral;
        loan = _loan;
        scale = 10 ** (36 + loanDecimals - collateralDecimals);
    }

    function price() external view returns (uint256) {
        return uint256(collateral.latestAnswer()) * scale / uint256(loan.latestAnswer());
    }
}
