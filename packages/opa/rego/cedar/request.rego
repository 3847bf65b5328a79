# The request as the policies read it, and what of a scope holds for it.
package cardea.cedar

# With `own`, the entities of principal and resource, and what follows of them: `lineage`, each with what stands above it; `places`,
# where rows of the table of scopes can stand that are about it; and `standing`, all tests that hold. Of the links only those are kept
# that name nothing else.
request(parts) := object.union(parts, {
	"lineage": lineage,
	"places": object.union(lineage, {
		"action": (lineage.action | {["*", "*"]}),
		"principal": (lineage.principal | {["*", "*"]}),
	}),
	"standing": standing,
	"links": {template: near |
		some template, links in parts.links
		near := [link |
			some link in links
			object.get(link, "principal", parts.principal) in lineage.principal
			object.get(link, "resource", parts.resource) in lineage.resource
		]
	},
}) if {
	lineage := {
		"principal": ({parts.principal} | parts.own.principal.ancestors),
		"action": ({parts.action} | found(parts.action, parts.entities).ancestors),
		"resource": ({parts.resource} | parts.own.resource.ancestors),
	}
	standing := union({
		{[side, "in", entity] | some side, entities in lineage; some entity in entities},
		{[side, "==", parts[side]] | some side in ["principal", "action", "resource"]},
		{[side, "is", parts[side][0]] | some side in ["principal", "resource"]},
	})
}

# The ids under which the scope of a row holds: the row's own, or those of the links that fill the slots of its template.
ids_in_scope(row) := {row.id} if is_standing(row.tests)

ids_in_scope(row) := {link.id |
	some link in input.links[row.policy]
	object.keys(link) & {"principal", "resource"} == object.keys(row.slots)
	is_standing([[slot, relation, link[slot]] | some slot, relation in row.slots])
} if {
	is_standing(row.tests)
	not row.id
}

is_standing(tests) if {
	every test in tests { test in input.standing }
}
