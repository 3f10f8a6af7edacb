# For sourcing: Node.js 20 or newer with npm, installed where that can be done without asking.
#   install_node WHO FOR    WHO names the script in the complaint, FOR what needs it
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
