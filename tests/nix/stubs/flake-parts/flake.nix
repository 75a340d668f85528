# A stand-in for flake-parts, for tests alone: see ../README.md.
{
  outputs =
    { self }:
    {
      lib.mkFlake = _: module: module.flake;
    };
}
