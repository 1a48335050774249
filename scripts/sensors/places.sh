# Where the tools are put: a root of its own for each Debian release, a folder for what other registries bring.
# Sourced by make-outputs.sh and the tools' scripts. CAPTURE and OUT are set by make-outputs.sh.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/oddflow/sensors
export TZ=UTC

# debian RELEASE PACKAGE...: makes the release's root with these packages, once, and puts the capture into its /exchange.
debian() {
  local root=$cache/$1 release=$1
  shift
  mkdir -p "$cache"
  [ -e "$root/etc/debian_version" ] || debootstrap --variant=minbase "$release" "$root" >&2
  if ! chroot "$root" dpkg -s iproute2 "$@" >/dev/null 2>&1; then
    # A mirror may be behind sid, whose lists are good for a week only.
    chroot "$root" apt-get update -q -o Acquire::Check-Valid-Until=false >&2
    DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y -q --no-install-recommends iproute2 "$@" >&2
  fi
  mkdir -p "$root/exchange"
  cp "$CAPTURE" "$root/exchange/capture.pcap"
}

# inside RELEASE COMMAND: runs a bash command line in the release's /exchange, with a loopback of its own and no network.
inside() {
  unshare --net chroot "$cache/$1" bash -euc "ip link set lo up; cd /exchange; export TZ=$TZ; $2"
}

# python_with NAME PYTHON PACKAGE...: makes a virtual environment, once; its python is $cache/NAME/bin/python.
python_with() {
  local home=$cache/$1
  if [ ! -e "$home/made" ]; then
    "$2" -m venv "$home" && "$home/bin/pip" install -q "${@:3}" && touch "$home/made"
  fi
}
