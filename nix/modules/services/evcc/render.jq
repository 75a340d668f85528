# evcc's settings with their secrets in place: first ${NAME} and $NAME of the environment (services.evcc's
# environmentFile, as nixpkgs' envsubst does it), then every @credential:NAME@, which is what $ARGS.named holds.
#
# Only when the first argument says `environment`; else a dollar is a dollar.
def variable:
  if .braced then $ENV[.braced] // error("\(.braced) is not in the environment file")
  else $ENV[.bare] // "$\(.bare)" end;

def secret($name):
  $ARGS.named[$name] // error("no credential is named \($name)") | rtrimstr("\n");

walk(
  if type == "string" then
    (if $ARGS.positional[0] == "environment"
     then gsub("\\$(?:\\{(?<braced>[A-Za-z_][A-Za-z0-9_]*)\\}|(?<bare>[A-Za-z_][A-Za-z0-9_]*))"; variable) else . end)
    | gsub("@credential:(?<name>[A-Za-z0-9_.-]+)@"; secret(.name))
  else . end
)
