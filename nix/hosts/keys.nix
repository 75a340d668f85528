# Who can read which secrets: age public keys. The two here are examples whose private halves were thrown away: put in
# yours (docs/deploy-nixos.md, steps 3 and 7), then write .sops.yaml anew.
{
  people = {
    owner = "age1l8qp83d4vkj5exnv2kw6f6s5ltqqajjw0j32jmkcth83fqpsypdstw4h7k";
  };
  nodes = {
    evcc-01 = "age18m9w8svarqy6ja7vwdhjcfhymavsu9sdafysz89cuuy8ywp4032s4q3f3e";
  };
}
