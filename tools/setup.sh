#!/usr/bin/env bash
# Installs what is missing to build, test and run on Debian or Ubuntu. Quick, and without network, when nothing is.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly UV_VERSION=0.13.9    # what is installed where there is no uv
readonly UV_OLDEST=0.8.0      # an older one cannot read this lock
readonly BROKER=/usr/lib/rabbitmq/bin/rabbitmq-server
readonly POLICY=/usr/sbin/policy-rc.d
readonly NO_CLUSTER=/etc/postgresql-common/createcluster.d/publicprotection.conf
readonly NODE_FOLDERS=(tests/interop/node tests/browser examples/node services/console)
made=() # files that keep services off, while they do
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1

say() { printf 'setup: %s\n' "$*" >&2; }

# The first Python that the project supports (pyproject.toml, requires-python), or nothing.
find_python() {
    local candidate
    for candidate in python3 python3.11 python3.12 python3.13; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

# On a distribution whose python3 is another version, the oldest supported one that it offers.
name_python_packages() {
    local version
    for version in 3.11 3.12 3.13; do
        if apt-cache show "python$version-venv" >/dev/null 2>&1; then
            echo "python$version python$version-venv"
            return
        fi
    done
    echo "python3 python3-venv"
}

list_missing_python() {
    local python
    python=$(find_python)
    if [ -z "$python" ]; then
        if command -v python3 >/dev/null; then name_python_packages; else echo "python3 python3-venv"; fi
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$python-venv"
    fi
}

list_missing() {
    [ -x .venv/bin/python ] || list_missing_python
    [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
    [ -x "$BROKER" ] || echo rabbitmq-server
    has_postgresql || echo postgresql
    has_browser || list_browser
}

# The tests run a server of their own, by these programs.
has_postgresql() {
    local program
    for program in /usr/lib/postgresql/*/bin/initdb; do
        if [ -x "$program" ]; then return 0; fi
    done
    command -v initdb >/dev/null
}

# The tests of pages drive it without a window.
has_browser() {
    command -v chromedriver >/dev/null && { command -v chromium || command -v google-chrome; } >/dev/null
}

# Ubuntu has Chromium as a snap only, which neither a container nor a driver from outside it can use.
list_browser() {
    if grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
        say "no browser for tests/browser: install google-chrome and its chromedriver"
    else
        echo "chromium chromium-driver"
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_be_root() {
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

# Debian starts a service on installation, and makes a cluster for PostgreSQL. This project runs a broker and
# servers of its own, so the system's are kept off while packages are installed.
forbid_starts() {
    trap permit_starts EXIT
    if [ ! -e "$POLICY" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
        as_root chmod 755 "$POLICY"
        made+=("$POLICY")
    fi
    if [ ! -e "$NO_CLUSTER" ]; then
        as_root mkdir -p "${NO_CLUSTER%/*}"
        echo 'create_main_cluster = false' | as_root tee "$NO_CLUSTER" >/dev/null
        made+=("$NO_CLUSTER")
    fi
}

permit_starts() {
    local file
    for file in "${made[@]}"; do as_root rm -f "$file"; done
    made=()
    trap - EXIT
}

keep_system_broker_off() {
    if [ -d /run/systemd/system ]; then as_root systemctl disable --now rabbitmq-server || true; fi
}

install_packages() {
    forbid_starts
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
    permit_starts
    case " $* " in *" rabbitmq-server "*) keep_system_broker_off ;; esac
}

install_missing_packages() {
    local missing
    mapfile -t missing < <(list_missing | tr ' ' '\n')
    [ "${#missing[@]}" -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        say "this is neither Debian nor Ubuntu; install the equivalents of: ${missing[*]}"
        exit 1
    fi
    if ! can_be_root; then
        say "packages are missing; run this line, then try again:"
        echo "sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    say "installing ${missing[*]}"
    install_packages "${missing[@]}" >&2 </dev/null
}

is_recent_uv() {
    local version
    version=$("$1" --version 2>/dev/null | cut -d' ' -f2) || return 1
    [ -n "$version" ] && [ "$(printf '%s\n' "$UV_OLDEST" "$version" | sort -V | head -n1)" = "$UV_OLDEST" ]
}

find_uv() {
    if is_recent_uv uv; then
        echo uv
    elif is_recent_uv build/tools/bin/uv; then
        echo build/tools/bin/uv
    fi
}

install_uv() {
    say "installing uv $UV_VERSION in build/tools"
    "$(find_python)" -m venv build/tools >&2
    build/tools/bin/pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" >&2 </dev/null
}

install_python_packages() {
    local uv
    uv=$(find_uv)
    if [ -z "$uv" ]; then
        install_uv
        uv=build/tools/bin/uv
    fi
    "$uv" sync --frozen --quiet </dev/null
}

install_node_packages_of() {
    local folder=$1
    [ -f "$folder/package-lock.json" ] || return 0
    local done=$folder/node_modules/.package-lock.json
    if [ -f "$done" ] && [ ! "$folder/package-lock.json" -nt "$done" ]; then return 0; fi
    say "installing the Node packages of $folder"
    npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error </dev/null >&2
    touch "$done"
}

install_node_packages() {
    local folder
    for folder in "${NODE_FOLDERS[@]}"; do install_node_packages_of "$folder"; done
}

install_missing_packages
install_missing_packages # that a distribution's python3 is too old shows only once it is there
install_python_packages
install_node_packages
