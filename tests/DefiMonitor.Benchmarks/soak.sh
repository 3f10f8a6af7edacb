#!/usr/bin/env bash
# Does it run for days? A day of judged blocks at reduced scale; a line a minute, at the end how memory moved.
#   bash tests/DefiMonitor.Benchmarks/soak.sh [--hours 24 | --minutes N] [--accounts 10000] [--blocks-per-second 4] [--warm-up MINUTES]
# The lines go to artifacts/soak/ too. Exit code 1: memory grows. Ctrl-C ends it early, with the verdict so far.
set -euo pipefail
cd "$(dirname "$0")/../.."

arguments=()
while [ "$#" -gt 0 ]; do
  case "$1" in
    --hours | --minutes | --accounts | --blocks-per-second | --warm-up) ;;
    *) echo "soak.sh: '$1' is not an option; write --hours, --minutes, --accounts, --blocks-per-second or --warm-up and a number" >&2; exit 2 ;;
  esac
  [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || { echo "soak.sh: $1 '${2:-}': write a whole number above 0" >&2; exit 2; }
  case "$1" in
    --hours) arguments+=(--minutes "$((60 * $2))") ;;
    *) arguments+=("$1" "$2") ;;
  esac
  shift 2
done
command -v dotnet >/dev/null || { echo "soak.sh: the .NET 10 SDK is needed (dotnet is not on PATH)" >&2; exit 2; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build tests/DefiMonitor.Benchmarks -c Release --nologo -v quiet

mkdir -p artifacts/soak
lines=artifacts/soak/$(date -u +%Y%m%d-%H%M%S).txt
echo "soak.sh: also in $lines" >&2
# Ctrl-C is for the run, which then concludes; tee waits for it.
trap '' INT
(trap - INT; exec dotnet artifacts/bin/DefiMonitor.Benchmarks/release/DefiMonitor.Benchmarks.dll soak ${arguments[@]+"${arguments[@]}"}) | tee "$lines"
