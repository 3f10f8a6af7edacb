#!/usr/bin/env bash
# Option prices on one core: ours against QuantLib's blackFormula loop and its engine graph, the same 1,024 options, alternating.
# Needs g++ and the Debian package libquantlib0-dev. Usage: compare.sh [rounds, default 3]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
[ -e /usr/include/ql/quantlib.hpp ] || { echo "compare: QuantLib's headers are not installed: apt-get install libquantlib0-dev" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
g++ -std=c++17 -O3 -march=native "$here/peer.cpp" -o "$work/peer" -lQuantLib
dotnet build "$root/tests/DefiMonitor.Benchmarks" -c Release -v q --nologo
ours="dotnet $root/artifacts/bin/DefiMonitor.Benchmarks/release/DefiMonitor.Benchmarks.dll pricing"
$ours --market > "$work/market.csv"
for ((i = 0; i < ${1:-3}; i++)); do
  $ours
  "$work/peer" < "$work/market.csv"
done
