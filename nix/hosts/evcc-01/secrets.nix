# Secrets: encrypted in the repository, decrypted at start with the machine's own SSH key, handed out by systemd.
{
  sops = {
    defaultSopsFile = ../../secrets/evcc-01.yaml;
    age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
  };
}
