// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IPriceFeed {
    function updateAnswer(int256 answer) external;
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

/// Takes reports as Chainlink's OCR2 aggregators do, from anybody and unsigned, and writes their median into a price feed.
contract Aggregator {
    IPriceFeed public immutable feed;

    constructor(IPriceFeed _feed) {
        feed = _feed;
    }

    function transmit(bytes32[3] calldata, bytes calldata report, bytes32[] calldata, bytes32[] calldata, bytes32) external {
        (,, int192[] memory observations,) = abi.decode(report, (uint32, bytes32, int192[], int192));
        feed.updateAnswer(observations[observations.length / 2]);
    }

    /// It is its own proxy.
    function aggregator() external view returns (address) {
        return address(this);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return feed.latestRoundData();
    }
}

/// Through which oracles send.
contract Forwarder {
    function forward(address to, bytes calldata data) external {
        (bool ok,) = to.call(data);
        require(ok, "refused");
    }
}
