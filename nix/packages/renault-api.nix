# Renault and Dacia clouds; nixpkgs has a version without the two-factor login that accounts need since 2026-06.
# The hash is that of the sdist on PyPI, computed as hyundai-kia-connect-api.nix says.
{
  lib,
  buildPythonPackage,
  fetchPypi,
  uv-build,
  aiohttp,
  marshmallow-dataclass,
  pyjwt,
}:
buildPythonPackage rec {
  pname = "renault-api";
  version = "0.6.2";
  pyproject = true;

  src = fetchPypi {
    pname = "renault_api";
    inherit version;
    hash = "sha256-t3z/IzovXH5yHv14TwlIxFwRkHMa+4ejlK6iRQ+ZE7w=";
  };

  # Any uv_build builds it; upstream pins the one of the day.
  postPatch = ''
    sed -i 's/"uv_build[^"]*"/"uv_build"/' pyproject.toml
  '';

  build-system = [ uv-build ];

  dependencies = [
    aiohttp
    marshmallow-dataclass
    pyjwt
  ];

  pythonImportsCheck = [ "renault_api" ];

  meta = {
    description = "Client for the cloud of Renault and Dacia cars";
    homepage = "https://github.com/hacf-fr/renault-api";
    license = lib.licenses.mit;
  };
}
