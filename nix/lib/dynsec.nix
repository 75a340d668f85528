# Who may do what on the broker, in the words of mosquitto's dynamic security: the registry's rights
# (nix/generated/access.json) below a prefix. Pure: rights in, wanted state out; nix/lib/dynsec/apply.sh makes it so.
{ lib }:
{
  rights,
  # Where the suite lives, and what evcc and everybody in the house share.
  prefix ? rights.prefix,
  root ? "evcc",
  # evcc's own root (its `mqtt.topic`), of which the gateway hears what rings.
  evccRoot ? rights.evcc,
  # Home Assistant's client on the broker.
  homeAssistant ? "homeassistant",
  # Filters of other projects that a service may receive, such as a car's own bridge.
  alsoReceive ? { },
  # Workers that plan for many homes (docs/scale.md): topic, group, homes (a filter of the homes' prefixes); null: none.
  workers ? null,
  # What is not allowed is forbidden, also for receiving.
  denyByDefault ? true,
}:
let
  acl = acltype: allow: priority: topic: {
    inherit
      acltype
      allow
      priority
      topic
      ;
  };
  send = acl "publishClientSend" true 0;
  # To receive is to subscribe and to be handed what comes.
  receive = topic: [
    (acl "publishClientReceive" true 0 topic)
    (acl "subscribePattern" true 0 topic)
  ];
  below = map (filter: "${prefix}/${filter}");
  # The shared tree, and those of these that lie elsewhere.
  trees = others: [ root ] ++ lib.filter (tree: tree != root && !lib.hasPrefix "${root}/" tree) others;

  service = name: its: {
    rolename = "ems-${name}";
    acls =
      map send (
        below its.send
        ++ [ its.discovery ]
        ++ lib.optional (workers != null && name == "tariff-planner") workers.topic
      )
      ++ lib.concatMap receive (below its.receive ++ [
        rights.birth
        # What it announced in an earlier life it must be able to take back.
        its.discovery
      ] ++ map (filter: "${evccRoot}/${filter}") its.evcc ++ alsoReceive.${name} or [ ]);
  };
  worker = "planner-worker";
  member = username: roles: groups: { inherit username roles groups; };
in
{
  defaultACLAccess = lib.mapAttrsToList (acltype: allow: { inherit acltype allow; }) {
    publishClientReceive = !denyByDefault;
    publishClientSend = false;
    subscribe = false;
    unsubscribe = true;
  };

  roles = [
    # The PRD's: whoever is in the group reads and writes everything of evcc.
    {
      rolename = "evcc-access";
      acls = lib.concatMap (tree: [ (send "${tree}/#") ] ++ receive "${tree}/#") (trees [ evccRoot ]);
    }
    # evcc erases what it sees below evcc/ at its start; the suite it must neither see nor touch.
    {
      rolename = "evcc-not-the-suite";
      acls = map (acltype: acl acltype false 10 "${prefix}/#") [
        "publishClientSend"
        "publishClientReceive"
        "subscribePattern"
      ];
    }
    {
      rolename = "evcc-homeassistant";
      acls =
        map send (below rights.users.send ++ [ rights.birth ])
        ++ lib.concatMap (tree: receive "${tree}/#") (trees [
          evccRoot
          prefix
        ])
        ++ receive "homeassistant/#";
    }
  ]
  ++ lib.mapAttrsToList service rights.services
  # Takes its share of the orders, never a copy of all of them, and answers planners.
  ++ lib.optional (workers != null) {
    rolename = "ems-${worker}";
    acls = [
      (send "${workers.homes}/reply/tariff-planner/+")
      (acl "publishClientReceive" true 0 workers.topic)
      (acl "subscribePattern" true 0 "$share/${workers.group}/${workers.topic}")
    ];
  };

  groups = [
    {
      groupname = "evcc-devices";
      roles = [ "evcc-access" ];
    }
  ];

  clients = [
    (member "evcc" [ "evcc-not-the-suite" ] [ "evcc-devices" ])
    (member homeAssistant [ "evcc-homeassistant" ] [ ])
  ]
  ++ map (name: member name [ "ems-${name}" ] [ ]) (
    lib.attrNames rights.services ++ lib.optional (workers != null) worker
  );
}
