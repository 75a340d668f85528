# The commands that lead from the broker's state to the wanted one; none when it is there already.
#
# Input: the answers to listRoles, listGroups, listClients (verbose) and getDefaultACLAccess, in this order.
# $wanted[0]: what nix/lib/dynsec.nix says. $ARGS.positional: clients whose password the broker does not accept.
# $ARGS.named["password-NAME"]: the password of the client NAME, where there is one.
#
# Changing a role or a client disconnects its clients, so nothing is written that is so already. Memberships are only
# added: what a person gave a client besides stays. Roles are exact.

def password($client): $ARGS.named["password-\($client)"] // null | if . then rtrimstr("\n") else . end;
def by_name(key): map({(.[key]): .}) | add // {};
def acls: map({acltype, topic, allow, priority}) | sort;
def entries(key): map({(key): ., priority: -1});

$wanted[0] as $wanted
| (.[0].data.roles // [] | by_name("rolename")) as $roles
| (.[1].data.groups // [] | by_name("groupname")) as $groups
| (.[2].data.clients // [] | by_name("username")) as $clients
| (.[3].data.acls // [] | map({acltype, allow}) | sort) as $default

| [
    (if ($wanted.defaultACLAccess | sort) != $default
     then {command: "setDefaultACLAccess", acls: $wanted.defaultACLAccess} else empty end),

    ($wanted.roles[]
     | if $roles[.rolename] == null then {command: "createRole", rolename, acls}
       elif ($roles[.rolename].acls | acls) != (.acls | acls) then {command: "modifyRole", rolename, acls}
       else empty end),

    ($wanted.groups[]
     | . as $group
     | (if $groups[.groupname] == null then {command: "createGroup", groupname} else empty end),
       ((.roles - [$groups[.groupname].roles[]?.rolename])[]
        | {command: "addGroupRole", groupname: $group.groupname, rolename: .})),

    ($wanted.clients[]
     | . as $client
     | if $clients[.username] == null then
         if password(.username) == null then empty
         else {command: "createClient", username, password: password(.username),
               roles: (.roles | entries("rolename")), groups: (.groups | entries("groupname"))} end
       else
         ((.roles - [$clients[.username].roles[]?.rolename])[]
          | {command: "addClientRole", username: $client.username, rolename: .}),
         ((.groups - [$clients[.username].groups[]?.groupname])[]
          | {command: "addGroupClient", username: $client.username, groupname: .}),
         (if password(.username) != null and ($ARGS.positional | index($client.username))
          then {command: "setClientPassword", username, password: password(.username)} else empty end)
       end)
  ]
