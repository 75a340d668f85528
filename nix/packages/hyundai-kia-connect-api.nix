# Kia, Hyundai and Genesis clouds. The hash is that of the sdist on PyPI:
# pip download --no-deps --no-binary :all: hyundai-kia-connect-api==VERSION, then
# openssl dgst -sha256 -binary FILE | base64
{
  lib,
  buildPythonPackage,
  fetchPypi,
  setuptools,
  beautifulsoup4,
  certifi,
  pycryptodome,
  requests,
  tzdata,
}:
buildPythonPackage rec {
  pname = "hyundai-kia-connect-api";
  version = "4.41.2";
  pyproject = true;

  src = fetchPypi {
    pname = "hyundai_kia_connect_api";
    inherit version;
    hash = "sha256-DEW7KW/oK4kOwALfs0J0kuCLRUX1vNkh/SxuemQNC24=";
  };

  build-system = [ setuptools ];

  dependencies = [
    beautifulsoup4
    certifi
    pycryptodome
    requests
    tzdata
  ];

  # Upstream asks for the data releases of the week (certificates, time zones), the newest parser and a pycryptodome
  # that is younger than nixpkgs' 26.05; what a stable nixpkgs has is enough (tests/nix/rig/clouds.py ran with 3.23).
  pythonRelaxDeps = [
    "beautifulsoup4"
    "certifi"
    "pycryptodome"
    "tzdata"
  ];

  pythonImportsCheck = [ "hyundai_kia_connect_api" ];

  meta = {
    description = "Client for the clouds of Kia, Hyundai and Genesis cars";
    homepage = "https://github.com/Hyundai-Kia-Connect/hyundai_kia_connect_api";
    license = lib.licenses.mit;
  };
}
