# evcc-dynsec PLAN WANTED: brings the broker's dynamic security to the wanted state. Run again, it changes nothing.
#
# From the environment: HOST and PORT of the broker, ADMIN (the administrator's name), RUNTIME_DIRECTORY, and
# CREDENTIALS_DIRECTORY with the files `admin` and `password-CLIENT`. No secret is ever an argument: the list of
# processes is public.
plan=$1 wanted=$2
control='$CONTROL/dynamic-security/v1'
umask 077
logins=$RUNTIME_DIRECTORY/logins
trap 'rm -rf "$logins"' EXIT

# login CLIENT PASSWORDFILE: a folder in which mosquitto's programs find their options.
login() {
  mkdir -p "$logins/$1"
  printf -- '-h %s\n-p %s\n-u %s\n-P %s\n' "$HOST" "$PORT" "$1" "$(cat "$2")" >"$logins/$1/mosquitto_sub"
  ln -sf mosquitto_sub "$logins/$1/mosquitto_pub"
  echo "$logins/$1"
}

admin=$(login "$ADMIN" "$CREDENTIALS_DIRECTORY/admin")

# Commands on stdin, answers on stdout. What the broker refuses ends it, in the broker's words.
ask() {
  local line='' commands answers
  commands=$(jq -c '{commands: .}')
  # mosquitto_rr 2.0 garbles what it reads from a file. This one says when it listens (-d), then what it hears.
  coproc listen { XDG_CONFIG_HOME=$admin stdbuf -oL mosquitto_sub -d -q 1 -C 1 -W 15 -t "$control/response" 2>&1; }
  exec {answers}<&"${listen[0]}"
  while [[ $line != Subscribed* ]] && read -r line <&"$answers"; do :; done
  printf %s "$commands" | XDG_CONFIG_HOME=$admin mosquitto_pub -q 1 -t "$control" -s || true
  while [[ $line != '{'* ]] && read -r line <&"$answers"; do :; done
  if [[ $line != '{'* ]]; then
    echo "the broker at $HOST:$PORT does not answer to $ADMIN: $line" >&2
    return 1
  fi
  jq -r '.responses[] | select(.error) | "\(.command): \(.error)"' <<<"$line" >&2
  jq -ce 'if any(.responses[]; .error) then false else .responses end' <<<"$line"
}

passwords=() rejected=()
for file in "$CREDENTIALS_DIRECTORY"/password-*; do
  [ -e "$file" ] || continue
  client=$(basename "$file")
  client=${client#password-}
  passwords+=(--rawfile "password-$client" "$file")
  # 5: not authorised. Whatever else it says about this topic, it said to somebody who is logged in.
  XDG_CONFIG_HOME=$(login "$client" "$file") mosquitto_sub -E -W 5 -t evcc-dynsec/login >/dev/null 2>&1 && code=0 || code=$?
  [ "$code" -ne 5 ] || rejected+=("$client")
done

state=$(ask <<<'[
  {"command": "listRoles", "verbose": true, "count": -1, "offset": 0},
  {"command": "listGroups", "verbose": true, "count": -1, "offset": 0},
  {"command": "listClients", "verbose": true, "count": -1, "offset": 0},
  {"command": "getDefaultACLAccess"}
]')
commands=$(
  jq -c "${passwords[@]}" --slurpfile wanted "$wanted" --from-file "$plan" <<<"$state" --args -- "${rejected[@]}"
)

if [ "$commands" = '[]' ]; then
  echo "the broker's dynamic security is as it should be"
else
  jq -r '.[] | [.command, .rolename, .groupname, .username] | map(select(.)) | join(" ")' <<<"$commands"
  ask <<<"$commands" >/dev/null
fi
