# For sourcing, from the repository's root.
#   install_node WHO FOR    Node.js 20 or newer with npm, where that can be done without asking; WHO names the script in the complaint, FOR what needs it
#   install_devnet          the local node and the contracts, once
install_node() {
  local who=$1 for=$2
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
      apt-get update -qq && apt-get install -y -qq nodejs npm >/dev/null
    else
      echo "$who: Node.js 20 or newer with npm is needed for $for; install it" >&2
      exit 2
    fi
  fi
  if [ "$(node -p 'process.versions.node.split(".")[0] >= 20')" != true ]; then
    echo "$who: Node.js 20 or newer is needed for $for, this is $(node --version); install it" >&2
    exit 2
  fi
}

install_devnet() {
  local dir=tests/DefiMonitor.DevnetTests/devnet stamp
  stamp=$(cksum < "$dir/package-lock.json")
  if [ "$(cat "$dir/node_modules/.installed" 2>/dev/null)" != "$stamp" ]; then
    echo "installing the contracts and the local node (once)"
    (cd "$dir" && npm ci --legacy-peer-deps --ignore-scripts --no-audit --no-fund --loglevel=error)
    echo "$stamp" > "$dir/node_modules/.installed"
  fi
}
