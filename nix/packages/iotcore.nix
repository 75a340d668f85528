# The embedded broker of the demo (rumqttd), as its wheel.
{
  lib,
  stdenv,
  buildPythonPackage,
  fetchPypi,
  autoPatchelfHook,
}:
let
  wheels = {
    x86_64-linux = {
      platform = "manylinux_2_17_x86_64.manylinux2014_x86_64";
      hash = "sha256-h+dgctCj5NBErsvkWJD13ZktfkW+a6WOoGyA7wyoSdU=";
    };
    aarch64-linux = {
      platform = "manylinux_2_28_aarch64";
      hash = "sha256-M4C5Vzzsk2fP4ALhsbcJeXVwY0kuZ7mTt3DfolKzMhE=";
    };
  };
in
buildPythonPackage rec {
  pname = "iotcore";
  version = "0.4.0";
  format = "wheel";

  src = fetchPypi (
    {
      inherit pname version;
      format = "wheel";
      dist = "cp313";
      python = "cp313";
      abi = "cp313";
    }
    // wheels.${stdenv.hostPlatform.system}
  );

  nativeBuildInputs = [ autoPatchelfHook ];
  buildInputs = [ stdenv.cc.cc.lib ];

  pythonImportsCheck = [ "iotcore" ];

  meta = {
    description = "An MQTT broker inside a Python process";
    license = lib.licenses.mit;
    platforms = lib.attrNames wheels;
    sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
  };
}
