#!/bin/sh
# Runs one RabbitMQ node in the foreground, apart from any other on the machine: its own data, ports, cookie, epmd and users.
# Everything comes from the environment, so that no secret appears in a process list.
# The node is ready when its output says "Starting broker... completed"; an open port may be another node's.
set -eu

: "${NODE_DIRECTORY:?where the node keeps its data, cookie, configuration and logs}"
# NODE_DEFINITIONS: users and permissions, as JSON that RabbitMQ loads. Without it there is one user who may do everything.
[ -n "${NODE_DEFINITIONS:-}" ] || : "${NODE_USER:?name of the only broker user}" "${NODE_PASSWORD:?password of that user}"
: "${NODE_AMQP_PORT:?}" "${NODE_MANAGEMENT_PORT:?}" "${NODE_METRICS_PORT:?}" "${NODE_DIST_PORT:?}" "${NODE_EPMD_PORT:?}"
NODE_NAME=${NODE_NAME:-orderflow}
RABBITMQ_HOME=${RABBITMQ_HOME:-/usr/lib/rabbitmq}

# The package's own script: the one in sbin switches to another user.
server=$RABBITMQ_HOME/bin/rabbitmq-server
if [ ! -x "$server" ] || ! command -v erl >/dev/null 2>&1; then
    echo "rabbitmq-node: no RabbitMQ at $RABBITMQ_HOME. Install it with: sudo apt-get install rabbitmq-server" >&2
    exit 127
fi

umask 077
mkdir -p "$NODE_DIRECTORY/data" "$NODE_DIRECTORY/log"
cd "$NODE_DIRECTORY"

# Erlang refuses a cookie that others can read, and RabbitMQ one that is empty.
if [ ! -s .erlang.cookie ]; then
    rm -f .erlang.cookie
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > .erlang.cookie
fi
chmod 0400 .erlang.cookie

cat > rabbitmq.conf <<CONF
listeners.tcp.1 = 127.0.0.1:$NODE_AMQP_PORT
management.tcp.ip = 127.0.0.1
management.tcp.port = $NODE_MANAGEMENT_PORT
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = $NODE_METRICS_PORT
prometheus.return_per_object_metrics = true
cluster_name = $NODE_NAME
load_definitions = $NODE_DIRECTORY/definitions.json
raft.wal_max_size_bytes = 67108864
log.console = true
log.console.level = info
log.file = false
CONF
# Read at every start, unlike default_user: what the environment says is always what works.
if [ -n "${NODE_DEFINITIONS:-}" ]; then
    printf '%s\n' "$NODE_DEFINITIONS" > definitions.json
else
    escaped() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }
    cat > definitions.json <<JSON
{
  "users": [{ "name": "$(escaped "$NODE_USER")", "password": "$(escaped "$NODE_PASSWORD")", "tags": "administrator" }],
  "vhosts": [{ "name": "/" }],
  "permissions": [{ "user": "$(escaped "$NODE_USER")", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" }]
}
JSON
fi
echo '[rabbitmq_management,rabbitmq_prometheus,rabbitmq_consistent_hash_exchange].' > enabled_plugins
echo '[].' > advanced.config
: > rabbitmq-env.conf

# Without an epmd of its own the node would leave a daemon behind. The kernel ends this one with the node, whoever kills that: the shell becomes the node.
setpriv --pdeathsig TERM epmd -port "$NODE_EPMD_PORT" -address 127.0.0.1 </dev/null &

# The node comes after its epmd: finding none, the Erlang VM would start one as a daemon.
tries=100
until epmd -port "$NODE_EPMD_PORT" -address 127.0.0.1 -names >/dev/null 2>&1; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
        echo "rabbitmq-node: epmd does not answer on port $NODE_EPMD_PORT. Is the port taken by another program?" >&2
        exit 1
    fi
    sleep 0.05
done

export HOME="$NODE_DIRECTORY"
export RABBITMQ_CONF_ENV_FILE="$NODE_DIRECTORY/rabbitmq-env.conf"
export RABBITMQ_NODENAME="$NODE_NAME@localhost"
export RABBITMQ_CONFIG_FILE="$NODE_DIRECTORY/rabbitmq.conf"
export RABBITMQ_ADVANCED_CONFIG_FILE="$NODE_DIRECTORY/advanced.config"
export RABBITMQ_ENABLED_PLUGINS_FILE="$NODE_DIRECTORY/enabled_plugins"
export RABBITMQ_MNESIA_BASE="$NODE_DIRECTORY/data"
export RABBITMQ_LOG_BASE="$NODE_DIRECTORY/log"
export RABBITMQ_DIST_PORT="$NODE_DIST_PORT"
export RABBITMQ_CTL_DIST_PORT_MIN=$((NODE_DIST_PORT + 1))
export RABBITMQ_CTL_DIST_PORT_MAX=$((NODE_DIST_PORT + 10))
export ERL_EPMD_PORT="$NODE_EPMD_PORT"
export ERL_EPMD_ADDRESS=127.0.0.1
# Idle schedulers must not spin: the services want the same cores.
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-start_epmd false -kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none'
unset NODE_PASSWORD NODE_DEFINITIONS

# detached: the script replaces itself by the Erlang VM instead of waiting for it.
detached=1 exec "$server"
