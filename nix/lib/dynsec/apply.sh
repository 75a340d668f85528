# evcc-dynsec PLAN WANTED: brings the broker's dynamic security to the wanted state. Run again, it changes nothing.
#
# From the environment: HOST and PORT of the broker, ADMIN (the admin client's name), RUNTIME_DIRECTORY, and
# CREDENTIALS_DIRECTORY with the files `admin` and `password-CLIENT`. No secret is ever an argument: the list of
# processes is public.
plan=$1 wanted=$2
control='$CONTROL/dynamic-security/v1'
umask 077

# login CLIENT PASSWORDFILE: a folder with options for mosquitto's own programs, instead of arguments.
login() {
  local folder="$RUNTIME_DIRECTORY/login-$1"
  mkdir -p "$folder"
  printf -- '-h %s\n-p %s\n-u %s\n-P %s\n' "$HOST" "$PORT" "$1" "$(cat "$2")" >"$folder/options"
  ln -sf options "$folder/mosquitto_rr"
  ln -sf options "$folder/mosquitto_sub"
  echo "$folder"
}

admin=$(login "$ADMIN" "$CREDENTIALS_DIRECTORY/admin")
trap 'rm -rf "$RUNTIME_DIRECTORY"/login-*' EXIT

# Commands on stdin, answers on stdout. What the broker refuses ends it, in the broker's words.
ask() {
  local answer
  answer=$(jq -c '{commands: .}' | XDG_CONFIG_HOME=$admin mosquitto_rr -q 1 -W 15 -t "$control" -e "$control/response" -s) || {
    echo "the broker at $HOST:$PORT does not answer as $ADMIN; is the dynamic security plugin loaded?" >&2
    return 1
  }
  if ! jq -e '[.responses[] | select(.error)] == []' >/dev/null <<<"$answer"; then
    jq -r '.responses[] | select(.error) | "\(.command): \(.error)"' <<<"$answer" >&2
    return 1
  fi
  jq -c .responses <<<"$answer"
}

passwords=() rejected=()
for file in "$CREDENTIALS_DIRECTORY"/password-*; do
  [ -e "$file" ] || continue
  client=$(basename "$file")
  client=${client#password-}
  passwords+=(--rawfile "password-$client" "$file")
  # A filter that nobody may read: to be refused it is to be logged in.
  XDG_CONFIG_HOME=$(login "$client" "$file") mosquitto_sub -W 5 -E -t evcc-dynsec/login >/dev/null 2>&1 \
    || [ "$?" -eq 27 ] || rejected+=("$client")
done

commands=$(
  jq -n '[
    {command: "listRoles", verbose: true, count: -1, offset: 0},
    {command: "listGroups", verbose: true, count: -1, offset: 0},
    {command: "listClients", verbose: true, count: -1, offset: 0},
    {command: "getDefaultACLAccess"}
  ]' | ask | jq -c "${passwords[@]}" --slurpfile wanted_file "$wanted" \
    --argjson rejected "$(jq -nc '$ARGS.positional' --args -- "${rejected[@]}")" \
    "\$wanted_file[0] as \$wanted | $(cat "$plan")"
)

if [ "$commands" = '[]' ]; then
  echo "the broker's dynamic security is as it should be"
else
  jq -r '.[] | "\(.command) \(.rolename // "") \(.groupname // "") \(.username // "")"' <<<"$commands" | tr -s ' '
  ask <<<"$commands" >/dev/null
fi
