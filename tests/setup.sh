#!/bin/sh
# Brings the programs that some tests run against: Chromium, geth, nats-server, anvil, cast and web3.py. Whatever cannot be had
# is said in one line, and the tests that need it are ignored by name. It is quick when everything is there, and never fails.

geth_version=v1.17.10
nats_version=v2.15.2
foundry_version=1.7.1
web3_python_version=8.0.0
tools="${SALLYPORT_TOOLS:-${HOME:-/tmp}/.cache/sallyport-tools}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
mkdir -p "$tools/bin" 2>/dev/null || {
  echo "set-up: $tools cannot be written: Chromium, geth, nats-server, anvil and cast are used where they are installed"
  exit 0
}

missing() {
  echo "set-up: no $1 ($2): the tests that need it are ignored"
}

# What a tool's own version says decides, so that another version of it elsewhere on the machine does no harm.
has() {
  [ -f "$tools/$1-$2" ]
}

chromium_found() {
  command -v chromium >/dev/null || [ -n "${CHROMIUM_PATH:-}" ]
}

bring_chromium() {
  chromium_found && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "set-up: installing Chromium"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } \
      >"$log" 2>&1
  fi
  chromium_found || missing chromium "it is Debian's package of that name, and installing it takes apt and root"
}

bring_by_go() {
  has "$1" "$3" && return
  if ! command -v go >/dev/null && [ ! -x /usr/local/go/bin/go ]; then
    missing "$1" "it is built by Go, which is not installed"
    return
  fi
  echo "set-up: building $1 $3"
  if PATH="$PATH:/usr/local/go/bin" GOBIN="$tools/bin" go install "$2@$3" >"$log" 2>&1; then
    touch "$tools/$1-$3"
  else
    missing "$1" "go install: $(tail -n 1 "$log")"
  fi
}

bring_foundry() {
  has anvil "$foundry_version" && has cast "$foundry_version" && return
  if ! command -v npm >/dev/null; then
    missing "anvil and cast" "they are npm's @foundry-rs/anvil and @foundry-rs/cast, and npm is not installed"
    return
  fi
  echo "set-up: installing anvil and cast $foundry_version"
  # Both at once: npm takes away what the last of two installs does not name.
  npm install --silent --no-save --prefix "$tools" "@foundry-rs/anvil@$foundry_version" "@foundry-rs/cast@$foundry_version" \
    >"$log" 2>&1
  for name in anvil cast; do
    # The program itself, not the script that npm puts before it.
    for program in "$tools"/node_modules/@foundry-rs/"$name"-*/bin/"$name"; do
      [ -x "$program" ] && ln -sf "$program" "$tools/bin/$name" && touch "$tools/$name-$foundry_version"
    done
    has "$name" "$foundry_version" || missing "$name" "npm install: $(tail -n 1 "$log")"
  done
}

bring_web3_python() {
  has web3-python "$web3_python_version" && return
  if ! command -v python3 >/dev/null; then
    missing web3.py "it is a package of PyPI, and Python is not installed"
    return
  fi
  echo "set-up: installing web3.py $web3_python_version"
  folder="$tools/web3-python"
  if { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet "web3==$web3_python_version"; } >"$log" 2>&1; then
    # A link would not find the packages beside the interpreter.
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$folder/bin/python" >"$tools/bin/web3-python"
    chmod +x "$tools/bin/web3-python"
    touch "$tools/web3-python-$web3_python_version"
  else
    missing web3.py "pip install: $(tail -n 1 "$log")"
  fi
}

bring_chromium
bring_by_go geth github.com/ethereum/go-ethereum/cmd/geth "$geth_version"
bring_by_go nats-server github.com/nats-io/nats-server/v2 "$nats_version"
bring_foundry
bring_web3_python
exit 0
