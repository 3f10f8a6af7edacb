#!/usr/bin/env bash
# Records a tape that ships with the program: a story of devnet/ through our own 'record'. Needs what 'bash tests/run.sh' installs.
#   bash tests/DefiMonitor.DevnetTests/record-demo-tape.sh [crash|two-protocols|options] [FILE]
set -euo pipefail
cd "$(dirname "$0")/../.."
story=${1:-crash}
market="the crash of 19 May 2021 (ETH/USDT, Binance, 1-minute closes, public market figures, through an oracle of 0.5 % deviation and 1 h heartbeat)"
case "$story" in
  crash)
    tape=tapes/eth-2021-05-19.tape script=(scenario.mjs --alerts)
    note="Real Aave V3.0.2 and V3.6 contracts on a local node. 48 accounts through a day of interest and $market, with a price gap, a reorg that undoes a liquidation, and a node that is down for two minutes of it." ;;
  two-protocols)
    tape=tapes/eth-2021-05-19-two-protocols.tape script=(crash.mjs --story two-protocols)
    note="Real Aave V3.6 and Morpho Blue contracts on a local node, under one price feed. Seven owners, five of them on both, through $market: on-both is liquidated on one venue after the other, at-once on both by one price, acts-on-both repays on each what the page names, hedged loses on one venue what the other gains." ;;
  options)
    tape=tapes/eth-2021-05-19-options.tape script=(crash.mjs --story options)
    note="Real Lyra v1 and Aave V3.6 contracts on a local node, under one price feed. Five owners through $market: writer has a short put and a loan and loses both, writer-acts adds the collateral that the page names, strangle has an edge on either side, nothing of covered and holder can be liquidated." ;;
  *) echo "record-demo-tape.sh: '$story' is no story; write crash, two-protocols or options" >&2; exit 2 ;;
esac
out=${2:-$tape}
mkdir -p "$(dirname "$out")"
out=$(cd "$(dirname "$out")" && pwd)/$(basename "$out")
dotnet build src/DefiMonitor.App -c Release -v quiet --nologo
program=$PWD/artifacts/bin/DefiMonitor.App/release/defimonitor.dll
cd tests/DefiMonitor.DevnetTests/devnet
node "${script[@]}" --out "$out" --record "dotnet '$program' record --json --all-logs --note '$note'"
