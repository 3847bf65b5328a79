# The decision on a request: a document of Cedar's own JSON forms, checked against the schema before any policy sees it.
#
#   input := {
#     "principal": {"type", "id"}, "action": {"type", "id"}, "resource": {"type", "id"},
#     "context": {...},
#     "entities": [{"uid": {"type", "id"}, "attrs": {...}, "parents": [{"type", "id"}, ...], "tags": {...}}, ...],
#     "links": [{"id", "template", "principal": {"type", "id"}, "resource": {"type", "id"}}, ...],
#   }
package cardea.policy

import data.cardea.cedar
import data.cardea.policy.entities
import data.cardea.policy.rules
import data.cardea.policy.schema

# What does not fit the schema is a deny, as an error is.
default decision := {
	"decision": "deny",
	"reason": "forbid-error",
	"determining": [],
	"errors": [{"policy": "", "code": "ERR_OPA_REQUEST"}],
}

decision := made if made := rules.decision with input as request

# The request as the policies read it.
request := cedar.request({
	"principal": principal,
	"action": action,
	"resource": resource,
	"context": schema.context(action, object.get(input, "context", {})),
	"entities": known,
	"own": {"principal": cedar.found(principal, known), "resource": cedar.found(resource, known)},
	"links": links,
}) if {
	principal := cedar.uid_of(input.principal)
	action := cedar.uid_of(input.action)
	resource := cedar.uid_of(input.resource)
	schema.applies(action, principal, resource)
	known := entities.closed(object.get(input, "entities", []))
}

links := {template: named |
	some template in {link.template | some link in all_links}
	named := [link | some link in all_links; link.template == template]
} if {
	count(all_links) == count(object.get(input, "links", []))
}

# A link that names what is no entity is none, and then there are no links at all.
all_links := [link |
	some document in object.get(input, "links", [])
	slots := {slot: uid | some slot in ["principal", "resource"]; uid := cedar.uid_of(document[slot])}
	object.keys(slots) == {"principal", "resource"} & object.keys(document)
	link := object.union({"id": document.id, "template": document.template}, slots)
]
