# What nixpkgs lacks or has too old, and the suite itself.
final: prev: {
  pythonPackagesExtensions = prev.pythonPackagesExtensions ++ [
    (python: _previous: {
      hyundai-kia-connect-api = python.callPackage ./hyundai-kia-connect-api.nix { };
      iotcore = python.callPackage ./iotcore.nix { };
      renault-api = python.callPackage ./renault-api.nix { };
    })
  ];

  evcc-ems = final.python3.pkgs.callPackage ./evcc-ems.nix { };
  # With the embedded broker and the terminal view; the services need neither.
  evcc-ems-demo = final.evcc-ems.overridePythonAttrs (previous: {
    pname = "evcc-ems-demo";
    dependencies = previous.dependencies ++ [
      final.python3.pkgs.iotcore
      final.python3.pkgs.rich
    ];
  });
}
