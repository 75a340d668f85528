# A stand-in for sops-nix, for tests alone: see ../README.md.
{
  outputs =
    { self }:
    {
      nixosModules.sops = import ./module.nix;
    };
}
