# evcc-render FILTER TEMPLATE OUTPUT [environment]: writes evcc's settings with its credentials in place, readable by evcc alone.
filter=$1 template=$2 output=$3 environment=${4:-}

secrets=()
if [ -n "${CREDENTIALS_DIRECTORY:-}" ]; then
  for file in "$CREDENTIALS_DIRECTORY"/*; do
    # As files: an argument could be read in the list of processes.
    secrets+=(--rawfile "$(basename "$file")" "$file")
  done
fi

umask 077
jq "${secrets[@]}" --from-file "$filter" "$template" --args -- "$environment" >"$output.new"
mv "$output.new" "$output"
