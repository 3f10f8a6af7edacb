// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IFeed {
    function latestAnswer() external view returns (int256);
}

/// What Lyra's adapter asks of Synthetix about rates, answered by a price feed of 8 decimals whatever the currency.
contract FeedRates {
    IFeed public immutable feed;

    constructor(IFeed _feed) {
        feed = _feed;
    }

    function rateAndInvalid(bytes32) external view returns (uint256, bool) {
        return (uint256(feed.latestAnswer()) * 10 ** 10, false);
    }
}
