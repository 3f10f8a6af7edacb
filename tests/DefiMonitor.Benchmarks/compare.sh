#!/usr/bin/env bash
# Our speed beside what people use today, as ratios of one run on one machine; the table goes into README.md beside this script.
#   bash tests/DefiMonitor.Benchmarks/compare.sh            the long run: a chain at 4 blocks a second for 10 minutes
#   bash tests/DefiMonitor.Benchmarks/compare.sh --quick    every row in 5 to 7 minutes
set -euo pipefail
cd "$(dirname "$0")/../.."

case "${1:-}" in
  --quick) rounds=2 turns=2 some=1500 seconds=20 heads=60 slice=20 ;;
  "") rounds=7 turns=7 some=5000 seconds=600 heads=1000 slice=2 ;;
  *) echo "compare.sh: '$1' is not an option; write --quick or nothing" >&2; exit 2 ;;
esac
[ "$#" -le 1 ] || { echo "compare.sh: takes --quick or nothing" >&2; exit 2; }
command -v dotnet >/dev/null || { echo "compare.sh: the .NET 10 SDK is needed (dotnet is not on PATH)" >&2; exit 2; }
. tests/node.sh
install_node compare.sh "the programs that we are compared with"
row="the preparation"
trap 'echo "compare.sh: failed at: $row" >&2' ERR
set -E

here=tests/DefiMonitor.Benchmarks
peers=$here/peers
work=$(mktemp -d)
node= building=
trap 'for one in $node $building; do kill "$one" 2>/dev/null || :; done; rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Analyzers are for those who change the code; the packages arrive meanwhile.
dotnet build "$here" -c Release --nologo -v quiet -p:RunAnalyzers=false & building=$!
for folder in "$peers" "$peers/ponder"; do
  stamp=$(cksum < "$folder/package-lock.json")
  if [ "$(cat "$folder/node_modules/.installed" 2>/dev/null)" != "$stamp" ]; then
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    echo "$stamp" > "$folder/node_modules/.installed"
  fi
done
install_devnet
wait "$building"
building=
bench() { dotnet artifacts/bin/DefiMonitor.Benchmarks/release/DefiMonitor.Benchmarks.dll "$@"; }
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
field() { tr ' ' '\n' | sed -n "s/^$1=//p"; }

row="health of accounts"
echo "judging: ours and @aave/math-utils in turn, $rounds times"
bench judge --accounts 20000 --some "$some" --export "$work/market.json"
for _ in $(seq "$rounds"); do
  bench judge >> "$work/ours"
  node "$peers/judge-aave.mjs" "$work/market.json" >> "$work/peer"
done
ours=$(median < "$work/ours")
peer=$(cut -d' ' -f1 "$work/peer" | median)
middle=$(head -n 1 "$work/peer" | cut -d' ' -f3)
awk -v m="$middle" 'BEGIN { exit !(m < 1e-6) }' || { echo "compare.sh: ours and @aave/math-utils differ by $middle at the median account: they were not given the same market" >&2; exit 1; }

row="health of Morpho accounts"
echo "judging Morpho: ours and @morpho-org/blue-sdk in turn, $rounds times"
bench judge-morpho --accounts 20000 --some 20000 --export "$work/morpho.json"
for _ in $(seq "$rounds"); do
  bench judge-morpho >> "$work/ours-morpho"
  node "$peers/judge-morpho.mjs" "$work/morpho.json" >> "$work/peer-morpho"
done
morpho=$(median < "$work/ours-morpho")
blue=$(cut -d' ' -f1 "$work/peer-morpho" | median)
different=$(head -n 1 "$work/peer-morpho" | cut -d' ' -f3)
[ "$different" = 0 ] || { echo "compare.sh: ours and @morpho-org/blue-sdk differ on $different accounts: they were not given the same markets" >&2; exit 1; }

row="option prices"
echo "option prices: ours and QuantLib in turn, $turns times"
quantlib=
if [ ! -e /usr/include/ql/quantlib.hpp ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq && apt-get install -y -qq g++ libquantlib0-dev >/dev/null
fi
if [ -e /usr/include/ql/quantlib.hpp ]; then
  g++ -std=c++17 -O3 -march=native "$peers/quantlib/peer.cpp" -o "$work/quantlib" -lQuantLib
  bench pricing --market > "$work/options.csv"
  quantlib=yes
else
  echo "compare.sh: QuantLib's headers (Debian's libquantlib0-dev) are not installed: its two rows stay empty" >&2
fi
for _ in $(seq "$turns"); do
  bench pricing >> "$work/pricing.ours"
  [ -z "$quantlib" ] || "$work/quantlib" < "$work/options.csv" >> "$work/pricing.quantlib"
done
if [ -n "$quantlib" ]; then
  apart=$(head -n 1 "$work/pricing.quantlib" | field worst)
  awk -v d="$apart" 'BEGIN { exit !(d < 1e-12) }' || { echo "compare.sh: ours and QuantLib's prices differ by $apart of the forward" >&2; exit 1; }
fi

row="mixed accounts"
echo "judging 1,000,000 accounts of Aave and Morpho on two cores"
mixed=$(bench judge-mixed)

row="judged blocks"
echo "blocks: 4 a second for $seconds s, 10,000 and 100,000 accounts"
small=$(bench blocks --accounts 10000 --seconds "$((seconds / 2))")
large=$(bench blocks --accounts 100000 --seconds "$seconds")

row="head to outbox row"
echo "latency: $heads heads of a local node for ours and for viem, in turn"
latency=$(bench latency --accounts 10000 --blocks "$heads")

row="a start"
echo "start: a database of 1,000,000 accounts is written, then opened by a process of its own"
bench start --make "$work/start.db" --accounts 1000000
start=$(bench start --open "$work/start.db" --accounts 1000000)

row="backfill and discovery"
echo "backfill: 200,000 logs of one chain, the bytes alone, viem and ours in turn, $turns times; then ponder on a part of it"
dotnet artifacts/bin/DefiMonitor.Benchmarks/release/DefiMonitor.Benchmarks.dll backfill serve --logs 200000 > "$work/node" & node=$!
for _ in $(seq 300); do [ ! -s "$work/node" ] || break; kill -0 "$node"; sleep 0.1; done
url=$(field url < "$work/node") blocks=$(field blocks < "$work/node") logs=$(field logs < "$work/node")
for _ in $(seq "$turns"); do
  bench backfill ours --url "$url" --blocks "$blocks" --logs "$logs" >> "$work/backfill.ours"
  node "$peers/backfill-viem.mjs" "$url" "$blocks" 40 >> "$work/backfill.viem"
  bench backfill bytes --url "$url" --blocks "$blocks" --logs "$logs" --page 40 >> "$work/backfill.bytes"
done
ponder=$(node "$peers/backfill-ponder.mjs" "$url" "$((blocks / slice))")
kill "$node" && node=
[ "$(sort -u <(field people < "$work/backfill.ours") <(field people < "$work/backfill.viem") | wc -l)" = 1 ] || { echo "compare.sh: ours and viem found different borrowers" >&2; exit 1; }

row="the table"
number() { awk -v n="$1" 'BEGIN { if (n >= 1000000) printf "%.2f M", n / 1000000; else printf "%.0f", n }'; }
table() {
  echo "| row | ours | peer | ratio | target |"
  echo "|---|---|---|---|---|"
  echo "| health of accounts with 6 positions, exact, one core | $(number "$ours") accounts/s | @aave/math-utils $(number "$peer") accounts/s | $(awk -v a="$ours" -v b="$peer" 'BEGIN { printf "%.0f", a / b }') | 1,000 |"
  echo "| verdicts and health of Morpho accounts, exact, one core | $(number "$morpho") accounts/s | @morpho-org/blue-sdk isHealthy $(number "$blue") accounts/s | $(awk -v a="$morpho" -v b="$blue" 'BEGIN { printf "%.1f", a / b }') | 8 |"
  echo "| ${mixed#* } accounts of Aave and Morpho judged on two cores | ${mixed% *} s | | | 0.5 s |"
  priced() { field "$2" < "$work/pricing.$1" | median; }
  if [ -n "$quantlib" ]; then
    local version
    version=$(head -n 1 "$work/pricing.quantlib" | field version)
    echo "| option values (Black 1976) in batches, one core | $(number "$(priced ours batch)") values/s | QuantLib $version blackFormula $(number "$(priced quantlib formula)") values/s, at most $apart of the forward apart | $(awk -v a="$(priced ours batch)" -v b="$(priced quantlib formula)" 'BEGIN { printf "%.1f", a / b }') | 7 |"
    echo "| the same | $(number "$(priced ours batch)") values/s | QuantLib $version AnalyticEuropeanEngine $(number "$(priced quantlib graph)") values/s | $(awk -v a="$(priced ours batch)" -v b="$(priced quantlib graph)" 'BEGIN { printf "%.0f", a / b }') | 200 |"
  fi
  echo "| price and all Greeks to second order of one option | $(number "$(priced ours greeks)")/s | our price alone $(number "$(priced ours price)")/s | $(priced ours greeks_by_price) times as long | at most 2 |"
  echo "| 1,000 books of 50 options under 121 scenarios, revalued in full | $(priced ours stress_ms) ms | our own options one by one $(number "$(priced ours stress_scalar)") values/s | $(awk -v a="$(priced ours stress)" -v b="$(priced ours stress_scalar)" 'BEGIN { printf "%.1f", a / b }') | 10 |"
  local one
  for one in "$small" "$large"; do
    echo "| a judged block, $(echo "$one" | field accounts) accounts, 4 blocks/s for $(($(echo "$one" | field blocks) / 4)) s | p50 $(echo "$one" | field p50_ms) ms, p99 $(echo "$one" | field p99_ms) ms, without the node's own time | | | blocks behind at most: $(echo "$one" | field behind_most) |"
    echo "| its JSON-RPC calls, those about finality included | $(echo "$one" | field calls_per_block) | | | 3, and one in 12 s |"
    echo "| what it holds after each third, managed heap after a full collection, without the node and its market; resident with them | $(echo "$one" | field heap_mb | sed 's/,/, /g') MB; $(echo "$one" | field resident_mb | sed 's/,/, /g') MB | | | flat |"
  done
  began() { echo "$start" | field "$1"; }
  echo "| a start from the disk to its first judgement, $(began accounts) accounts with $(began positions) positions | $(began judged_s) s, of which $(began loaded_s) s until all was loaded; $(began processor_s) s of processor time | | | under 10 s |"
  echo "| what it holds then, managed heap after a full collection | $(began heap_per_position) bytes a position, $(began heap_per_account) an account, $(began heap_mb) MB | | | under 300 bytes a position |"
  echo "| and resident memory | $(began resident_per_position) bytes a position, $(began resident_mb) MB; $(began peak_mb) MB at most while it started | | | |"
  of() { echo "$latency" | field "$1"; }
  longer() { awk -v a="$(of "$1")" -v b="$(of "$2")" 'BEGIN { printf "%.1f times as long", a / b }'; }
  echo "| head to committed outbox row, $(of accounts) accounts, from the announcement over WebSocket, without the node's own time | p50 $(of ours_p50) ms, p99 $(of ours_p99) ms | | | p50 under 15 ms, p99 under 50 ms |"
  echo "| the same with the node's own time ($(of node_p50) ms, p99 $(of node_p99) ms) | p50 $(of total_p50) ms, p99 $(of total_p99) ms | viem, decoded logs only: p50 $(of viem_p50) ms, p99 $(of viem_p99) ms | $(longer total_p50 viem_p50) | |"
  echo "| of it, the $(of blocks_told) of $(of blocks) heads at which something was told | p50 $(of told_p50) ms, p99 $(of told_p99) ms | | | |"
  echo "| of it, until the logs are decoded and folded | p50 $(of logs_p50) ms, p99 $(of logs_p99) ms | the same of viem | $(longer logs_p50 viem_p50) | |"
  echo "| its JSON-RPC calls, without those about finality, at most at one head | $(of calls_most) | | | 3 |"
  rates() { cut -d' ' -f1 "$work/backfill.$1" | median; }
  echo "| backfill and discovery of $logs logs into SQLite, index included | $(rates ours) logs/s | ponder on PGlite, which stores more, $(echo "$ponder" | field events) of them: $(echo "$ponder" | cut -d' ' -f1) events/s | $(awk -v a="$(rates ours)" -v b="${ponder%% *}" 'BEGIN { printf "%.0f", a / b }') | 30 |"
  echo "| the same | $(rates ours) logs/s | viem, decoded getLogs, stores nothing: $(rates viem) logs/s | $(awk -v a="$(rates ours)" -v b="$(rates viem)" 'BEGIN { printf "%.1f", a / b }') | 4 |"
  echo "| the same | $(rates ours) logs/s | the bytes alone, read and dropped: $(rates bytes) logs/s | $(awk -v a="$(rates ours)" -v b="$(rates bytes)" 'BEGIN { printf "%.2f", a / b }') | |"
}
table | tee "$work/table"
{
  echo
  echo "$(date -u +%F), $([ "$seconds" = 20 ] && echo quick || echo long) run: $(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1), $(awk '/MemTotal/ { printf "%.0f GB", $2 / 1e6 }' /proc/meminfo 2>/dev/null), $(uname -s), .NET $(dotnet --version), Node $(node --version)"
  echo
  cat "$work/table"
  echo
} > "$work/section"
awk -v section="$work/section" '
  /<!-- table -->/ { print; while ((getline line < section) > 0) print line; skip = 1; next }
  /<!-- end of table -->/ { skip = 0 }
  !skip' "$here/README.md" > "$work/readme"
cat "$work/readme" > "$here/README.md"
