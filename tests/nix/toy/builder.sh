# What nixpkgs' pypa hooks do: a wheel from the source, offline, installed below $out.
set -euo pipefail
export PATH=/usr/bin:/bin HOME=$NIX_BUILD_TOP PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$packages SOURCE_DATE_EPOCH=315532800
cp -r "$src" source
chmod -R u+w source
cd source
"$python" -m hatchling build -t wheel -d ../dist
"$python" "$install" ../dist/*.whl "$out"
cd "$NIX_BUILD_TOP"
for module in $pythonImportsCheck; do
  PYTHONPATH=$(echo "$out"/lib/python3*/site-packages):$packages "$python" -c "import $module, sys; assert sys.modules['$module'].__spec__.origin is None or sys.modules['$module'].__spec__.origin.startswith('$out')"
done
