#!/bin/bash
# Measures `mailhelpbot test` against a bare client and common tools on a link
# with a round-trip time, and prints a Markdown table of medians.
#
# The link joins two network namespaces and delays every packet by half of RTT
# in each direction; on the far side run Dovecot (993, 995, 143) and Postfix
# (465, 587). Needs root, /dev/net/tun, dovecot-imapd, dovecot-pop3d, postfix,
# iproute2 and openssl; nmap, curl and swaks are measured when installed.
#
#   scripts/bench.sh [RUNS]          RTT=50 (milliseconds) by default, RUNS=11
set -euo pipefail
runs=${1:-11}
rtt=${RTT:-50}
host=mail.bench.test user=anna@bench.test password=geheim-123
client=mhb-client server=mhb-server
dir=$(mktemp -d /tmp/mhb-bench.XXXXXX)
chmod 755 "$dir"
cd "$(dirname "$0")/.."

cleanup() {
  set +e
  ip netns exec $server postfix -c "$dir/postfix" stop >/dev/null 2>&1
  [ -n "${dovecot_pid:-}" ] && kill "$dovecot_pid" 2>/dev/null
  [ -n "${link_pid:-}" ] && kill "$link_pid" 2>/dev/null
  wait 2>/dev/null
  ip netns del $client 2>/dev/null
  ip netns del $server 2>/dev/null
  rm -rf "$dir" /etc/netns/$client
}
trap cleanup EXIT

certificates() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=Bench Root" \
    -keyout "$dir/root.key" -out "$dir/root.pem" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$host" -keyout "$dir/server.key" -out "$dir/server.csr" 2>/dev/null
  openssl x509 -req -in "$dir/server.csr" -CA "$dir/root.pem" -CAkey "$dir/root.key" -CAcreateserial -days 30 -out "$dir/server.pem" \
    -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' $host) 2>/dev/null
  chmod 644 "$dir/server.key"
}

configure() {
  mkdir -p "$dir"/{run,mail,postfix,spool/private,data}
  chown nobody "$dir/mail"
  chown postfix "$dir/data" "$dir/spool/private"
  printf '%s:{PLAIN}%s\n' $user $password >"$dir/users"
  cat >"$dir/dovecot.conf" <<END
base_dir = $dir/run
log_path = $dir/dovecot.log
protocols = imap pop3
listen = *
instance_name = mhb-bench
mail_location = maildir:$dir/mail/%u
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
ssl = required
ssl_cert = <$dir/server.pem
ssl_key = <$dir/server.key
auth_mechanisms = plain login
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u $dir/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$dir/mail/%u
}
service imap-login {
  process_min_avail = 2
  service_count = 0
}
service pop3-login {
  process_min_avail = 2
  service_count = 0
}
service auth {
  unix_listener $dir/spool/private/auth {
    mode = 0666
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
END
  cat >"$dir/postfix/main.cf" <<END
compatibility_level = 3.6
queue_directory = $dir/spool
data_directory = $dir/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = /var/log/mhb-bench.log
inet_protocols = ipv4
myhostname = $host
mydestination =
mynetworks =
smtpd_relay_restrictions = permit_sasl_authenticated, reject
default_transport = discard:
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = $dir/server.pem
smtpd_tls_key_file = $dir/server.key
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
alias_maps =
alias_database =
END
  cat >"$dir/postfix/master.cf" <<END
submission inet n - n - 100 smtpd
  -o smtpd_tls_security_level=encrypt
submissions inet n - n - 100 smtpd
  -o smtpd_tls_wrappermode=yes
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
discard unix - - n - - discard
error unix - - n - - error
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
END
}

network() {
  for n in $client $server; do
    ip netns add $n
    ip -n $n link set lo up
  done
  mkdir -p /etc/netns/$client
  printf '127.0.0.1 localhost\n10.99.0.2 %s\n' $host >/etc/netns/$client/hosts
  "$dir/bench" link $client $server "$((rtt * 500))us" &
  link_pid=$!
  local n
  for n in $client:10.99.0.1 $server:10.99.0.2; do
    until ip -n "${n%%:*}" link show bench0 >/dev/null 2>&1; do sleep 0.05; done
    ip -n "${n%%:*}" addr add "${n#*:}/24" dev bench0
    ip -n "${n%%:*}" link set bench0 up
  done
}

serve() {
  ip netns exec $server dovecot -F -c "$dir/dovecot.conf" >"$dir/dovecot.out" 2>&1 &
  dovecot_pid=$!
  ip netns exec $server postfix -c "$dir/postfix" start >"$dir/postfix.out" 2>&1
  local p
  for p in 993 995 143 465 587; do
    for _ in $(seq 200); do
      ip netns exec $server bash -c "exec 3<>/dev/tcp/10.99.0.2/$p" 2>/dev/null && continue 2
      sleep 0.05
    done
    echo "port $p does not open; see $dir" >&2
    trap - EXIT
    exit 1
  done
}

# took COMMAND… prints how long it takes in milliseconds, process start included.
took() {
  local start
  start=$(date +%s%N)
  ip netns exec $client timeout 300 "$@" </dev/null >"$dir/out" 2>&1 || true
  echo $((($(date +%s%N) - start) / 1000000))
}

median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
slowest() { printf '%s\n' "$@" | sort -n | tail -1; }

# row LABEL TIMES MEMORY prints a row with the median and the slowest of the
# runs in milliseconds, and the peak memory of one more in KB.
row() {
  # shellcheck disable=SC2086 # a list
  printf '| %s | %s | %s | %s |\n' "$1" "$(median $2)" "$(slowest $2)" "$(($3 / 1024))"
}

# measure LABEL COMMAND… is a row of its own.
measure() {
  local label=$1 times=()
  shift
  for _ in $(seq "$runs"); do times+=("$(took "$@")"); done
  row "$label" "${times[*]}" "$(ip netns exec $client "$dir/peak" "$@")"
}

# pair MODE [OPTION] measures the bare client and ours in turn, so that a busy
# moment of the machine meets both.
pair() {
  local mode=$1 option=${2:-} bare=() ours=() probe=() ratio
  local floor=("$dir/bench" floor $host "$dir/root.pem" $user $password ${option:+-auth})
  local test=("$dir/mailhelpbot" test --json ${option:+$option} $host)
  for _ in $(seq "$runs"); do
    bare+=("$(took "${floor[@]}")")
    ours+=("$(took "${test[@]}")")
    probe+=("$(sed -n 's/.*"elapsed_ms": \([0-9]*\).*/\1/p' "$dir/out")")
  done
  row "bare client, five endpoints$mode" "${bare[*]}" "$(ip netns exec $client "$dir/peak" "${floor[@]}")"
  row "**mailhelpbot test**, five endpoints, full diagnosis$mode" "${ours[*]}" "$(ip netns exec $client "$dir/peak" "${test[@]}")"
  ratio=$(awk "BEGIN { printf \"%.2f\", $(median "${ours[@]}") / $(median "${bare[@]}") }")
  notes+=("- whole process, full diagnosis$mode: $ratio times the bare client; the probe as it reports itself $(median "${probe[@]}") ms")
}

go build -o "$dir/bench" ./internal/diagnose/bench
go build -o "$dir/mailhelpbot" ./cmd/mailhelpbot
cat >"$dir/peak" <<'END'
#!/usr/bin/python3
import os, resource, subprocess, sys
subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
chmod 755 "$dir/peak"
certificates
configure
network
serve

export MAILHELPBOT_PROBE_ALLOW=10.99.0.0/24 MAILHELPBOT_PROBE_ROOTS=$dir/root.pem MAILHELPBOT_DB=$dir/bot.db
export MAILHELPBOT_TEST_USER=$user MAILHELPBOT_TEST_PASSWORD_FILE=$dir/password
printf %s $password >"$dir/password"
ip netns exec $client "$dir/mailhelpbot" test --json $host >"$dir/first.json" || { cat "$dir/first.json"; exit 1; }

echo "Round-trip time $rtt ms; median and slowest of $runs runs in milliseconds, peak memory in MB."
echo
echo "| command | median | slowest | memory |"
echo "|---|---|---|---|"
notes=()
pair ""
pair ", login" --auth
measure "openssl s_client, 993" openssl s_client -connect $host:993 -CAfile "$dir/root.pem" -verify_hostname $host -verify_return_error -brief
if command -v curl >/dev/null; then
  measure "curl, 993 with login" curl -sS -m 20 --cacert "$dir/root.pem" -u $user:$password "imaps://$host/INBOX" -X NOOP
fi
if command -v swaks >/dev/null; then
  measure "swaks, 587 with login" swaks --server $host -p 587 --tls --tls-ca-path "$dir/root.pem" --tls-verify -a PLAIN -au $user -ap $password --quit-after AUTH
fi
if command -v nmap >/dev/null; then
  measure "nmap, five ports: capabilities, certificate" nmap -Pn -n -p 143,465,587,993,995 --script imap-capabilities,pop3-capabilities,smtp-commands,ssl-cert $host
fi
echo
printf '%s\n' "${notes[@]}"
