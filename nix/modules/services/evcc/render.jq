# evcc's settings with every @credential:NAME@ replaced by what $ARGS.named holds under NAME.
def secret($name):
  $ARGS.named[$name] // error("no credential is named \($name)") | rtrimstr("\n");

walk(
  if type == "string" then gsub("@credential:(?<name>[A-Za-z0-9_.-]+)@"; secret(.name)) else . end
)
