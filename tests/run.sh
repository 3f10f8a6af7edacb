#!/usr/bin/env bash
# The tests, with what they need installed first.
#   bash tests/run.sh              everything: unit, vectors, properties, simulation, real contracts on a local node
#   bash tests/run.sh --vectors    the vector files only; DEFIMONITOR_VECTORS names a folder with more of them
#   bash tests/run.sh --quick      everything that needs no local node
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-all}
case "$mode" in
  all | --vectors | --quick) ;;
  *) echo "tests/run.sh: '$mode' is not an option; write --vectors, --quick or nothing" >&2; exit 2 ;;
esac

command -v dotnet >/dev/null || { echo "tests/run.sh: the .NET 10 SDK is needed (dotnet is not on PATH)" >&2; exit 2; }

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export DEFIMONITOR_VECTORS_REPORT="$results/vectors.txt"

. tests/node.sh

passed=0 failed=0 skipped=0 status=0
run() { # project, further arguments
  local project=$1 log p f s
  shift
  log="$results/$(basename "$project").log"
  if ! dotnet test "$project" -c Release --nologo -v quiet --logger "console;verbosity=normal" "$@" > "$log" 2>&1; then
    status=1
    grep -vE '^ +Passed ' "$log" || true
  fi
  p=$(sed -nE 's/^ +Passed: ([0-9]+)$/\1/p' "$log" | tail -n 1)
  f=$(sed -nE 's/^ +Failed: ([0-9]+)$/\1/p' "$log" | tail -n 1)
  s=$(sed -nE 's/^ +Skipped: ([0-9]+)$/\1/p' "$log" | tail -n 1)
  if [ -z "$p$f" ]; then
    echo "tests/run.sh: $project ran no test" >&2
    f=1
  fi
  echo "$(basename "$project"): ${p:-0} passed, ${f:-0} failed"
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
}

if [ "$mode" = --vectors ]; then
  run tests/DefiMonitor.Tests --filter "kind=vectors"
  cat "$DEFIMONITOR_VECTORS_REPORT"
else
  run tests/DefiMonitor.Tests
  if [ "$mode" = all ]; then
    install_node tests/run.sh "the tests on a local node (--quick leaves them out)"
    install_devnet
    run tests/DefiMonitor.DevnetTests
  fi
fi

line="$passed passed, $failed failed"
[ "$skipped" = 0 ] || line="$line, $skipped skipped"
echo "$line"
[ "$failed" = 0 ] && [ "$status" = 0 ]
