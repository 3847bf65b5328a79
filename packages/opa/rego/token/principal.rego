# What the token says of its principal, by the claims plan that it was packed with: attributes, groups and grants, each strictly of the
# form that packing gives them. A member that the plan does not name, or one that it must have and is not there, leaves it all undefined.
package cardea.token

import data.cardea.policy.schema
import data.cardea_data.settings

plan := settings.plans[claims.plan]

# A client that acts for itself is never taken for the person with the same id (RFC 9068 section 5).
principal := [settings.client_type, claims.sub] if {
	claims.sub == claims.client_id
} else := [settings.principal_type, claims.sub]

# The principal as an entity.
entity := {"attributes": attributes, "ancestors": (groups | teams), "tags": {}} if {
	attributes := schema.principal_attributes(claims.plan, principal[0], claims.attrs)
	are_grants_whole
}

planned_ancestors := object.get(plan.principals, [principal[0], "ancestors"], [])

groups := {[type, id] | some type, ids in claims.groups; some id in ids_of(ids)} if {
	is_object(claims.groups)
	count(object.keys(claims.groups) - {ancestor.type | some ancestor in planned_ancestors}) == 0
	every ancestor in planned_ancestors { is_planned_group_there(ancestor) }
	every ids in claims.groups { ids_of(ids) }
}

is_planned_group_there(ancestor) if ancestor.restrictive == false

is_planned_group_there(ancestor) if claims.groups[ancestor.type]

# Nobody fetches here what a token only names.
holds_its_grants if not "grants_ref" in object.keys(claims)

# Grants: [[name, ...], [granteeType, granteeId, [template, resourceType, ids], [template, resourceType, ids, ends]], ...]
packed_groups := [{"grantee": [names[row[0]], row[1]], "group": group} |
	some row in array.slice(claims.grants, 1, count(claims.grants))
	some group in array.slice(row, 2, count(row))
]

names := claims.grants[0]

grants := [grant |
	some each in packed_groups
	ids := ids_of(each.group[2])
	some index, id in ids
	grant := {
		"grantee": each.grantee,
		"template": names[each.group[0]],
		"resource": [names[each.group[1]], id],
		"until": end_of(each.group, index),
	}
]

# Far beyond any time where there is none.
end_of(group, _) := 9007199254740991 if count(group) == 3

end_of(group, index) := group[3][index] if count(group) == 4

# Every grant was read, is of a template of the plan, and was given to the principal or to what it may be in.
are_grants_whole if {
	is_array(claims.grants)
	holds_its_grants
	count(grants) == sum([count(ids_of(each.group[2])) | some each in packed_groups])
	every each in packed_groups { is_group_whole(each) }
	every row in array.slice(claims.grants, 1, count(claims.grants)) { count(row) > 2 }
	count(grants) <= 2000
}

is_group_whole(each) if {
	count(each.group) in {3, 4}
	count(ids_of(each.group[2])) > 0
	names[each.group[0]] in plan.templates
	schema.ancestor_types[names[each.group[1]]]
	is_possible_grantee(each.grantee)
}

is_possible_grantee(grantee) if grantee == principal

is_possible_grantee(grantee) if {
	grantee[0] in schema.ancestor_types[principal[0]]
	is_string(grantee[1])
}

# A grant that came by a team makes the team an ancestor.
teams := {grant.grantee | some grant in grants; grant.grantee != principal}

# What of the grants counts now, by template. The end is exclusive.
links := {template: named |
	some template in {grant.template | some grant in grants}
	named := [link |
		some grant in grants
		grant.template == template
		now < grant.until
		not is_grant_revoked(grant.grantee, grant.template, grant.resource)
		link := {
			"id": sprintf("%s(%s, %s)", [template, entity_text(grant.grantee), entity_text(grant.resource)]),
			"principal": grant.grantee,
			"resource": grant.resource,
		}
	]
}

entity_text(uid) := sprintf("%s::\"%s\"", [uid[0], replace(replace(uid[1], "\\", "\\\\"), "\"", "\\\"")])

# A list of ids: UUIDs in one text, 22 characters each, or the ids themselves.
ids_of(packed) := packed if {
	is_array(packed)
	every id in packed { is_id(id) }
}

ids_of(packed) := [id |
	some index in numbers.range(0, (count(packed) / 22) - 1)
	id := uuid_of(substring(packed, index * 22, 22))
] if {
	is_string(packed)
	regex.match(`^([A-Za-z0-9_-]{21}[AQgw])+$`, packed)
}

is_id(id) if {
	is_string(id)
	id != ""
	count(id) <= 256
}

uuid_of(packed) := concat("-", [
	substring(digits, 0, 8),
	substring(digits, 8, 4),
	substring(digits, 12, 4),
	substring(digits, 16, 4),
	substring(digits, 20, 12),
]) if {
	digits := hex.encode(base64url.decode(packed))
}
