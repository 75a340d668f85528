# Put the one in its place that nixos-generate-config has written on your machine.
{ boot.isContainer = true; }
