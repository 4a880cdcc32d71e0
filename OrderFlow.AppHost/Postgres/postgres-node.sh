#!/bin/sh
# Runs one PostgreSQL server in the foreground, apart from any other on the machine: its own cluster, port, user and password.
# Everything comes from the environment, so that no secret appears in a process list.
# The server is ready when a client can log in: an open port may be another server's.
set -eu

: "${NODE_DIRECTORY:?where the server keeps its cluster}"
: "${NODE_USER:?name of the superuser}" "${NODE_PASSWORD:?password of that user}" "${NODE_PORT:?}"

# Debian keeps the programs of each version apart and off the PATH; the newest is taken.
if [ -z "${POSTGRES_BIN:-}" ]; then
    for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/bin /usr/bin; do
        [ ! -x "$bin/initdb" ] || [ ! -x "$bin/postgres" ] || { POSTGRES_BIN=$bin; case $bin in /usr/lib/postgresql/*) ;; *) break ;; esac; }
    done
fi
if [ -z "${POSTGRES_BIN:-}" ]; then
    echo "postgres-node: no PostgreSQL server. Install it with: sudo apt-get install postgresql" >&2
    exit 127
fi

umask 077
mkdir -p "$NODE_DIRECTORY"
cluster=$NODE_DIRECTORY/cluster
as_owner=

# PostgreSQL refuses to run as root, rightly: root drops to an unprivileged user, who must be able to reach the cluster.
if [ "$(id -u)" -eq 0 ]; then
    owner=postgres
    id "$owner" >/dev/null 2>&1 || owner=nobody
    as_owner="setpriv --reuid=$owner --regid=$(id -g "$owner") --clear-groups --"
    if [ ! -e "$cluster" ]; then
        # Others may pass through, not look around. NODE_PASSAGE: a folder above, of the same system, that is closed to them otherwise.
        chmod 0711 "$NODE_DIRECTORY" ${NODE_PASSAGE:+"$NODE_PASSAGE"}
        # The folder of a checkout may still lie behind one that only root may enter; the cluster then lives elsewhere.
        if $as_owner test -x "$NODE_DIRECTORY"; then
            mkdir "$cluster"
        else
            ln -s "$(mktemp -d /var/tmp/orderflow-postgres.XXXXXXXX)" "$cluster"
        fi
        chown "$owner" "$cluster/."
        chmod 0700 "$cluster/."
    fi
    cluster=$(readlink -f "$cluster")
fi

if [ ! -s "$cluster/PG_VERSION" ]; then
    # What an interrupted initdb left behind is worth nothing.
    $as_owner find "$cluster" -mindepth 1 -delete 2>/dev/null || true
    mkdir -p "$cluster"
    # A file of its own: another user cannot reopen this script's standard input.
    password=$(mktemp)
    trap 'rm -f "$password"' EXIT
    printf '%s\n' "$NODE_PASSWORD" > "$password"
    [ -z "$as_owner" ] || chown "$owner" "$password"
    $as_owner "$POSTGRES_BIN/initdb" --pgdata="$cluster" --username="$NODE_USER" --pwfile="$password" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-instructions
    rm -f "$password"
fi

unset NODE_PASSWORD

cd "$cluster"
exec $as_owner "$POSTGRES_BIN/postgres" -D "$cluster" \
    -c listen_addresses=127.0.0.1 -c port="$NODE_PORT" -c unix_socket_directories= \
    -c max_connections=500 -c shared_buffers=128MB -c max_wal_size=4GB -c wal_compression=lz4 \
    -c log_line_prefix='%m [%p] '
