# The entities of a request, each checked against the schema, with all that stands above each. Undefined if one does not fit.
package cardea.policy.entities

import data.cardea.cedar
import data.cardea.policy.schema

# From documents {"uid", "attrs", "parents", "tags"}. The hierarchy of actions is the schema's.
closed(documents) := object.union(known, schema.actions) if {
	others := [document | some document in documents; not cedar.uid_of(document.uid) in object.keys(schema.actions)]
	above := hierarchy({uid: parents |
		some document in others
		uid := cedar.uid_of(document.uid)
		parents := parents_of(document)
	})
	known := {uid: entity |
		some document in others
		uid := cedar.uid_of(document.uid)
		entity := checked(uid, document, above[uid])
	}

	# each fits, and none stands twice
	count(known) == count(others)
}

checked(uid, document, ancestors) := {
	"attributes": schema.attributes(uid[0], object.get(document, "attrs", {})),
	"tags": schema.tags(uid[0], object.get(document, "tags", {})),
	"ancestors": ancestors,
} if {
	schema.has_id(uid[0], uid[1])
	not uid in ancestors
	every ancestor in ancestors {
		ancestor[0] in schema.ancestor_types[uid[0]]
		schema.has_id(ancestor[0], ancestor[1])
	}
}

parents_of(document) := parents if {
	listed := object.get(document, "parents", [])
	parents := {cedar.uid_of(parent) | some parent in listed}
	every parent in listed { cedar.uid_of(parent) }
}

# Of each entity what can be reached from it over parents, also those that are not there themselves.
hierarchy(parents) := {uid: ancestors |
	some uid, direct in parents
	ancestors := graph.reachable(all, direct)
} if {
	all := object.union({parent: set() | some direct in parents; some parent in direct}, parents)
}
