# Sourced by run.sh and test.sh: sees to it that the programs they need are there, and installs the missing ones.
# usage: require_programs program=package …

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

require_sdk() {
    command -v dotnet >/dev/null 2>&1 ||
        fail "no dotnet on PATH. Install the .NET 10 SDK: https://learn.microsoft.com/dotnet/core/install/linux"
    dotnet --version >/dev/null ||
        fail "global.json asks for a .NET 10 SDK and 'dotnet --list-sdks' shows none. Install the .NET 10 SDK."
}

require_programs() {
    local pair packages=()
    for pair in "$@"; do
        PATH="$PATH:/usr/sbin" command -v "${pair%%=*}" >/dev/null 2>&1 || packages+=("${pair#*=}")
    done
    [ "${#packages[@]}" -eq 0 ] || install_packages "${packages[@]}"
}

# Debian keeps the programs of PostgreSQL off the PATH.
require_postgres() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null 2>&1 || install_packages postgresql
}

# npm brings the chart library of the Monitor's pages when it is built.
require_npm() {
    npm --version >/dev/null 2>&1 || install_packages npm
}

install_packages() {
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    command -v apt-get >/dev/null 2>&1 ||
        fail "missing: $*. Install them with your system's package manager (there is no apt-get here) and run this again."
    [ "${#as_root[@]}" -eq 0 ] || command -v sudo >/dev/null 2>&1 ||
        fail "missing: $*. Install them as root: apt-get install --no-install-recommends $*"

    echo "Installing $* …"
    # The packages bring system services. OrderFlow runs its own, so these are neither started now nor at the next boot.
    local policy=/usr/sbin/policy-rc.d blocked=0
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod +x "$policy"
        blocked=1
    fi
    local status=0
    { "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; } </dev/null || status=$?
    [ "$blocked" -eq 0 ] || "${as_root[@]}" rm -f "$policy"
    [ "$status" -eq 0 ] || fail "apt-get could not install: $*. Its messages are above."
    if [ -d /run/systemd/system ]; then
        "${as_root[@]}" systemctl disable "$@" >/dev/null 2>&1 ||
            echo "Could not disable the system services of: $* (nothing of OrderFlow depends on it)."
    fi
}

# Compilers that stay behind as servers would outlive the command that the user stops.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
