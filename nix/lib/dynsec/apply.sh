# evcc-dynsec: brings a broker's dynamic security to the wanted state. Run again, it changes nothing.
#
# No secret is ever an argument: the list of processes is public. What systemd gives needs no option: HOST, PORT, TLS,
# CAFILE, ADMIN, and in CREDENTIALS_DIRECTORY the files `admin` and `password-CLIENT`.
usage() {
  cat <<'END'
evcc-dynsec [OPTION]...: rights of evcc and its suite on an MQTT broker with mosquitto's dynamic security

  -o FILE                    options as mosquitto_ctrl -o takes them (-h, -p, --cafile, -u, -P), one a line
  --host NAME                the broker (127.0.0.1)
  --port N                   its port (8883 with TLS, else 1883)
  --tls                      TLS with a certificate that the system trusts
  --cafile FILE              TLS with the certificates of this file
  --admin NAME               who may administer it (admin)
  --admin-password-file FILE
  --passwords FOLDER         a file a client, named like it, holding its password; others are not made
  --wanted FILE              roles, groups and clients, as nix eval --json .#lib.dynsec gives them
END
}
plan=$PLAN wanted=${WANTED:-}
host=${HOST:-127.0.0.1} port=${PORT:-} cafile=${CAFILE:-} tls=${TLS:-} admin=${ADMIN:-admin}
credentials=${CREDENTIALS_DIRECTORY:-}
adminfile=${credentials:+$credentials/admin} passwordsfolder=$credentials prefix=password- given=
while [ $# -gt 0 ]; do
  case $1 in
    -o)
      while read -r key value; do
        case $key in
          -h) host=$value ;;
          -p) port=$value ;;
          --cafile) cafile=$value ;;
          --tls-use-os-certs) tls=1 ;;
          -u) admin=$value ;;
          -P) given=$value ;;
          '' | '#'*) ;;
          *) echo "evcc-dynsec does not know $key of $2" >&2; exit 2 ;;
        esac
      done <"$2"
      shift
      ;;
    --host) host=$2; shift ;;
    --port) port=$2; shift ;;
    --tls) tls=1 ;;
    --cafile) cafile=$2; shift ;;
    --admin) admin=$2; shift ;;
    --admin-password-file) adminfile=$2; shift ;;
    --passwords) passwordsfolder=$2 prefix=; shift ;;
    --wanted) wanted=$2; shift ;;
    --help) usage; exit ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
[ -z "$cafile" ] || tls=1
port=${port:-$([ -n "$tls" ] && echo 8883 || echo 1883)}
control='$CONTROL/dynamic-security/v1'
umask 077
logins=$(mktemp -d "${RUNTIME_DIRECTORY:-${TMPDIR:-/tmp}}/logins.XXXXXX")
trap 'rm -rf "$logins"' EXIT

# login CLIENT PASSWORD: a folder in which mosquitto's programs find their options.
login() {
  mkdir -p "$logins/$1"
  {
    printf -- '-h %s\n-p %s\n-u %s\n-P %s\n' "$host" "$port" "$1" "$2"
    if [ -n "$cafile" ]; then printf -- '--cafile %s\n' "$cafile"; elif [ -n "$tls" ]; then echo --tls-use-os-certs; fi
  } >"$logins/$1/mosquitto_sub"
  ln -sf mosquitto_sub "$logins/$1/mosquitto_pub"
  echo "$logins/$1"
}

# Why nobody is reached, in words; nothing when somebody is. What mosquitto's programs say of it differs by version, and
# is "protocol error" for a missing route.
unreachable() {
  local said code=0
  said=$(LC_ALL=C timeout 5 "$BASH" -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>&1) || code=$?
  [ "$code" -ne 0 ] || return 0
  case $code:$said in
    *' not known'* | *'name resolution'* | *'No address associated'*)
      echo "the name: nobody knows $host (DNS)" ;;
    *'Connection refused'*)
      echo "the port: $host is there, and nothing listens on its port $port" ;;
    *)
      said=${said##*connect: }
      said=${said%%$'\n'*}
      echo "the network: $host does not answer on port $port (${said:-it says nothing}); is it on, and does a firewall let this machine through?" ;;
  esac
}

# What a person has to look at, by all that was said on the way.
cause() {
  local away
  case $1 in
    *ot\ authori* | *ad\ user\ name*)
      echo "the password: the broker does not know $admin with this one" ;;
    *CONNACK* | *Subscribed*)
      echo "rights: $admin may not administer it, or dynamic security is not loaded (a plugin before it may overrule it)" ;;
    *)
      away=$(unreachable)
      if [ -n "$away" ]; then
        echo "$away"
      elif [ -n "$tls" ]; then
        echo "TLS: is $host the name in the broker's certificate, is ${cafile:-what the system trusts} right for it, and does port $port speak TLS?"
      else
        echo "TLS: somebody listens on port $port of $host and does not answer as a broker does without it (--tls or --cafile asks for it); or it is no broker"
      fi
      ;;
  esac
}

as_admin=$(login "$admin" "${given:-$(cat "${adminfile:?no password of $admin: give --admin-password-file or -o}")}")

# Commands on stdin, answers on stdout. What the broker refuses ends it, in the broker's words.
ask() {
  local line='' heard='' commands answers
  commands=$(jq -c '{commands: .}')
  # mosquitto_rr 2.0 garbles what it reads from a file. This one says when it listens (-d), then what it hears.
  # A host that drops what it gets would have it wait for minutes.
  coproc listen { XDG_CONFIG_HOME=$as_admin timeout "$((${WAIT_S:-15} + 5))" stdbuf -oL mosquitto_sub -d -q 1 -C 1 -W "${WAIT_S:-15}" -t "$control/response" 2>&1; }
  exec {answers}<&"${listen[0]}"
  while [[ $line != Subscribed* ]] && read -r line <&"$answers"; do heard+=$line$'\n'; done
  if [[ $line == Subscribed* ]]; then
    printf %s "$commands" | XDG_CONFIG_HOME=$as_admin mosquitto_pub -q 1 -t "$control" -s >/dev/null 2>&1 || true
    while [[ $line != '{'* ]] && read -r line <&"$answers"; do heard+=$line$'\n'; done
  fi
  if [[ $line != '{'* ]]; then
    echo "the broker at $host:$port does not answer to $admin: ${heard//$'\n'/; }" >&2
    echo "The cause may be $(cause "$heard")" >&2
    return 1
  fi
  jq -r '.responses[] | select(.error) | "\(.command): \(.error)"' <<<"$line" >&2
  jq -ce 'if any(.responses[]; .error) then false else .responses end' <<<"$line"
}

state=$(ask <<<'[
  {"command": "listRoles", "verbose": true, "count": -1, "offset": 0},
  {"command": "listGroups", "verbose": true, "count": -1, "offset": 0},
  {"command": "listClients", "verbose": true, "count": -1, "offset": 0},
  {"command": "getDefaultACLAccess"}
]')
passwords=() rejected=()
for file in "${passwordsfolder:-/nowhere}/$prefix"*; do
  [ -f "$file" ] || continue
  client=$(basename "$file")
  client=${client#"$prefix"}
  passwords+=(--rawfile "password-$client" "$file")
  # 5: not authorised. Whatever else it says about this topic, it said to somebody who is logged in.
  XDG_CONFIG_HOME=$(login "$client" "$(cat "$file")") mosquitto_sub -E -W 5 -t evcc-dynsec/login >/dev/null 2>&1 && code=0 || code=$?
  [ "$code" -ne 5 ] || rejected+=("$client")
done

commands=$(
  jq -c "${passwords[@]}" --slurpfile wanted "$wanted" --from-file "$plan" <<<"$state" --args -- "${rejected[@]}"
)

if [ "$commands" = '[]' ]; then
  echo "the broker's dynamic security is as it should be"
else
  jq -r '.[] | [.command, .rolename, .groupname, .username] | map(select(.)) | join(" ")' <<<"$commands"
  ask <<<"$commands" >/dev/null
fi
