#!/usr/bin/env bash
# Records the tape that ships with the program: the scenario in devnet/ through our own 'record'. Needs what 'bash tests/run.sh' installs.
#   bash tests/DefiMonitor.DevnetTests/record-demo-tape.sh [FILE]
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-tapes/eth-2021-05-19.tape}
mkdir -p "$(dirname "$out")"
out=$(cd "$(dirname "$out")" && pwd)/$(basename "$out")
dotnet build src/DefiMonitor.App -c Release -v quiet --nologo
program=$PWD/artifacts/bin/DefiMonitor.App/release/defimonitor.dll
note="Real Aave V3.0.2 and V3.6 contracts on a local node. 48 accounts through a day of interest and the crash of 19 May 2021 (ETH/USDT, Binance, 1-minute closes, public market figures, through an oracle of 0.5 % deviation and 1 h heartbeat), with a price gap, a reorg that undoes a liquidation, and a node that is down for two minutes of it."
cd tests/DefiMonitor.DevnetTests/devnet
node scenario.mjs --alerts --out "$out" --record "dotnet '$program' record --json --all-logs --note '$note'"
